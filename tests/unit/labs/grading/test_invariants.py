"""The kit-wide invariants, over what a host would answer."""

from __future__ import annotations

import copy
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.labs.grading import NotChecked, Probe, Unmet, invariants
from ironlab.labs.grading.backend import host as make_host
from ironlab.labs.grading.plan import Allowed, items

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testinfra.host import Host

    from ironlab.labs.model import Lab

UNITS = {
    "sshd.service": ("active", "enabled"),
    "crond.service": ("active", "enabled"),
    "rare.service": ("inactive", "enabled"),
    "data.mount": ("active", "generated"),
    "systemd-logind.service": ("active", "static"),
    "systemd-hostnamed.service": ("active", "static"),
    "started-by-hand.service": ("active", "disabled"),
    "old.service": ("failed", "disabled"),
    "multi-user.target": ("active", "enabled"),
}
SOCKETS = """\
tcp:  sl  local_address rem_address   st tx_queue
tcp:   0: 00000000:0016 00000000:0000 0A 00000000:00000000
tcp:   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000
tcp:   2: 0A4D0082:0016 0A4D0001:BB7A 01 00000000:00000000
tcp6:   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0
tcp6:   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0
tcp6:   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 0
udp:   0: 00000000:0043 00000000:0000 07 00000000:00000000
udp:   1: 00000000:C001 00000000:0000 07 00000000:00000000
"""


class Machine:
    """Answers the invariants' commands."""

    def __init__(self) -> None:
        self.units = dict(UNITS)
        self.sockets = SOCKETS
        self.selinux = "1\nenforcing\n"
        self.sshd = (0, "")
        self.sums = ["11  /srv/a", "22  /srv/b"]

    def ask(self, alias: str, command: str, limit: float) -> Probe:
        assert limit > 0
        rc, out, err = 0, "", ""
        if command == invariants.UNITS:
            blocks = [
                f"Id={name}\nActiveState={active}\nUnitFileState={enabled}"
                for name, (active, enabled) in self.units.items()
            ]
            out = "\n\n".join(blocks) + "\n"
        elif command == invariants.PORTS:
            out = self.sockets
        elif command == invariants.SELINUX:
            out = self.selinux
        elif command == "sshd -t":
            rc, err = self.sshd
        elif "sha256sum" in command:
            assert command.startswith("find /srv -type f")
            out = "\n".join(self.sums) + "\n"
        else:
            pytest.fail(f"unexpected: {command}")
        return Probe(host=alias, command=command, rc=rc, stdout=out, stderr=err)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def hosts(machine: Machine) -> dict[str, Host]:
    return {"box": make_host("box", machine.ask)}


ALLOWED = Allowed(units=["tuned.*"], ports=["8081/tcp"], data=["/srv"])


@pytest.fixture
def baseline(hosts: dict[str, Host]) -> dict[str, Any]:
    return {"kit": copy.deepcopy(invariants.remember_kit(hosts, ALLOWED))}


def test_an_untouched_host_breaks_nothing(hosts: dict[str, Host], baseline: dict[str, Any]) -> None:
    invariants.kit_ssh(hosts)
    invariants.kit_selinux(hosts, baseline)
    invariants.kit_units(hosts, baseline, ALLOWED)
    invariants.kit_ports(hosts, baseline, ALLOWED)
    invariants.kit_data(hosts, baseline, ALLOWED)


def test_what_is_remembered(baseline: dict[str, Any]) -> None:
    box = baseline["kit"]["box"]
    assert box["units"] == {
        "enabled": ["crond.service", "data.mount", "rare.service", "sshd.service"],
        "active": ["crond.service", "data.mount", "sshd.service", "systemd-logind.service"],
        "failed": ["old.service"],
    }
    assert box["ports"] == ["22/tcp", "67/udp"]
    assert box["selinux"] == ["enforcing", "enforcing"]
    assert box["data"] == ["11  /srv/a", "22  /srv/b"]


@pytest.mark.parametrize(
    ("unit", "state", "message"),
    [
        ("crond.service", ("inactive", "enabled"), "no longer active: found crond.service"),
        ("crond.service", ("active", "disabled"), "no longer enabled: found crond.service"),
        ("crond.service", ("inactive", "masked"), "no longer enabled: found crond.service"),
        ("rare.service", None, "no longer enabled: found rare.service"),
        ("data.mount", None, "no longer enabled: found data.mount"),
        ("systemd-logind.service", None, "no longer active: found systemd-logind.service"),
        ("new.service", ("failed", "enabled"), "failed units: found new.service"),
        ("crond.service", ("failed", "enabled"), "no longer active: found crond.service"),
    ],
)
def test_a_unit_that_is_worse_off(  # noqa: PLR0913, PLR0917 - a case and its hosts
    unit: str,
    state: tuple[str, str] | None,
    message: str,
    machine: Machine,
    hosts: dict[str, Host],
    baseline: dict[str, Any],
) -> None:
    if state is None:
        del machine.units[unit]
    else:
        machine.units[unit] = state
    with pytest.raises(Unmet, match=message):
        invariants.kit_units(hosts, baseline, ALLOWED)
    invariants.kit_units(hosts, baseline, Allowed(units=[unit.replace(".", "*.")]))


@pytest.mark.parametrize(
    ("unit", "state"),
    [
        ("systemd-hostnamed.service", None),
        ("started-by-hand.service", ("inactive", "disabled")),
        ("old.service", ("inactive", "disabled")),
        ("rare.service", ("active", "enabled")),
        ("new.service", ("active", "enabled")),
        ("tuned.service", ("failed", "enabled")),
    ],
)
def test_a_unit_that_may_change(
    unit: str,
    state: tuple[str, str] | None,
    machine: Machine,
    hosts: dict[str, Host],
    baseline: dict[str, Any],
) -> None:
    machine.units.pop(unit, None)
    if state is not None:
        machine.units[unit] = state
    invariants.kit_units(hosts, baseline, ALLOWED)


