"""One thing that is wrong with a lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: a place in lab.yml, or a line of another file."""

    message: str
    where: tuple[str | int, ...] = ()
    path: Path | None = None
    line: int | None = None
