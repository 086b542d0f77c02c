"""What all unit tests share: a home of their own, and a folder for labs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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
