"""The ways into a hardened host, its clock and its logs, as the running services say."""

from __future__ import annotations

import json
import os
import re
import socket
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import testinfra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testinfra.backend.base import CommandResult
    from testinfra.host import Host

FILES = Path(__file__).parents[3] / "roles" / "hardening" / "files"
DROPIN = "/etc/ssh/sshd_config.d/00-ironlab.conf"
CONTAINER_DROPIN = "/etc/systemd/system/chronyd.service.d/ironlab.conf"


def read(name: str) -> str:
    """Text of one of the role's scripts."""
    return (FILES / name).read_text(encoding="utf-8")


def address_of(host: Host) -> str:
    """The host's address as the controller reaches it."""
    first = host.check_output("ip -4 -o address show scope global").splitlines()[0]
    return str(first.split()[3].split("/")[0])


def survey(host: Host, **environment: str) -> dict[str, Any]:
    """What the role's look at the host says under other settings."""
    settings = {
        "ALLOW_USERS": "",
        "ALLOW_GROUPS": "",
        "ROOT_LOGIN": "no",
        "PASSWORDS": "no",
        "PACKAGES": "chrony no-such-package",
        "PATHS": "/etc /nowhere",
        "UNITS": "chronyd.service no-such.service",
    } | environment
    assigned = " ".join(f"{name}='{value}'" for name, value in settings.items())
    answer = host.check_output(f"env SUDO_USER=admin {assigned} bash -c %s", read("survey.sh"))
    found: dict[str, Any] = json.loads(answer)
    return found


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("permitrootlogin", "without-password"),
        ("passwordauthentication", "no"),
        ("kbdinteractiveauthentication", "no"),
        ("permitemptypasswords", "no"),
        ("x11forwarding", "no"),
        ("allowagentforwarding", "no"),
        ("allowtcpforwarding", "local"),
        ("maxauthtries", "5"),
        ("logingracetime", "30"),
    ],
)
def test_sshd_uses_the_setting(host: Host, keyword: str, value: str) -> None:
    assert f"{keyword} {value}" in host.check_output("/usr/sbin/sshd -T").splitlines()


@pytest.mark.parametrize("user", ["admin", "root"])
def test_password_is_refused_over_the_wire(host: Host, user: str) -> None:
    """The server names the methods that it would go on with: password is not one of them."""
    controller = testinfra.get_host("local://")
    answer = controller.run(
        "ssh -F %s -o ControlPath=none -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=0"
        " -o PreferredAuthentications=password,keyboard-interactive -l %s %s true",
        str(Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "ssh_config")),
        user,
        host.backend.host.name,
    )
    offered = re.search(r"Permission denied \(([a-z,-]+)\)", answer.stderr)
    assert offered, answer.stderr
    assert "publickey" in offered[1].split(",")
    assert not {"password", "keyboard-interactive"} & set(offered[1].split(","))


def test_survey_finds_the_administrator(host: Host) -> None:
    found = survey(host)
    assert [found[name] for name in ("login", "users", "admins")] == ["admin", ["admin"], ["admin"]]


def test_survey_finds_what_is_still_to_do(host: Host) -> None:
    found = survey(host)
    assert found["packages"] == ["no-such-package"]
    assert found["absent"] == ["/nowhere"]
    assert found["idle"] == ["no-such.service"]
    assert (found["open"], found["half"]) == (["8443/tcp", "ssh"], [])


@pytest.mark.parametrize(
    "settings",
    [{"ALLOW_USERS": "somebody"}, {"ALLOW_GROUPS": "users"}],
    ids=["users", "groups"],
)
def test_survey_sees_a_lock_out(host: Host, settings: dict[str, str]) -> None:
    assert survey(host, **settings)["admins"] == []


def test_survey_tells_key_from_no_key(host: Host) -> None:
    """An administrator without a key could only come in by password."""
    host.check_output("useradd -G wheel -p '$6$unusable' keyless")
    try:
        assert "keyless" not in survey(host)["admins"]
        assert "keyless" in survey(host, PASSWORDS="yes")["users"]
    finally:
        host.check_output("userdel -r keyless")


def check_sshd(host: Host, candidate: str) -> CommandResult:
    """What the role's check says about a drop-in."""
    return host.run("bash -c %s check-sshd %s", read("check-sshd.sh"), candidate)


def test_good_sshd_settings_are_accepted(host: Host) -> None:
    assert check_sshd(host, DROPIN).rc == 0


def test_unknown_sshd_setting_is_refused(host: Host) -> None:
    host.check_output("{ cat %s; echo NoSuchKeyword yes; } >/root/candidate", DROPIN)
    refused = check_sshd(host, "/root/candidate")
    assert refused.rc == 1
    assert "Bad configuration option" in refused.stderr


