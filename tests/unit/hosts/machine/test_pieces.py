"""What a machine is made of: its command line, its boot sectors, its console, its processes."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity
from ironlab.hosts.machine import MachineHosts, bootloader, console, guest, qemu, state
from ironlab.hosts.machine import spec as machine
from ironlab.process import Done

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ironlab.process import Run

TCG = qemu.Engine((10, 0), "tcg")


def spec(**changed: object) -> machine.Spec:
    values = {
        "name": "box",
        "image": "el9",
        "port": 4022,
        "memory": 1024,
        "disks": (512, 64),
        "group": "lab",
        "stand_in": True,
        "made_by": TCG.label,
        "processors": 2,
    }
    return machine.Spec.model_validate(values | changed)


def command(have: qemu.Engine = TCG, **changed: object) -> str:
    return " ".join(qemu.command(spec(**changed), machine.folder("box"), have))


def refuse(_: str) -> object:
    raise AssertionError("no image may be built")


def hosts(run: Run) -> MachineHosts:
    return MachineHosts(refuse, run=run, tell=lambda _: None)


def saying(done: Done) -> Run:
    def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
        del argv, stdin, timeout
        return done

    return run


def test_ssh_is_reached_on_loopback_only() -> None:
    assert "hostfwd=tcp:127.0.0.1:4022-:22" in command()


@pytest.mark.parametrize(("stand_in", "restrict"), [(True, "on"), (False, "off")])
def test_a_stand_in_has_nothing_to_look_for_outside(stand_in: bool, restrict: str) -> None:  # noqa: FBT001 - a parameter
    assert f"restrict={restrict}" in command(stand_in=stand_in)


def test_the_processor_is_kvms_only_where_kvm_works() -> None:
    assert "-accel tcg,thread=multi" in command()
    assert "-accel kvm -cpu host" in command(qemu.Engine((10, 0), "kvm"))
    assert "-cpu max" in command(stand_in=False)


def test_a_machine_keeps_the_processors_it_was_made_with() -> None:
    assert "-smp 2 " in command(qemu.Engine((10, 0), "tcg", processors=1))


@pytest.mark.parametrize("said", ["0", "17", "two", "-1", "1.5"])
def test_a_number_of_processors_that_is_none(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(qemu.PROCESSORS_VARIABLE, said)
    version = "QEMU emulator version 10.0.2"
    with pytest.raises(IronlabError, match=f"{qemu.PROCESSORS_VARIABLE}={said} "):
        qemu.engine(saying(Done(0, version, "")))


def test_qemu_does_not_stay_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "-run-with user=nobody" in command()
    assert "-runas nobody" in command(qemu.Engine((8, 2), "tcg"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "elevateprivileges=deny" in command()


def test_a_state_for_all_has_no_devices_of_one() -> None:
    argv = " ".join(qemu.command(spec(), machine.folder("box"), TCG, paused=True, devices=False))
    assert "drive=disk0" not in argv
    assert "netdev=private" not in argv
    assert "drive=disk1" in command()


def test_no_two_devices_share_a_place() -> None:
    sizes = (1,) * (qemu.LAST_SLOT - qemu.FIRST_DISK_SLOT + 1)
    argv = qemu.command(spec(disks=sizes), machine.folder("box"), TCG)
    places = [part for each in argv for part in each.split(",") if part.startswith("addr=")]
    assert len(places) == len(set(places)) == len(sizes) + 4


def test_a_group_is_a_network_of_its_own() -> None:
    assert qemu.segment("a") == qemu.segment("a") != qemu.segment("b")


def test_names_give_different_cards() -> None:
    assert machine.mac_address("a", 2) != machine.mac_address("b", 2)
    assert machine.mac_address("a", 2).startswith("52:54:00:")


def test_commas_in_a_path_do_not_end_it() -> None:
    assert qemu.options({"file": "a,b", "on": True}) == "file=a,,b,on=on"


def test_an_old_qemu_is_refused_with_the_reason() -> None:
    with pytest.raises(IronlabError, match=r"7\.2 is too old") as caught:
        qemu.engine(saying(Done(0, "QEMU emulator version 7.2.9", "")))
    assert caught.value.code == ExitCode.PREREQUISITE
    assert "backports" in caught.value.remedy


def test_the_probe_of_kvm_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    probes: list[int] = []

    class Works:
        state = "ok"

    def works(_: Run) -> Works:
        probes.append(1)
        return Works()

    monkeypatch.setattr("ironlab.kvm.works", works)
    run = saying(Done(0, "QEMU emulator version 10.0.2", ""))
    assert qemu.engine(run) == qemu.engine(run) == qemu.Engine((10, 0), "kvm")
    assert len(probes) == 1


def test_grub_is_before_the_partition(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with disk.open("wb") as stream:
        stream.truncate(8 * 1024**2)
        stream.seek(bootloader.PARTITION_BYTES)
        stream.write(b"file system")
    bootloader.install(disk, b"B" * bootloader.BOOT_CODE + b"core")
    content = disk.read_bytes()
    assert content[: bootloader.BOOT_CODE] == b"B" * bootloader.BOOT_CODE
    assert content[510:516] == b"\x55\xaacore"
    kind, first, count = struct.unpack("<4xB3xII", content[446:462])
    assert (kind, first, first + count) == (0x83, 2048, 16384)
    assert content[bootloader.PARTITION_BYTES :].startswith(b"file system")


def test_grub_that_would_overwrite_the_partition_is_refused(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(4 * 1024**2))
    with pytest.raises(IronlabError, match="too large"):
        bootloader.install(disk, bytes(bootloader.PARTITION_BYTES + bootloader.BOOT_CODE))


def test_the_menu_has_every_kernel_and_etc_default_grub(tmp_path: Path) -> None:
    for folder in ("boot/grub2", "etc/default"):
        (tmp_path / folder).mkdir(parents=True)
    for version in ("6.1.0", "6.2.0"):
        (tmp_path / f"boot/vmlinuz-{version}").touch()
    settings = 'GRUB_TIMEOUT=3\nGRUB_CMDLINE_LINUX="console=ttyS0 selinux=1"\n'
    (tmp_path / "etc/default/grub").write_text(settings, encoding="ascii")
    (tmp_path / "etc/os-release").write_text('PRETTY_NAME="Rocky 9"\n', encoding="ascii")
    bootloader.write_menu(tmp_path, "an-id")
    menu = (tmp_path / "boot/grub2/grub.cfg").read_text(encoding="utf-8")
    assert "set timeout=3" in menu
    assert menu.index("vmlinuz-6.2.0") < menu.index("vmlinuz-6.1.0")
    assert menu.count("root=UUID=an-id ro console=ttyS0 selinux=1") == 2


@pytest.mark.parametrize(
    ("said", "hopeless"),
    [
        (b"You are in emergency mode. After logging in", True),
        (b"Kernel panic - not syncing", True),
        (b"[  OK  ] Reached target multi-user.target", False),
    ],
)
def test_a_system_that_waits_for_ever_is_known(tmp_path: Path, said: bytes, hopeless: bool) -> None:  # noqa: FBT001 - a parameter
    log = tmp_path / "log"
    log.write_bytes(b"Kernel panic of the boot before\n" + said)
    assert console.stuck(log, 32) is hopeless


def test_the_last_lines_are_readable(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\r\n\x1b[32mtwo\x1b[0m\r\n\r\nthree\r\n")
    assert console.last_lines(log) == "one | two | three"
    assert console.last_lines(tmp_path / "none") == "nothing"


def test_the_console_wants_a_terminal() -> None:
    with pytest.raises(IronlabError, match="wants a terminal") as caught:
        console.attach(spec())
    assert caught.value.code == ExitCode.USAGE


def waiting(*arguments: str) -> subprocess.Popen[bytes]:
    """A process that has started and waits to be ended."""
    argv = [sys.executable, "-c", "print(flush=True); input()", *arguments]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_process_that_is_not_ours_goes_on(tmp_path: Path) -> None:
    with waiting() as stranger:
        (tmp_path / machine.PID).write_text(f"{stranger.pid}\n", encoding="ascii")
        assert machine.process(tmp_path) is None
        machine.end(tmp_path)
        assert stranger.poll() is None
        stranger.kill()


def test_our_own_process_is_ended(tmp_path: Path) -> None:
    with waiting(str(tmp_path / machine.PID)) as ours:
        (tmp_path / machine.PID).write_text(f"{ours.pid}\n", encoding="ascii")
        assert machine.process(tmp_path) == ours.pid
        machine.end(tmp_path)
        assert machine.process(tmp_path) is None
        assert ours.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize(("answer", "ready"), [("running", True), ("degraded", False)])
def test_a_machine_is_told_who_it_is(
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    ready: bool,  # noqa: FBT001 - a parameter
) -> None:
    monkeypatch.setattr("ironlab.hosts.login.listens", lambda *_: True)
    sent: list[str] = []

    def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
        del argv, timeout
        sent.append(stdin.decode())
        return Done(0 if ready else 1, f"{answer}\n", "")

    host = state.as_host(spec())
    assert (host.address, host.port) == ("127.0.0.1", 4022)
    if ready:
        assert guest.wake(run, host, spec(), new=True, degraded=False) == host
    else:
        with pytest.raises(IronlabError, match="is not ready: degraded"):
            guest.wake(run, host, spec(), new=True, degraded=False)
    guest.wake(run, host, spec(), new=False, degraded=True)
    assert "hostname box" in sent[0]
    assert "/dev/vdb /dev/vdc" in sent[0]
    assert "hostname" not in sent[1]
    assert all("rtc0" in script for script in sent)


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "10.77.0.5"},
        {"disks": [0]},
        {"disks": [1] * 40},
        {"memory": 16},
    ],
)
def test_what_no_machine_can_have_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(IronlabError) as caught:
        hosts(saying(Done(0, "", ""))).create("box", "el9", **wrong)  # type: ignore[arg-type]
    assert caught.value.code == ExitCode.USAGE


def test_a_machine_that_is_another_is_not_replaced() -> None:
    spec().save()
    backend = hosts(saying(Done(0, "", "")))
    with pytest.raises(IronlabError, match="host box exists, with el9, 1024 MiB, disks 512, 64"):
        backend.create("box", "el9", disks=[512], group="lab")
    (listed,) = backend.listing()
    assert (listed.state, listed.kind, listed.address) == ("exited", "machine", "127.0.0.1:4022")
    assert backend.destroy("box")
    assert not backend.destroy("box")
    assert backend.listing() == []


@pytest.mark.parametrize("verb", ["find", "reset", "reboot", "address", "is_stand_in", "console"])
def test_a_machine_that_is_not_there(verb: str) -> None:
    with pytest.raises(IronlabError, match="there is no host box") as caught:
        getattr(hosts(saying(Done(0, "", ""))), verb)("box")
    assert caught.value.code == ExitCode.UNREACHABLE


def test_a_spec_of_another_version_is_one_line() -> None:
    path = machine.folder("box") / machine.SPEC
    path.parent.mkdir(parents=True)
    path.write_text('{"name": "box"}', encoding="ascii")
    with pytest.raises(IronlabError, match="is not of this version"):
        machine.Spec.load("box")


def test_known_hosts_has_the_port(tmp_path: Path) -> None:
    keys = tmp_path / "state" / "ironlab" / "ssh" / "hosts" / identity.MACHINES
    keys.mkdir(parents=True)
    for kind in identity.KEY_TYPES:
        (keys / f"ssh_host_{kind}_key.pub").write_text(f"ssh-{kind} AAAA x\n", encoding="ascii")
    identity.remember("a", "127.0.0.1", 4022, identity.MACHINES)
    identity.remember("b", "127.0.0.1", 4023, identity.MACHINES)
    lines = identity.known_hosts_file().read_text(encoding="ascii").splitlines()
    assert [line.split()[0] for line in lines] == ["[127.0.0.1]:4022"] * 3 + [
        "[127.0.0.1]:4023"
    ] * 3
    identity.forget("a")
    assert keys.exists()
    assert "4022" not in identity.known_hosts_file().read_text(encoding="ascii")
