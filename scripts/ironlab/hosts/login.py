"""Wait for a host that boots, by the way that everybody uses: ssh."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from ironlab.hosts import identity
from ironlab.process import Done

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.hosts import Host
    from ironlab.process import Run

BOOT_SECONDS = 40.0
LOOK_SECONDS = 0.03  # between two looks
CONNECT_SECONDS = 1.0
SSH_FAILED = 255  # ssh's own exit code: not the command's


def command(host: Host, *options: str) -> list[str]:
    """The ssh command that reaches the host, without asking anything."""
    target = f"{host.user}@{host.address}"
    batch = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
    return ["ssh", *batch, *identity.ssh_options(), "-p", str(host.port), *options, target]


def wait(
    host: Host,
    run: Run,
    seconds: float = BOOT_SECONDS,
    hopeless: Callable[[], bool] = lambda: False,
) -> Done:
    """Log in as soon as that works; the answer is systemd's state once the boot is over.

    Args:
        host: the host that boots.
        run: runs ssh.
        seconds: how long that may take.
        hopeless: whether it is known by now that the host will not come up.
    """
    deadline = time.monotonic() + seconds
    answer = Done(SSH_FAILED, "", f"no ssh server within {seconds:g} s")
    while _listens(host, deadline, hopeless):
        rest = deadline - time.monotonic()
        argv = [*command(host), "systemctl", "is-system-running", "--wait"]
        answer = run(argv, timeout=max(rest, LOOK_SECONDS))
        if answer.code != SSH_FAILED or rest <= 0:
            break
        time.sleep(LOOK_SECONDS)  # early in the boot pam lets only root in
    return answer


def listens(host: Host, seconds: float) -> bool:
    """Wait for an ssh server."""
    return _listens(host, time.monotonic() + seconds, lambda: False)


def _listens(host: Host, deadline: float, hopeless: Callable[[], bool]) -> bool:
    while time.monotonic() < deadline and not hopeless():
        try:
            with socket.create_connection((host.address, host.port), CONNECT_SECONDS) as connection:
                if connection.recv(4) == b"SSH-":
                    return True
        except OSError:
            pass
        time.sleep(LOOK_SECONDS)
    return False
