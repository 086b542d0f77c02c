"""Programs out of release archives: what is installed, when, and what is refused."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import tarfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

PLUGINS = Path(__file__).parents[3] / "plugins"


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


on_controller = load(PLUGINS / "action/release_archive.py", "release_archive_action")
on_host = load(PLUGINS / "modules/release_archive.py", "release_archive_module")


@pytest.fixture
def release(tmp_path: Path) -> dict[str, Any]:
    """A release whose archive holds one program in a folder, as most projects pack them."""
    source = tmp_path / "archives"
    source.mkdir()
    path = source / "thing-1.2.linux-amd64.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("thing-1.2.linux-amd64/thing")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"hello"))
    return {
        "name": "thing",
        "version": "1.2",
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "source": str(source),
        "programs": ["thing"],
    }


class HostModule(SimpleNamespace):
    """What the module needs of AnsibleModule."""

    def __init__(self, folder: Path, *, check_mode: bool = False) -> None:
        params = {"bin_dir": str(folder / "bin"), "state_dir": str(folder / "state")}
        super().__init__(params=params, tmpdir=str(folder), check_mode=check_mode)

    def atomic_move(self, source: str, target: str) -> None:
        Path(source).replace(target)

    def fail_json(self, msg: str) -> None:
        raise AssertionError(msg)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HostModule:
    monkeypatch.setattr(on_host.os, "chown", lambda *_: None)
    return HostModule(tmp_path)


def is_current(host: HostModule, release: dict[str, Any]) -> bool:
    record = on_host.read_record(Path(host.params["state_dir"]) / "thing.json")
    return bool(on_host.is_current(release, record, Path(host.params["bin_dir"])))


def install(host: HostModule, release: dict[str, Any]) -> None:
    on_host.install(host, release, Path(release["source"]) / release["file"])


def test_a_bare_host_lacks_the_release(host: HostModule, release: dict[str, Any]) -> None:
    assert not is_current(host, release)


def test_an_installed_release_is_current(host: HostModule, release: dict[str, Any]) -> None:
    install(host, release)
    program = Path(host.params["bin_dir"]) / "thing"
    assert program.read_text(encoding="utf-8") == "hello"
    assert program.stat().st_mode & 0o777 == 0o755
    assert is_current(host, release)


@pytest.mark.parametrize(
    "change",
    [{"version": "1.1"}, {"sha256": "0" * 64}, {"programs": ["thing", "tool"]}],
)
def test_another_release_is_not_current(
    host: HostModule, release: dict[str, Any], change: dict[str, Any]
) -> None:
    install(host, release)
    assert not is_current(host, release | change)


def test_a_program_replaced_by_hand_is_put_back(host: HostModule, release: dict[str, Any]) -> None:
    install(host, release)
    program = Path(host.params["bin_dir"]) / "thing"
    program.write_text("another", encoding="utf-8")
    assert not is_current(host, release)
    install(host, release)
    assert program.read_text(encoding="utf-8") == "hello"


def test_a_broken_record_counts_as_none(host: HostModule, release: dict[str, Any]) -> None:
    install(host, release)
    (Path(host.params["state_dir"]) / "thing.json").write_text("{", encoding="utf-8")
    assert not is_current(host, release)


def test_an_archive_without_the_program_is_refused(
    host: HostModule, release: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError, match="holds no tool"):
        install(host, release | {"programs": ["tool"]})


def test_removal_takes_programs_and_record(host: HostModule, release: dict[str, Any]) -> None:
    install(host, release)
    assert on_host.remove(host, release)
    assert not list(Path(host.params["bin_dir"]).iterdir())
    assert not list(Path(host.params["state_dir"]).iterdir())
    assert not on_host.remove(host, release)


def test_removal_in_check_mode_removes_nothing(host: HostModule, release: dict[str, Any]) -> None:
    install(host, release)
    host.check_mode = True
    assert on_host.remove(host, release)
    assert is_current(host, release)


def test_the_version_stands_in_file_and_source() -> None:
    release = {"version": "1.2", "file": "a-{version}.tgz", "source": "https://x/v{version}"}
    resolved = on_controller.resolve(release, "")
    assert resolved["file"] == "a-1.2.tgz"
    assert resolved["source"] == "https://x/v1.2"
    assert on_controller.resolve(release, "/srv")["source"] == "/srv"


def test_a_folder_on_the_controller_is_a_source(release: dict[str, Any], tmp_path: Path) -> None:
    archive = on_controller.obtain(release, tmp_path / "cache")
    assert archive == Path(release["source"]) / release["file"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "the sha256 of .* is"),
        ({"source": "/nonexistent"}, "is not there; put the release archive"),
    ],
)
def test_an_archive_that_is_not_the_one_is_refused(
    release: dict[str, Any], tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(AnsibleActionFail, match=message):
        on_controller.obtain(release | change, tmp_path / "cache")


@pytest.mark.parametrize(
    "change", [{"name": "../thing"}, {"file": "a/b"}, {"file": ""}, {"sha256": "abc"}]
)
def test_values_that_lead_astray_are_refused(
    release: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(AnsibleActionFail, match="; give "):
        on_controller.check_releases([release | change])


def test_an_address_is_fetched_once(
    release: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(address: str, **_: object) -> Any:  # noqa: ANN401 - a stream
        asked.append(address)
        return (Path(release["source"]) / release["file"]).open("rb")

    monkeypatch.setattr(on_controller, "open_url", answer)
    wanted = release | {"source": "https://mirror/things/"}
    for _ in range(2):
        archive = on_controller.obtain(wanted, tmp_path / "cache")
    assert archive.parent == tmp_path / "cache"
    assert asked == [f"https://mirror/things/{release['file']}"]


def test_an_address_that_does_not_answer_says_what_to_do(
    release: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(address: str, **_: object) -> None:
        raise ConnectionError(address)

    monkeypatch.setattr(on_controller, "open_url", refuse)
    with pytest.raises(AnsibleActionFail, match="into a folder on the controller"):
        on_controller.obtain(release | {"source": "https://mirror"}, tmp_path / "cache")


def test_the_documented_options_are_those_of_the_module() -> None:
    yaml = pytest.importorskip("yaml")
    documented = yaml.safe_load(on_host.DOCUMENTATION)["options"]
    assert documented.keys() == on_host.ARGUMENTS.keys()
    assert documented["releases"]["suboptions"].keys() == on_host.RELEASE_OPTIONS.keys()