def test_a_host_whose_systemd_does_not_answer_is_broken(
    machine: Machine, hosts: dict[str, Host], baseline: dict[str, Any]
) -> None:
    machine.units = {}
    with pytest.raises(Unmet):
        invariants.kit_units(hosts, baseline, ALLOWED)


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("tcp:   9: 00000000:1F91 00000000:0000 0A 0", None),  # 8081, allowed
        ("tcp:   9: 00000000:1F92 00000000:0000 0A 0", "8082/tcp"),
        ("tcp:   9: 0A4D0082:1F92 00000000:0000 0A 0", "8082/tcp"),
        ("tcp:   9: 0100007F:1F92 00000000:0000 0A 0", None),  # loopback
        ("tcp:   9: 3500007F:1F92 00000000:0000 0A 0", None),  # 127.0.0.53
        ("tcp:   9: 00000000:1F92 0A4D0001:0050 01 0", None),  # a connection
        (f"tcp6:   9: {'0' * 32}:1F92 {'0' * 32}:0000 0A 0", "8082/tcp"),
        ("udp:   9: 00000000:1F91 00000000:0000 07 0", "8081/udp"),  # tcp is allowed, not udp
        ("udp:   9: 00000000:EA5F 00000000:0000 07 0", None),  # 59999: a client's
        ("udp:   9: 00000000:0044 00000000:0000 07 0", None),  # 68: a DHCP client
        ("tcp:   9: 00000000:EA5F 00000000:0000 0A 0", "59999/tcp"),
    ],
)
def test_a_new_port(
    line: str,
    port: str | None,
    machine: Machine,
    hosts: dict[str, Host],
    baseline: dict[str, Any],
) -> None:
    machine.sockets += line + "\n"
    if port is None:
        invariants.kit_ports(hosts, baseline, ALLOWED)
    else:
        with pytest.raises(Unmet, match=f"new open ports: found {port}"):
            invariants.kit_ports(hosts, baseline, ALLOWED)


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ("0\nenforcing\n", "SELinux now: found permissive, wanted enforcing"),
        ("1\npermissive\n", "SELinux at boot: found permissive, wanted enforcing"),
        ("", "SELinux now: found switched off"),
        ("1\n", "SELinux at boot: found not set"),
    ],
)
def test_selinux_in_another_mode(
    now: str, message: str, machine: Machine, hosts: dict[str, Host], baseline: dict[str, Any]
) -> None:
    machine.selinux = now
    with pytest.raises(Unmet, match=message):
        invariants.kit_selinux(hosts, baseline)


def test_the_kernel_says_its_mode_without_an_end_of_line(tmp_path: Path) -> None:
    (tmp_path / "enforce").write_text("0", encoding="ascii")
    (tmp_path / "config").write_text("SELINUX=enforcing\nSELINUXTYPE=targeted\n", encoding="ascii")
    command = invariants.SELINUX.replace("/sys/fs/selinux", str(tmp_path))
    command = command.replace("/etc/selinux", str(tmp_path))
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert said.stdout == "0\nenforcing\n"


def test_a_host_without_selinux_is_not_checked(machine: Machine, hosts: dict[str, Host]) -> None:
    machine.selinux = ""
    baseline = {"kit": invariants.remember_kit(hosts, ALLOWED)}
    with pytest.raises(NotChecked, match="no SELinux"):
        invariants.kit_selinux(hosts, baseline)


@pytest.mark.parametrize(
    ("sums", "found"),
    [
        (["11  /srv/a", "23  /srv/b"], "/srv/b"),
        (["11  /srv/a"], "/srv/b"),
        (["11  /srv/a", "22  /srv/b", "33  /srv/c"], "/srv/c"),
    ],
    ids=["changed", "missing", "new"],
)
def test_data_that_changed(
    sums: list[str],
    found: str,
    machine: Machine,
    hosts: dict[str, Host],
    baseline: dict[str, Any],
) -> None:
    machine.sums = sums
    with pytest.raises(Unmet, match=f"found {found}, wanted nothing"):
        invariants.kit_data(hosts, baseline, ALLOWED)


def test_an_invalid_sshd_configuration(machine: Machine, hosts: dict[str, Host]) -> None:
    machine.sshd = (255, "line 98: Bad configuration option\n")
    with pytest.raises(Unmet, match="Bad configuration option"):
        invariants.kit_ssh(hosts)
    machine.sshd = (1, "")
    with pytest.raises(Unmet):
        invariants.kit_ssh(hosts)


def test_no_data_means_no_search(hosts: dict[str, Host]) -> None:
    assert invariants.remember_kit(hosts, Allowed())["box"]["data"] == []


def test_a_lab_says_which_invariants_it_has(make_lab: Callable[..., Lab]) -> None:
    def kit(**more: Any) -> set[str]:  # noqa: ANN401 - fields of lab.yml
        lab = make_lab("def test_a():\n    assert 1\n", "a", **more)
        return {item.id for item in items(lab) if item.kind == "kit"}

    assert kit() == {"kit-ssh", "kit-selinux", "kit-units", "kit-ports"}
    assert kit(data=["/srv"]) == kit() | {"kit-data"}
    assert kit(may_change={"selinux": True}) == kit() - {"kit-selinux"}
