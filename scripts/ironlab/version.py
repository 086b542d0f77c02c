"""Which Ironlab this is."""

from __future__ import annotations

import functools
import tomllib

from ironlab.paths import REPO


@functools.cache
def version() -> str:
    """The version of this working tree."""
    text = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    found: str = tomllib.loads(text)["project"]["version"]
    return found
