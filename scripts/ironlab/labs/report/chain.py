"""A list of entries, each of which carries the hash of all before it.

An entry that was changed, removed or put in later is found and named. It is a seal against slips
and retouching, not a signature: who rewrites everything after a change can forge it, except for the
last hash, which the page shows too.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

from ironlab.errors import IronlabError

NONE = "0" * 64
REMEDY = "ask for the bundle as `ironlab report` wrote it"


class Entry(BaseModel):
    """One link."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    kind: str
    at: str
    data: dict[str, Any]
    previous: str
    sha256: str

    def digest(self) -> str:
        """The hash that the entry must carry."""
        content = self.model_dump(exclude={"sha256"})
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def named(self) -> str:
        """For messages."""
        return f"entry {self.number} ({self.kind}, {self.at})"


def extend(entries: list[Entry], kind: str, at: str, data: dict[str, Any]) -> None:
    """Add an entry at the end."""
    previous = entries[-1].sha256 if entries else NONE
    plain = json.loads(json.dumps(data))  # what a reader of the file will see
    bare = Entry(
        number=len(entries) + 1, kind=kind, at=at, data=plain, previous=previous, sha256=""
    )
    entries.append(bare.model_copy(update={"sha256": bare.digest()}))


def verify(entries: list[Entry], seal: str, where: str) -> None:
    """Check every link.

    Args:
        entries: as read from a file.
        seal: the hash of the last entry, as the file says it.
        where: the file, for messages.

    Raises:
        IronlabError: naming the entry that is not as it was written.
    """
    previous = NONE
    for number, entry in enumerate(entries, 1):
        if entry.sha256 != entry.digest():
            raise IronlabError(f"{where}: {entry.named} was changed", REMEDY)
        if entry.number != number or entry.previous != previous:
            message = f"{where}: {entry.named} does not follow the one before it"
            raise IronlabError(f"{message}: entries were removed, added or moved", REMEDY)
        previous = entry.sha256
    if not entries or previous != seal:
        last = entries[-1].named if entries else "nothing"
        raise IronlabError(f"{where}: what came after {last} was removed", REMEDY)
