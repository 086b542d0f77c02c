"""Labs to break: copies of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.labs import skeleton

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
