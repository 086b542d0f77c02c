"""How much memory a program and all its children take together."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_INTERVAL = 0.2  # seconds; Ansible's workers live about as long


def session_pss(session: int, proc: Path = Path("/proc")) -> int:
    """Bytes that the processes of one session take.

    Memory that several of them share, as Ansible's forked workers do, counts once (PSS).

    Args:
        session: the session's id, which is its first process's.
        proc: where the kernel tells.
    """
    total = 0
    for folder in proc.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            if int(fields[3]) != session:
                continue
            found = _PSS.search((folder / "smaps_rollup").read_text(encoding="utf-8"))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended while we looked, or isn't ours
        total += int(found[1]) * 1024 if found else 0
    return total


class Peak(threading.Thread):
    """Watches a session while a `with` block runs, and keeps the largest size it saw."""

    def __init__(self, session: int) -> None:
        """Watch the session that the process with this id began."""
        super().__init__(daemon=True)
        self.session = session
        self.bytes = 0
        self._done = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while True:
            self.bytes = max(self.bytes, session_pss(self.session))
            if self._done.wait(_INTERVAL):
                return

    def __enter__(self) -> Self:
        """Begin to watch."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self._done.set()
        self.join()
