"""What is missing on a machine: said with its reason, asked for, installed, or one line."""

from __future__ import annotations

import io
import shutil
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from ironlab import console, doctor, kvm, paths, prerequisites
from ironlab.errors import ExitCode, IronlabError
from ironlab.finding import Finding
from ironlab.hosts import limits
from ironlab.images import SYSTEM_PACKAGES
from ironlab.process import NOT_FOUND, TIMED_OUT, Done

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ironlab.process import Run

V2 = (
    "CapEff:\t000001ffffffffff\nMax processes 9 9 processes\nMax open files 9 20000 files\n"
    "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n99999\n"
)


class Machine:
    """A Debian of which only some packages are installed."""

    def __init__(self, installed: Sequence[str] = (), *, works: bool = True) -> None:
        self.installed = set(installed)
        self.works = works
        self.calls: list[list[str]] = []

    def __call__(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None
    ) -> Done:
        del stdin, timeout
        self.calls.append(list(argv))
        if argv[0] == "cat":
            return Done(0, V2, "")
        if argv[0] == "dpkg-query":
            return Done(1, "".join(f"{name} installed\n" for name in self.installed), "")
        if "install" in argv and not self.works:
            return Done(100, "", "E: Unable to locate package podman")
        return Done(0, "", "")

    @property
    def installs(self) -> list[list[str]]:
        return [call for call in self.calls if "install" in call]


@pytest.fixture(autouse=True)
def _debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerequisites, "package_manager", lambda: "apt")


def test_every_missing_package_is_said_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    run = Machine()
    prerequisites.ensure(run=run)
    said = capsys.readouterr().err
    for need in (*prerequisites.NEEDS, prerequisites.RUNTIMES["v2"]):
        assert f"{need.apt} " in said
        assert need.why in said
    assert len(run.installs) == 1
    assert "crun" in run.installs[0]
    assert "runc" not in run.installs[0]


def test_what_image_builds_need_is_among_it() -> None:
    ours = {need.apt for need in (*prerequisites.NEEDS, *prerequisites.RUNTIMES.values())}
    assert set(SYSTEM_PACKAGES) <= ours


def test_nothing_missing_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(need.apt) for need in (*prerequisites.NEEDS, prerequisites.RUNTIMES["v2"])]
    run = Machine(names)
    prerequisites.ensure(run=run)
    assert capsys.readouterr().err == ""
    assert run.installs == []


def test_a_no_installs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerequisites, "ask", lambda _question, default: not default)
    run = Machine()
    with pytest.raises(IronlabError, match="system packages are missing") as caught:
        prerequisites.ensure(run=run)
    assert caught.value.code == ExitCode.PREREQUISITE
    assert "podman" in caught.value.remedy
    assert run.installs == []


def test_a_failed_install_names_cause_and_log() -> None:
    with pytest.raises(IronlabError, match="Unable to locate package podman") as caught:
        prerequisites.ensure(assume_yes=True, run=Machine(works=False))
    assert caught.value.code == ExitCode.PREREQUISITE
    log = paths.state_dir() / "logs" / "packages.log"
    assert str(log) in caught.value.remedy
    assert "Unable to locate" in log.read_text(encoding="utf-8")


def test_no_terminal_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "is_terminal", lambda: False)
    assert console.ask("Sure?", default=False)


@pytest.mark.parametrize(("typed", "yes"), [("", False), ("\n", True), ("no\n", False)])
def test_leaving_a_question_is_no_yes(
    typed: str, *, yes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "is_terminal", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert console.ask("Sure?", default=True) is yes


def test_another_system_needs_podman_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerequisites, "package_manager", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(IronlabError, match="neither apt nor dnf") as caught:
        prerequisites.ensure(run=Machine())
    assert caught.value.code == ExitCode.PREREQUISITE


def test_no_space_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
    with pytest.raises(IronlabError, match=r"0\.0 GiB free, 4\.0 GiB are needed") as caught:
        prerequisites.require_space(4 * prerequisites.GIB)
    assert caught.value.code == ExitCode.PREREQUISITE


@pytest.mark.parametrize(
    ("registry", "mirror", "state"),
    [("ok", "warn", "warn"), ("warn", "ok", "ok"), ("warn", "warn", "missing")],
)
def test_images_need_a_registry_or_a_mirror(registry: str, mirror: str, state: str) -> None:
    seen = [Finding("registry", registry, ""), Finding("mirror", mirror, "")]  # type: ignore[arg-type]
    found = doctor.supply(*seen)
    assert found[1].state == state
    assert doctor.worst(found) == ("missing" if state == "missing" else "warn")


def test_doctor_without_podman() -> None:
    class Without(Machine):
        def __call__(
            self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None
        ) -> Done:
            if argv[0] == "podman":
                return Done(NOT_FOUND, "", "podman: command not found")
            return super().__call__(argv, stdin=stdin, timeout=timeout)

    found = {finding.name: finding for finding in doctor.containers(Without())}
    assert found["podman"].state == "missing"
    assert found["podman"].remedy
    assert found["cgroup"].seen == "v2"


def test_few_files_are_warned_about() -> None:
    facts = limits.Limits("v2", may_raise_limits=False, nofile=1024, nproc=9)
    assert doctor._ulimits(facts).state == "warn"  # noqa: SLF001


def answering(done: Done) -> Run:
    def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
        del argv, stdin, timeout
        return done

    return run


@pytest.mark.parametrize(
    ("done", "state", "words"),
    [
        (Done(kvm.EXITED, "", ""), "ok", "ran"),
        (Done(TIMED_OUT, "", ""), "warn", "did not end"),
        (Done(1, "", "KVM internal error. Suberror: 1"), "warn", "KVM internal error"),
        (Done(NOT_FOUND, "", "qemu: command not found"), "warn", "not checked"),
    ],
)
def test_kvm_is_believed_when_a_guest_ran(
    tmp_path: Path, done: Done, state: str, words: str
) -> None:
    device = tmp_path / "kvm"
    device.touch()
    found = kvm.works(answering(done), device)
    assert found.state == state
    assert words in found.seen


@pytest.mark.parametrize(("limit", "state"), [(64, "warn"), (128, "ok")])
def test_few_inotify_instances_are_told(tmp_path: Path, limit: int, state: str) -> None:
    path = tmp_path / "limit"
    path.write_text(f"{limit}\n", encoding="ascii")
    found = doctor.watches(path)
    assert (found.state, str(limit) in found.seen) == (state, True)


def test_no_kvm_device(tmp_path: Path) -> None:
    assert "no " in kvm.works(answering(Done(0, "", "")), tmp_path / "kvm").seen


def test_the_probe_guest_is_a_boot_sector() -> None:
    sector = kvm.boot_sector()
    assert len(sector) == 512
    assert sector.endswith(b"\x55\xaa")
    count = sector.index(b"\xb9" + kvm.COUNT.to_bytes(4, "little") + b"\xff\xc9\x75\xfc")
    assert count == 0x4E  # where its far jump goes


@pytest.mark.parametrize(("version", "state"), [("7.2.9", "warn"), ("10.0.2", "ok")])
def test_qemu_version(version: str, state: str) -> None:
    said = f"QEMU emulator version {version} (Debian)\n"
    assert kvm.qemu(answering(Done(0, said, ""))).state == state
