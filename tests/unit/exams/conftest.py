"""A catalogue of small labs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from ironlab.labs import catalogue, skeleton

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.model import Lab


@pytest.fixture
def make(root: Path) -> Callable[..., Lab]:
    """Make a lab, with keys of its lab.yml replaced or added."""

    def write(number: int, *, machine: bool = False, **keys: object) -> Lab:
        lab = skeleton.create(number, "x", f"Lab {number}", machine=machine, root=root)
        path = lab.folder / "lab.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8")) | keys
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return catalogue.load(lab.folder)

    return write
