"""What no lab's answer may change, whatever it is about.

`remember_kit` runs once after set-up; the functions kit_<name> run at each grading, by the same
pytest as a lab's own checks. A lab says in lab.yml what it lets change.
"""

from __future__ import annotations

import shlex
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading.author import expect, not_checked

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading.author import Baseline
    from ironlab.labs.grading.plan import Allowed

# units of these kinds that are enabled (or mounted from fstab) must stay so
KINDS = (".service", ".socket", ".timer", ".path", ".mount", ".swap")
KEPT = ("enabled", "generated")
STATIC = ("systemd-journald.service", "systemd-logind.service", "systemd-udevd.service")
LISTENING = {("tcp", "0A"), ("udp", "07")}  # the states of /proc/net that wait for others
# UDP sockets of clients look like a server's: DHCP's (IPv4, IPv6), and those of a port at random
DHCP_CLIENTS = (68, 546)
EPHEMERAL = range(32768, 61000)

# list-unit-files takes half a second, this a tenth of it; what is enabled is loaded
UNITS = "systemctl show '*' --no-pager --property=Id,ActiveState,UnitFileState"
PORTS = "cd /proc/net && grep -s '' tcp tcp6 udp udp6"
SELINUX = (
    "if [ -e /sys/fs/selinux/enforce ]; then cat /sys/fs/selinux/enforce; echo;"  # it ends no line
    " sed -n 's/^SELINUX=//p' /etc/selinux/config; fi"
)


def remember_kit(hosts: dict[str, Host], allowed: Allowed) -> dict[str, Any]:
    """How the hosts are after set-up."""
    return {
        alias: {
            "selinux": _selinux(host),
            "units": _units(host),
            "ports": sorted(_ports(host)),
            "data": _checksums(host, allowed.data) if alias == "box" else [],
        }
        for alias, host in hosts.items()
    }


def kit_ssh(hosts: dict[str, Host]) -> None:
    """That we are here shows that the login and sudo work; sshd must start again too."""
    for alias, host in hosts.items():
        tested = host.run("sshd -t")
        expect(f"{alias}: sshd -t", found=tested.stderr.strip() or tested.rc, wanted=0)


def kit_selinux(hosts: dict[str, Host], baseline: Baseline) -> None:
    """Now and after the next boot."""
    if not any(baseline["kit"][alias]["selinux"] for alias in hosts):
        not_checked("the host has no SELinux")
    for alias, host in hosts.items():
        before = baseline["kit"][alias]["selinux"]
        if before:
            now = _selinux(host) or ["switched off", "switched off"]
            expect(f"{alias}: SELinux now", found=now[0], wanted=before[0])
            expect(f"{alias}: SELinux at boot", found=now[1], wanted=before[1])


def kit_units(hosts: dict[str, Host], baseline: Baseline, allowed: Allowed) -> None:
    """Enabled stays enabled, what of it was active stays active, nothing new has failed."""
    for alias, host in hosts.items():
        before, now = baseline["kit"][alias]["units"], _units(host)
        for state in ("enabled", "active"):
            gone = _others(set(before[state]) - set(now[state]), allowed.units)
            expect(f"{alias}: units no longer {state}", found=gone, wanted=[])
        failed = _others(set(now["failed"]) - set(before["failed"]), allowed.units)
        expect(f"{alias}: failed units", found=failed, wanted=[])


def kit_ports(hosts: dict[str, Host], baseline: Baseline, allowed: Allowed) -> None:
    """Listening where others can reach it."""
    for alias, host in hosts.items():
        new = _ports(host) - set(baseline["kit"][alias]["ports"]) - set(allowed.ports)
        expect(f"{alias}: new open ports", found=sorted(new), wanted=[])


def kit_data(hosts: dict[str, Host], baseline: Baseline, allowed: Allowed) -> None:
    """By the checksum of each file, under the names they had."""
    before = set(baseline["kit"]["box"]["data"])
    now = set(_checksums(hosts["box"], allowed.data))
    changed = {line.partition("  ")[2] for line in before ^ now}
    expect("changed, missing or new files", found=sorted(changed), wanted=[])


def _others(units: set[str], globs: list[str]) -> list[str]:
    return sorted(unit for unit in units if not any(fnmatchcase(unit, glob) for glob in globs))


def _selinux(host: Host) -> list[str]:
    """Its mode now and the configured one; empty where there is none."""
    now, *configured = host.run(SELINUX).stdout.lower().split() or [""]
    if not now:
        return []
    return ["enforcing" if now == "1" else "permissive", *(configured[:1] or ["not set"])]


def _units(host: Host) -> dict[str, list[str]]:
    """The units that matter: enabled ones, those of them that are active, and failed ones."""
    enabled, active, failed = set(), set(), set()
    for block in host.run(UNITS).stdout.split("\n\n"):
        unit = dict(line.partition("=")[::2] for line in block.splitlines())
        name, state = unit.get("Id", ""), unit.get("ActiveState")
        if name.endswith(KINDS) and unit.get("UnitFileState") in KEPT:
            enabled.add(name)
        if state == "active" and (name in enabled or name in STATIC):
            active.add(name)
        if state == "failed":
            failed.add(name)
    return {"enabled": sorted(enabled), "active": sorted(active), "failed": sorted(failed)}


def _ports(host: Host) -> set[str]:
    """Such as 80/tcp: without those that only the host itself can reach."""
    found = set()
    for line in host.run(PORTS).stdout.splitlines():
        table, _, rest = line.partition(":")
        protocol = table[:3]
        match rest.split():
            case [_, local, _, state, *_] if (protocol, state) in LISTENING:
                address, _, port = local.partition(":")
                number = int(port, 16)
                client = number in EPHEMERAL or number in DHCP_CLIENTS
                if not _loopback(address) and not (protocol == "udp" and client):
                    found.add(f"{number}/{protocol}")
    return found


def _loopback(address: str) -> bool:
    """By the kernel's hexadecimal, little-endian words."""
    if address == "0" * 24 + "01000000":
        return True
    short = address.removeprefix("0000000000000000FFFF0000")
    return len(short) == 8 and short.endswith("7F")  # noqa: PLR2004 - one word: IPv4


def _checksums(host: Host, paths: list[str]) -> list[str]:
    """A line for each file."""
    if not paths:
        return []
    names = " ".join(shlex.quote(path) for path in paths)
    command = f"find {names} -type f -print0 | sort -z | xargs -0 --no-run-if-empty sha256sum"
    return list(host.run(command).stdout.splitlines())
