"""The built file is the same everywhere, runs everywhere, and holds nothing compiled."""

from __future__ import annotations

import ast
import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
import webapp_build
from ansible.module_utils.testing import patch_module_args
from webapp_build import BuildError, build, closure

SOURCE = Path(__file__).resolve().parents[3] / "roles/webapp/files/webapp"
REQUIREMENTS = ["pg8000", "prometheus-client", "redis", "waitress"]
PYTHONS = ["3.9", "3.12"]


@pytest.fixture(scope="module")
def built() -> bytes:
    return build(SOURCE, REQUIREMENTS, PYTHONS)[0]


def names(data: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(data)).namelist()


def test_two_builds_are_the_same_bytes(built: bytes, tmp_path: Path) -> None:
    copy = tmp_path / "another place" / "webapp"
    shutil.copytree(SOURCE, copy)
    for file in copy.rglob("*"):
        file.chmod(0o600 if file.is_file() else 0o700)
        os.utime(file, (1, time.time()))
    assert build(copy, REQUIREMENTS[::-1], PYTHONS[::-1])[0] == built


def test_nothing_in_it_tells_when_or_in_which_order_it_was_built(built: bytes) -> None:
    entries = zipfile.ZipFile(io.BytesIO(built)).infolist()
    assert [entry.filename for entry in entries] == sorted(names(built))
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def test_a_changed_line_changes_the_bytes(built: bytes, tmp_path: Path) -> None:
    copy = tmp_path / "webapp"
    shutil.copytree(SOURCE, copy)
    with (copy / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("# one more\n")
    assert build(copy, REQUIREMENTS, PYTHONS)[0] != built


def test_it_runs_by_itself(built: bytes, tmp_path: Path) -> None:
    file = tmp_path / "webapp-0123.pyz"
    file.write_bytes(built)
    # -I -S: neither the environment nor site-packages can help out
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(file), "--version"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1.0.0 webapp-0123\n"


@pytest.mark.parametrize("python", [(3, 9), (3, 12)])
def test_every_module_can_be_parsed_there(built: bytes, python: tuple[int, int]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(built))
    modules = [name for name in names(built) if name.endswith(".py")]
    assert len(modules) > 100
    for name in modules:
        ast.parse(archive.read(name), filename=name, feature_version=python)


def test_it_holds_what_only_the_oldest_python_needs(built: bytes) -> None:
    assert "async_timeout/__init__.py" in names(built)


def test_it_holds_licences_and_nothing_of_this_machine(built: bytes) -> None:
    inside = names(built)
    assert any(name.startswith("redis-") and "LICENSE" in name for name in inside)
    assert not [n for n in inside if n.endswith(("RECORD", "INSTALLER", ".pyc", "direct_url.json"))]
    assert not [name for name in inside if name.startswith(("/", "..")) or "bin/" in name]
    assert sys.prefix.encode() not in built


def installed(tmp_path: Path, *, requires_python: str = ">=3.9", file: str = "thing.py") -> Path:
    """Make a site-packages folder with one distribution, `thing`."""
    site = tmp_path / "site"
    info = site / "thing-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\nRequires-Python: {requires_python}\n",
        encoding="utf-8",
    )
    (site / file).write_text("", encoding="utf-8")
    empty = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    (info / "RECORD").write_text(
        f"{file},{empty},0\nthing-1.0.dist-info/METADATA,,\n", encoding="utf-8"
    )
    return site


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"requires_python": ">=3.10"}, r"thing 1\.0 needs Python >=3\.10, hosts have 3\.9"),
        ({"file": "thing.cpython-311-x86_64-linux-gnu.so"}, r"holds compiled code"),
    ],
)
def test_what_would_not_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], message: str
) -> None:
    monkeypatch.syspath_prepend(str(installed(tmp_path, **options)))
    with pytest.raises(BuildError, match=message):
        build(SOURCE, ["thing"], PYTHONS)


def test_a_patched_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = installed(tmp_path)
    (site / "thing.py").write_text("import this", encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    with pytest.raises(BuildError, match=r"thing\.py of thing 1\.0 was changed after"):
        build(SOURCE, ["thing"], PYTHONS)


def test_compiled_distributions_of_this_environment_are_refused() -> None:
    with pytest.raises(BuildError, match=r"PyYAML .* holds compiled code"):
        build(SOURCE, ["pyyaml"], ["3.12"])


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ("no-such-thing", "no-such-thing is not in the Python environment"),
        ("redis<1", r"redis \S+ is installed, but redis<1 is needed"),
    ],
)
def test_what_is_missing_is_named(requirement: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        closure([requirement], PYTHONS)


def test_a_clash_of_two_distributions_is_refused(tmp_path: Path) -> None:
    first = installed(tmp_path)
    dist = PathDistribution(first / "thing-1.0.dist-info")
    contents = {"thing.py": b"not the same"}
    with pytest.raises(BuildError, match=r"thing brings a thing\.py that is another one's"):
        webapp_build._merge(contents, "thing", webapp_build._installed(dist, PYTHONS))  # noqa: SLF001


def test_no_main_is_no_application(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"holds no __main__\.py"):
        build(tmp_path, [], PYTHONS)


def run_module(
    directory: Path, capsys: pytest.CaptureFixture[str], *, check: bool = False, **more: object
) -> str:
    arguments = {
        "source": str(SOURCE),
        "requirements": REQUIREMENTS,
        "python_versions": PYTHONS,
        "directory": str(directory),
        "_ansible_check_mode": check,
        **more,
    }
    with patch_module_args(arguments), pytest.raises(SystemExit):
        webapp_build.main()
    return capsys.readouterr().out


def test_module_writes_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache = tmp_path / "cache"
    assert '"changed": true' in run_module(cache, capsys, check=True)
    assert not cache.exists()
    assert '"changed": true' in run_module(cache, capsys)
    (file,) = cache.iterdir()
    assert file.stat().st_mode & 0o777 == 0o644
    assert '"changed": false' in run_module(cache, capsys)
    assert '"changed": false' in run_module(cache, capsys, check=True)
    assert list(cache.iterdir()) == [file]


def test_module_mends_a_damaged_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_module(tmp_path, capsys)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"half of i")
    assert '"changed": true' in run_module(tmp_path, capsys)
    assert file.stat().st_size > 1_000_000


def test_module_fails_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = run_module(tmp_path, capsys, requirements=["no-such-thing"])
    assert '"failed": true' in output
    assert "install the repository's requirements.lock" in output
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(OSError, match="No space"):
        webapp_build.write(tmp_path / "webapp-1.pyz", b"data")
    assert list(tmp_path.iterdir()) == []
