"""What an examination of this machine found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    seen: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding as `--json` prints it."""
        return asdict(self)
