"""A recipe and an archive small enough to read."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ironlab.images.manifest import Package
from ironlab.images.mirror import Archive
from ironlab.images.recipe import Names, Recipe, Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INDEX = """\
Package: web
Version: 1:2.4.6+dfsg-3
Architecture: amd64
Depends: libweb1 (>= 2), helper | helper-ng, virtual-thing, debconf (>= 0.5) | debconf-2.0
Pre-Depends: libc6
Filename: pool/web.deb
Description: serves pages

Package: libweb1
Version: 2.4.6-3
Architecture: amd64
Depends: libc6
Filename: pool/libweb1.deb

Package: libc6
Version: 2.36-9
Architecture: amd64
Filename: pool/libc6.deb

Package: helper-ng
Version: 1-1
Architecture: all
Filename: pool/helper-ng.deb

Package: provider
Version: 3~rc1-1
Architecture: all
Provides: virtual-thing (= 3)
Filename: pool/provider.deb

Package: debconf
Version: 1.5
Architecture: all
Filename: pool/debconf.deb
"""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    found = Archive("bookworm", tmp_path / "apt")
    found.read(INDEX)
    return found


@pytest.fixture
def recipe_of(tmp_path: Path) -> Callable[..., Recipe]:
    """Make a recipe of entries that are given as data."""

    def make(*entries: dict[str, Any], **release: Any) -> Recipe:  # noqa: ANN401 - any field
        ground = {"name": "filesystem", "source": "test", "dirs": {"/usr/bin": {}, "/etc": {}}}
        data = {
            "image": "el9",
            "major": 9,
            "minor": 8,
            "codename": "Blue Onyx",
            "suite": "bookworm",
            "registry": "registry.example/rocky:9",
            "dbpath": "/var/lib/rpm",
            "python": "python3",
            "support_end": "2032-05-31",
            "repositories": [{"id": "baseos", "title": "BaseOS"}],
            "install": ["web"],
            "leave_out": ["debconf"],
            "drop": ["/usr/share/doc/**"],
            "cannot": [{"what": "moon", "why": "too far"}],
        }
        names = Names(
            packages={"libweb1": "web-libs", "libc6": "glibc"},
            plain={},
            groups={0: "root", 42: "root"},
            users={0: "root"},
        )
        packages = [Package.model_validate({"source": "test", **entry}) for entry in entries]
        return Recipe(
            Release.model_validate({**data, **release}),
            names,
            [Package.model_validate(ground), *packages],
            tmp_path,
        )

    return make


@pytest.fixture
def deb(tmp_path: Path) -> Callable[..., Path]:
    """Make a Debian package of the files that are given; a link is given as `-> target`."""

    def make(name: str, files: dict[str, str], conffiles: str = "") -> Path:
        tree = tmp_path / "debs" / name
        control = {"Package": name, "Version": "1.0-1", "Architecture": "amd64"}
        control |= {"Maintainer": "Nobody <nobody@example.org>", "Description": "made for a test"}
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN" / "control").write_text(yaml.safe_dump(control, sort_keys=False))
        if conffiles:
            (tree / "DEBIAN" / "conffiles").write_text(conffiles)
        for path, content in files.items():
            target = tree / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if content.startswith("-> "):
                target.symlink_to(content.removeprefix("-> "))
            else:
                target.write_text(content)
        out = tmp_path / f"{name}_1.0-1_amd64.deb"
        command = ["dpkg-deb", "--build", "--root-owner-group", str(tree), str(out)]
        subprocess.run(command, check=True, capture_output=True)
        return out

    return make
