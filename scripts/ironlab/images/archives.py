"""Release archives of the monitoring tools, in upstream's shape, for hosts without internet.

The roles install Prometheus and its exporters from the archives that their projects publish.
For a stand-in the same archives are made here from Debian's packages: same names, same folders
inside, `index.json` with each one's version and checksum, and upstream's checksum files.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import IronlabError
from ironlab.images.stage import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

# Debian 12's exporters are years behind upstream's options, Debian 13's are not, and its Go
# programs ask for no newer C library than Debian 12 and EL 9 have: they serve both images.
ARCHIVE_SUITE = "trixie"

_NGINX = "prometheus-nginx-exporter"
_EPOCH = 1_000_000_000  # any constant: the same packages give the same archives


@dataclass(frozen=True)
class Release:
    """One project's archive: where its files come from and what they are called inside."""

    key: str
    deb: str
    file: str
    folder: str
    checksums: str
    # Path inside the archive: (Debian package, path inside it); `*` takes the files of a folder.
    content: dict[str, tuple[str, str]] = field(default_factory=dict)


def _exporter(key: str, deb: str, *extra: str, mark: str = "") -> Release:
    stem = f"{key}-{mark}{{version}}.linux-amd64"
    doc = f"usr/share/doc/{deb}"
    content = {key: (deb, f"usr/bin/{deb}"), "LICENSE": (deb, f"{doc}/copyright")}
    content |= {name: (deb, f"{doc}/{name}") for name in extra}
    return Release(key, deb, f"{stem}.tar.gz", stem, "sha256sums.txt", content)


RELEASES = (
    Release(
        key="prometheus",
        deb="prometheus",
        file="prometheus-{version}.linux-amd64.tar.gz",
        folder="prometheus-{version}.linux-amd64",
        checksums="sha256sums.txt",
        content={
            "prometheus": ("prometheus", "usr/bin/prometheus"),
            "promtool": ("promtool", "usr/bin/promtool"),
            "prometheus.yml": ("prometheus", "etc/prometheus/prometheus.yml"),
            "LICENSE": ("prometheus", "usr/share/doc/prometheus/copyright"),
            "NOTICE": ("prometheus", "usr/share/doc/prometheus/NOTICE"),
            "consoles": ("prometheus", "usr/share/doc/prometheus/examples/consoles/*"),
            "console_libraries": (
                "prometheus",
                "usr/share/doc/prometheus/examples/console_libraries/*",
            ),
        },
    ),
    _exporter("node_exporter", "prometheus-node-exporter", "NOTICE"),
    _exporter("postgres_exporter", "prometheus-postgres-exporter", "NOTICE"),
    _exporter("redis_exporter", "prometheus-redis-exporter", "README.md", mark="v"),
    Release(
        key="nginx_exporter",
        deb=_NGINX,
        file="nginx-prometheus-exporter_{version}_linux_amd64.tar.gz",
        folder="",
        checksums="nginx-prometheus-exporter_{version}_checksums.txt",
        content={
            "nginx-prometheus-exporter": (_NGINX, f"usr/bin/{_NGINX}"),
            "LICENSE": (_NGINX, f"usr/share/doc/{_NGINX}/copyright"),
            "README.md": (_NGINX, f"usr/share/doc/{_NGINX}/README.md"),
        },
    ),
)
ARCHIVE_DEBS = tuple(
    dict.fromkeys(deb for release in RELEASES for deb, _ in release.content.values())
)


def build_archives(image: str, debs: Mapping[str, Path], out: Path) -> None:
    """Make the archives of an image, unless they are there already from the same packages.

    Args:
        image: the image they are for, named in errors.
        debs: the downloaded packages of ARCHIVE_DEBS by name.
        out: the folder they go to.
    """
    if missing := [name for name in ARCHIVE_DEBS if name not in debs]:
        raise IronlabError(
            f"the archives of {image} need {', '.join(missing)}", "download all of ARCHIVE_DEBS"
        )
    made_from = {name: debs[name].name for name in ARCHIVE_DEBS}
    if _is_current(out, made_from):
        return
    out.mkdir(parents=True, exist_ok=True)
    index: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory(prefix=".part-", dir=out) as folder:
        work = Path(folder)
        (work / "trees").mkdir()
        trees = {name: unpack(debs[name], work / "trees" / name) for name in ARCHIVE_DEBS}
        for release in RELEASES:
            version = _upstream(debs[release.deb])
            data = pack(release, version, trees)
            name = release.file.format(version=version)
            (work / name).write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            index[release.key] = {"version": version, "file": name, "sha256": digest}
            with (work / release.checksums.format(version=version)).open("a") as sums:
                sums.write(f"{digest}  {name}\n")
        (work / "made-from.json").write_text(json.dumps(made_from, indent=2) + "\n")
        (work / "index.json").write_text(json.dumps(index, indent=2) + "\n")
        _publish(work, out)


def pack(release: Release, version: str, trees: Mapping[str, Path]) -> bytes:
    """Make one archive; equal input gives equal bytes.

    Args:
        release: what goes into it.
        version: upstream's version.
        trees: the unpacked Debian packages by name.
    """
    members: dict[str, Path] = {}
    for inside, (deb, path) in release.content.items():
        if path.endswith("/*"):
            members |= {f"{inside}/{item.name}": item for item in _files(trees[deb] / path[:-2])}
        else:
            members[inside] = trees[deb] / path
    folder = release.folder.format(version=version)
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=6) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for inside in sorted(members):
            data, executable = _content(members[inside])
            member = tarfile.TarInfo(f"{folder}/{inside}" if folder else inside)
            member.size = len(data)
            member.mode = 0o755 if executable else 0o644
            member.mtime = _EPOCH
            member.uname = member.gname = "root"
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


def _content(path: Path) -> tuple[bytes, bool]:
    """Read a file, which Debian may have compressed if it is documentation."""
    compressed = path.with_name(path.name + ".gz")
    if not path.exists() and compressed.exists():
        return gzip.decompress(compressed.read_bytes()), False
    return path.read_bytes(), bool(path.stat().st_mode & 0o100)


def _upstream(deb: Path) -> str:
    """Read upstream's version out of a package: 1:2.53.3+ds1-2 is 2.53.3."""
    command = ["dpkg-deb", "--field", str(deb), "Version"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise IronlabError(
            f"{deb.name} has no version ({outcome.stderr.strip()})",
            f"delete {deb} and build again: it is downloaded anew",
        )
    version = outcome.stdout.strip().split(":", 1)[-1]
    return version.rsplit("-", 1)[0].split("+", 1)[0]


def _is_current(out: Path, made_from: dict[str, str]) -> bool:
    try:
        index = json.loads((out / "index.json").read_text())
        same = json.loads((out / "made-from.json").read_text()) == made_from
    except (OSError, ValueError):
        return False
    return same and all((out / entry["file"]).is_file() for entry in index.values())


def _publish(work: Path, out: Path) -> None:
    """Put the finished files in their place, the index last, and drop those of older versions."""
    fresh = sorted(path for path in work.iterdir() if path.is_file())
    fresh.sort(key=lambda path: path.name == "index.json")
    names = {path.name for path in fresh}
    for path in fresh:
        path.replace(out / path.name)
    for old in out.iterdir():
        if old.is_file() and old.name not in names:
            old.unlink()
