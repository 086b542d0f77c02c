"""QEMU on a Debian whose own is too old: found in its backports, said, installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab import backports, prerequisites
from ironlab.errors import ExitCode, IronlabError
from ironlab.process import Done

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

derived = backports.source  # before the fixture below stands in for it
PARAGRAPHS = """\
# the mirror
Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main

Types: deb deb-src
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg
"""
LINES = """\
deb-src http://mirror.test/source bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/lines bookworm main
"""


@pytest.mark.parametrize(
    ("file", "text", "place", "key"),
    [
        ("sources.list.d/debian.sources", PARAGRAPHS, "debian", "/usr/share/keyrings/some.gpg"),
        ("sources.list", LINES, "lines", "/k.gpg"),
    ],
)
def test_the_entry_names_the_same_place_and_key(
    tmp_path: Path, file: str, text: str, place: str, key: str
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="ascii")
    assert derived("bookworm", tmp_path) == (
        f"Types: deb\nURIs: http://mirror.test/{place}\nSuites: bookworm-backports\n"
        f"Components: main\nSigned-By: {key}\n"
    )
    assert derived("trixie", tmp_path) is None


def test_an_entry_that_is_switched_off_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    path = tmp_path / "sources.list.d" / "debian.sources"
    path.write_text(PARAGRAPHS + "Enabled: no\n", encoding="ascii")
    assert derived("bookworm", tmp_path) is None


def test_a_key_given_in_place_is_kept_whole(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
    text = f"Types: deb\nURIs: http://x.test/\nSuites: bookworm\nComponents: main\n{key}"
    (tmp_path / "sources.list.d" / "a.sources").write_text(text, encoding="ascii")
    found = derived("bookworm", tmp_path)
    assert found is not None
    assert "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n" in found


class Debian:
    """A Debian with or without QEMU."""

    def __init__(self, version: str = "", *, has: Sequence[str] = (), suites: str = "") -> None:
        self.version = version
        self.has = has
        self.suites = suites
        self.calls: list[list[str]] = []
        self.written = ""

    def __call__(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None
    ) -> Done:
        del timeout
        self.calls.append(list(argv))
        if argv[0] == "qemu-system-x86_64":
            said = f"QEMU emulator version {self.version}\n"
            return Done(0, said, "") if self.version else Done(127, "", "command not found")
        if argv[0] == "dpkg-query":
            return Done(0, "".join(f"{name} installed\n" for name in self.has), "")
        if "indextargets" in argv:
            return Done(0, self.suites, "")
        if argv[0] == "tee":
            self.written = stdin.decode()
        return Done(0, "", "")

    @property
    def installed(self) -> list[str]:
        calls = [call[call.index("install") + 3 :] for call in self.calls if "install" in call]
        return calls[0] if calls else []


ALL = ("qemu-system-x86", "qemu-utils", "e2fsprogs")


@pytest.fixture(autouse=True)
def _bookworm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerequisites, "package_manager", lambda: "apt")
    monkeypatch.setattr(backports, "codename", lambda: "bookworm")
    monkeypatch.setattr(backports, "source", lambda release: f"Suites: {release}-backports\n")


def test_a_bare_bookworm_gets_qemu_from_its_backports(capsys: pytest.CaptureFixture[str]) -> None:
    run = Debian(has=["e2fsprogs"])
    prerequisites.ensure_machines(run=run)
    assert run.installed == ["-t", "bookworm-backports", "qemu-system-x86", "qemu-utils"]
    assert run.written == "Suites: bookworm-backports\n"
    said = capsys.readouterr().err
    assert "bookworm-backports" in said
    assert "runs virtual machines" in said


def test_an_old_qemu_is_replaced() -> None:
    run = Debian("7.2.9", has=ALL)
    prerequisites.ensure_machines(run=run)
    assert run.installed == ["-t", "bookworm-backports", "qemu-system-x86", "qemu-utils"]


def test_backports_that_are_on_are_not_added_again() -> None:
    run = Debian(has=["e2fsprogs"], suites="bookworm\nbookworm-backports\n")
    prerequisites.ensure_machines(run=run)
    assert run.written == ""
    assert run.installed


def test_a_later_debian_takes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backports, "codename", lambda: "trixie")
    run = Debian()
    prerequisites.ensure_machines(run=run)
    assert run.installed == list(ALL)
    assert run.written == ""


def test_nothing_missing_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run = Debian("10.0.2", has=ALL)
    prerequisites.ensure_machines(run=run)
    assert run.installed == []
    assert capsys.readouterr().err == ""


def test_no_debian_in_the_sources_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backports, "source", lambda _: None)
    run = Debian()
    with pytest.raises(IronlabError, match="apt's sources name no bookworm") as caught:
        prerequisites.ensure_machines(run=run)
    assert caught.value.code == ExitCode.PREREQUISITE
    assert run.installed == []
