"""The release archives of the monitoring tools that a stand-in's controller makes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import IronlabError
from ironlab.images.archives import ARCHIVE_DEBS, RELEASES, build_archives, pack

if TYPE_CHECKING:
    from pathlib import Path

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
BY_KEY = {release.key: release for release in RELEASES}


def _tree(base: Path, deb: str) -> Path:
    """Lay out what RELEASES takes from a Debian package."""
    for release in RELEASES:
        for name, path in release.content.values():
            if name != deb:
                continue
            target = base / (path.replace("*", "one.html") if path.endswith("/*") else path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.name == "README.md":
                (target.parent / "README.md.gz").write_bytes(gzip.compress(b"read me"))
                continue
            target.write_text(f"{name} {path}")
            target.chmod(0o755 if "/bin/" in path else 0o644)
    return base


@pytest.fixture
def trees(tmp_path: Path) -> dict[str, Path]:
    return {deb: _tree(tmp_path / deb, deb) for deb in ARCHIVE_DEBS}


@pytest.fixture
def debs(tmp_path: Path) -> dict[str, Path]:
    made = {}
    for deb in ARCHIVE_DEBS:
        root = _tree(tmp_path / "roots" / deb, deb)
        (root / "DEBIAN").mkdir()
        control = f"Package: {deb}\nVersion: 1:2.5.1+ds1-3\nArchitecture: amd64\n"
        (root / "DEBIAN" / "control").write_text(
            f"{control}Maintainer: Nobody <nobody@example.org>\nDescription: a test\n"
        )
        made[deb] = tmp_path / f"{deb}_2.5.1+ds1-3_amd64.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(root), str(made[deb])]
        subprocess.run(command, check=True, capture_output=True)
    return made


def _members(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {member.name: member for member in archive.getmembers()}


def test_prometheus_has_upstreams_folder_and_content(trees: dict[str, Path]) -> None:
    members = _members(pack(BY_KEY["prometheus"], "2.5.1", trees))
    inside = "prometheus-2.5.1.linux-amd64"
    assert {name.split("/")[0] for name in members} == {inside}
    assert {f"{inside}/prometheus", f"{inside}/promtool", f"{inside}/consoles/one.html"} <= set(
        members
    )
    assert members[f"{inside}/promtool"].mode == 0o755
    assert members[f"{inside}/prometheus.yml"].mode == 0o644


def test_redis_exporter_has_a_v_in_its_folder(trees: dict[str, Path]) -> None:
    members = _members(pack(BY_KEY["redis_exporter"], "2.5.1", trees))
    assert "redis_exporter-v2.5.1.linux-amd64/redis_exporter" in members


def test_nginx_exporter_is_flat_and_its_documentation_is_unpacked(trees: dict[str, Path]) -> None:
    data = pack(BY_KEY["nginx_exporter"], "2.5.1", trees)
    assert set(_members(data)) == {"LICENSE", "README.md", "nginx-prometheus-exporter"}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        readme = archive.extractfile("README.md")
        assert readme is not None
        assert readme.read() == b"read me"


def test_equal_input_gives_equal_bytes(trees: dict[str, Path]) -> None:
    first = pack(BY_KEY["node_exporter"], "2.5.1", trees)
    (trees["prometheus-node-exporter"] / "usr/bin/prometheus-node-exporter").touch()
    assert pack(BY_KEY["node_exporter"], "2.5.1", trees) == first


@needs_dpkg
def test_index_names_each_archive_with_its_checksum(debs: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_archives("el9", debs, out)
    index = json.loads((out / "index.json").read_text())
    assert set(index) == set(BY_KEY)
    sums = (out / "sha256sums.txt").read_text() + (
        out / "nginx-prometheus-exporter_2.5.1_checksums.txt"
    ).read_text()
    for entry in index.values():
        assert entry["version"] == "2.5.1"
        digest = hashlib.sha256((out / entry["file"]).read_bytes()).hexdigest()
        assert entry["sha256"] == digest
        assert f"{digest}  {entry['file']}\n" in sums


@needs_dpkg
def test_second_build_touches_nothing(debs: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_archives("el9", debs, out)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    build_archives("el9", debs, out)
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before


@needs_dpkg
def test_lost_archive_is_made_again_and_old_ones_go(debs: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_archives("el9", debs, out)
    (out / "prometheus-2.5.1.linux-amd64.tar.gz").unlink()
    (out / "prometheus-2.0.0.linux-amd64.tar.gz").write_text("an older one")
    build_archives("el9", debs, out)
    assert (out / "prometheus-2.5.1.linux-amd64.tar.gz").exists()
    assert not (out / "prometheus-2.0.0.linux-amd64.tar.gz").exists()


def test_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(IronlabError, match="the archives of el9 need prometheus, promtool"):
        build_archives("el9", {}, tmp_path / "out")
