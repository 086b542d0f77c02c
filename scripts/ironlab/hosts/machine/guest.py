"""What a machine that starts from a saved state has to be told: the time, and who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import login

if TYPE_CHECKING:
    from ironlab.hosts import Host
    from ironlab.hosts.machine.spec import Spec
    from ironlab.process import Run

SECONDS = 120.0
# The machine's own hardware clock went on while the machine stood still. It is read here and not by
# hwclock, which waits for the clock's next tick, and may miss it.
TIME = "date --utc --set=@$(cat /sys/class/rtc/rtc0/since_epoch).5 > /dev/null\n"
# The host's own name is what `podman create --hostname` gives a container.
NEW = """\
printf '%s\\n' {name} > /etc/hostname
hostname {name}
udevadm wait --timeout=60 {devices}
"""
STATE = "systemctl is-system-running --wait\n"


def wake(run: Run, host: Host, spec: Spec, *, new: bool, degraded: bool) -> Host:
    """Tell a machine the time, and a new one its name; see that all its units run.

    Args:
        run: runs ssh.
        host: the machine.
        spec: what it has to be.
        new: it does not know its name yet.
        degraded: also take a machine with failed units.
    """
    disks = [f"/dev/vd{chr(ord('b') + index)}" for index in range(len(spec.disks))]
    devices = " ".join([*disks, "/sys/class/net/ens4"])
    login.listens(host, SECONDS)
    who = NEW.format(name=spec.name, devices=devices) if new else ""
    argv = [*login.command(host), "sudo", "sh"]
    answer = run(argv, stdin=f"{TIME}{who}{STATE}".encode(), timeout=SECONDS)
    said = answer.out.strip()
    if said == "running" or (degraded and said == "degraded"):
        return host
    message = f"host {host.name} at port {host.port} is not ready: {said or answer.reason}"
    remedy = f"look at it: ./ironlab host console {host.name}"
    raise IronlabError(message, remedy, ExitCode.UNREACHABLE)
