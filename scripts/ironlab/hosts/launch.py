"""How podman is asked for a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.hosts import network

if TYPE_CHECKING:
    from ironlab.hosts import HostState
    from ironlab.hosts.limits import Limits

# NET_ADMIN: firewalld. NET_RAW: ping. AUDIT_WRITE: pam's records. SYS_PTRACE: `ss -p` and strace
# on other users' processes. SYS_ADMIN: units that systemd sandboxes (PrivateDevices=, seccomp):
# without it those with User= don't start on EL 10, and on EL 9 run with no sandbox; and on a
# machine with cgroup v1 systemd mounts cgroup2 for itself with it, without which it now and then
# misses that a stopped unit is empty (`systemctl stop` hung in 1 of 8 to 170 tries; 0 of 120 with).
# It makes root in a host nearly root on this machine: hosts are for one's own playbooks only.
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "AUDIT_WRITE", "SYS_PTRACE", "SYS_ADMIN")


def arguments(container: str, host: HostState, reference: str, limits: Limits) -> list[str]:
    """The `podman create` that makes `container` from the image `reference` as host `host`."""
    labels = {"host": host.name, "image": host.image, "address": host.address}
    return [
        *([f"--runtime={limits.runtime}"] if limits.runtime else []),
        "create",
        "--replace",  # what a run that was killed has left
        f"--name={container}",
        f"--hostname={host.name}",
        "--no-hosts",  # else podman writes /etc/hosts anew at each start: changes to it are lost
        f"--network={network.NAME}",
        f"--ip={host.address}",
        f"--mac-address={network.mac_address(host.address)}",
        "--systemd=always",
        "--stop-signal=SIGRTMIN+3",  # systemd's signal for an orderly shutdown
        "--pull=never",
        "--shm-size=512m",  # a machine has half its memory there, podman's default is 64 MB
        *(f"--cap-add={capability}" for capability in CAPABILITIES),
        *limits.ulimits,
        *(f"--label=ironlab.{key}={value}" for key, value in labels.items()),
        reference,
    ]