def test_overruled_sshd_setting_is_refused(host: Host) -> None:
    """The first value counts for sshd, and another file comes first."""
    first = "/etc/ssh/sshd_config.d/00-before.conf"
    host.check_output("echo PasswordAuthentication yes >%s", first)
    refused = check_sshd(host, DROPIN)
    host.check_output("rm %s", first)
    assert refused.rc == 1
    assert "sshd would not use 'passwordauthentication no'" in refused.stderr


@pytest.mark.parametrize("when", ["", "--permanent"], ids=["now", "at boot"])
def test_default_zone_has_only_what_is_listed(host: Host, when: str) -> None:
    assert host.check_output(f"firewall-cmd {when} --list-services") == "ssh"
    assert host.check_output(f"firewall-cmd {when} --list-ports") == "8443/tcp"


@pytest.fixture(scope="module")
def listeners(host: Host) -> Iterator[None]:
    """Something that listens on an open port, and on one that the firewall closes."""
    for port in (8443, 8444):
        unit = f"listener-{port}"
        host.check_output(f"systemd-run --unit {unit} python3 -m http.server {port}")
        wait = f"timeout 20 sh -c 'until ss -Hltn sport = :{port} | grep -q .; do sleep 0.1; done'"
        host.check_output(wait)
    yield
    host.check_output("systemctl stop listener-8443 listener-8444")


@pytest.mark.usefixtures("listeners")
def test_open_port_is_reached(host: Host) -> None:
    with socket.create_connection((address_of(host), 8443), timeout=5):
        pass


@pytest.mark.usefixtures("listeners")
def test_closed_port_is_not_reached(host: Host) -> None:
    with pytest.raises(OSError, match=r"refused|timed out|No route|unreachable"):
        socket.create_connection((address_of(host), 8444), timeout=2)


@pytest.mark.parametrize("name", ["sshd", "firewalld", "chronyd", "systemd-journald"])
def test_service_runs(host: Host, name: str) -> None:
    assert host.service(name).is_running


@pytest.mark.parametrize("name", ["sshd", "firewalld", "chronyd"])
def test_service_starts_at_boot(host: Host, name: str) -> None:
    assert host.service(name).is_enabled


def test_chronyd_asks_the_named_server(host: Host) -> None:
    assert "192.0.2.1" in host.check_output("chronyc -n sources")
    assert "Leap status" in host.check_output("chronyc -n tracking")


def test_chronyd_sets_the_clock_only_where_it_may(host: Host) -> None:
    bounds = int(host.check_output("awk '/^CapBnd/ {print $2}' /proc/1/status"), 16)
    may_set = bool(bounds >> 25 & 1)
    arguments = host.process.filter(comm="chronyd")[0].args.split()
    assert ("-x" in arguments) is not may_set
    assert host.file(CONTAINER_DROPIN).exists is not may_set


def test_journal_is_on_disk(host: Host) -> None:
    """What is logged now, and what was logged before the role ran, is under /var/log."""
    host.check_output("logger -t ironlab-test kept && journalctl --sync")
    on_disk = "journalctl --directory /var/log/journal"
    assert "kept" in host.check_output(f"{on_disk} -t ironlab-test")
    assert host.check_output(f"{on_disk} -b _PID=1 _COMM=systemd -n 1 --quiet")
    assert host.run("find /run/log/journal -name '*.journal'").stdout == ""


def test_journal_outlives_a_reboot(host: Host) -> None:
    if host.check_output("findmnt -no FSTYPE -T /var/log/journal") == "tmpfs":
        pytest.skip("the container's runtime keeps /var/log/journal in memory")
    assert host.run("find /var/log/journal -name system.journal | grep .").rc == 0


def test_journal_is_bounded(host: Host) -> None:
    assert "SystemMaxUse=100M" in host.check_output(
        "systemd-analyze cat-config systemd/journald.conf"
    )
    started = host.check_output(
        "journalctl -b -u systemd-journald --quiet -g 'System Journal' | tail -n 1"
    )
    assert re.search(r"max 100(\.0)?M\b", started), started


@pytest.mark.parametrize("setting", ["use_pty", "logfile=/var/log/sudo.log", "timestamp_timeout=3"])
def test_sudo_uses_the_setting(host: Host, setting: str) -> None:
    defaults = host.check_output("sudo -l -U admin")
    assert re.search(rf"\b{re.escape(setting)}\b", defaults.replace("\\", "")), defaults


def test_sudo_notes_each_command(host: Host) -> None:
    """The tests themselves come in as admin and go on by sudo."""
    marker = uuid.uuid4().hex
    host.check_output(f"true {marker}")
    assert marker in host.check_output("tr -d '\\n' </var/log/sudo.log | tr -s ' '")
