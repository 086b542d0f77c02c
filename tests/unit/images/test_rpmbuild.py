"""The spec files that are written, and one RPM made for real."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.images.manifest import Attr, Package
from ironlab.images.plan import Rpm
from ironlab.images.rpmbuild import build, spec
from ironlab.images.stage import Entry

if TYPE_CHECKING:
    from pathlib import Path

needs_rpmbuild = pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="needs rpmbuild")


def _rpm(**fields: Any) -> Rpm:  # noqa: ANN401 - any key of an entry
    return Rpm(
        Package.model_validate({"name": "tool", "version": "1", "source": "x", **fields}), []
    )


def test_users_are_made_before_the_files() -> None:
    user = {"name": "tool", "uid": 77, "home": "/var/lib/tool", "comment": "A tool"}
    text = spec(_rpm(users=[user]), [], "1.el9")
    assert "getent group tool >/dev/null || groupadd -r -g 77 -o tool" in text
    assert 'useradd -r -M -u 77 -o -g tool -d /var/lib/tool -s /sbin/nologin -c "A tool"' in text
    assert "Requires(pre,post): shadow-utils" in text


def test_units_follow_the_presets() -> None:
    text = spec(_rpm(units=["tool.service"]), [], "1.el9")
    assert "systemctl --no-reload preset tool.service" in text
    assert "systemctl --no-reload disable --now tool.service" in text
    assert "systemctl try-restart tool.service" in text


def test_percent_signs_are_not_macros() -> None:
    assert "date +%%s" in spec(_rpm(post="date +%s"), [], "1.el9")


def test_setup_waits_for_nobody() -> None:
    assert "Requires(pre" not in spec(_rpm(name="setup"), [], "1.el9")


@needs_rpmbuild
def test_an_rpm_holds_what_was_staged(tmp_path: Path) -> None:
    tree = tmp_path / "stage"
    (tree / "usr/bin").mkdir(parents=True)
    names = ["/usr/bin/[", "/usr/bin/50%", "/usr/bin/a b", "/usr/bin/x\\x2dy"]
    for name in names:
        (tree / name[1:]).write_text("x")
    (tree / "usr/bin/link").symlink_to("[")
    entries = [Entry(name, "file", Attr(mode="4755")) for name in names]
    entries.append(Entry("/usr/bin/link", "link", Attr()))
    out = build(_rpm(ghost=["/var/log/tool"]), entries, "1.el9", tree, tmp_path / "out" / "t.rpm")
    query = ["rpm", "-qp", "--qf", "[%{FILEMODES:octal} %{FILENAMES}\n]", str(out)]
    listed = subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines()
    assert {f"0104755 {name}" for name in names} <= {
        line.replace("104755", "0104755") for line in listed
    }
    assert any(line.endswith("/var/log/tool") for line in listed)
    assert not tree.exists()
