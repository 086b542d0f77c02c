"""Labs to break: a home of its own for every test, and copies of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.labs import skeleton

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep state, configuration and caches away from the user's own."""
    for kind in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder for labs."""
    folder = tmp_path / "labs"
    folder.mkdir()
    return folder


@pytest.fixture
def sample(root: Path) -> Path:
    """The folder of a small lab that works."""
    return skeleton.create(901, "sample", "A sample", root=root).folder


@pytest.fixture
def change(sample: Path) -> Callable[..., Path]:
    """Replace a part of one of the sample's files, or (None) remove the file."""

    def replace(name: str, old: str | None = None, new: str = "") -> Path:
        path = sample / name
        if old is None:
            path.unlink()
            return sample
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return sample

    return replace
