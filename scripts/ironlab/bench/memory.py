"""How much memory a program and all its children take together."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from pathlib import Path
from typing import Self

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_INTERVAL = 0.2  # seconds; Ansible's workers live about as long


def tree_pss(root: int, proc: Path = Path("/proc")) -> int:
    """Bytes that a process and its descendants take.

    Memory that several of them share, as Ansible's forked workers do, counts once (PSS). They are
    found by their parents, for each worker begins a session of its own.

    Args:
        root: the process.
        proc: where the kernel tells.
    """
    children: dict[int, list[int]] = defaultdict(list)
    for folder in proc.glob("[0-9]*"):
        stat = _read(folder / "stat")
        if stat:
            children[int(stat.rsplit(")", 1)[1].split()[1])].append(int(folder.name))
    total, family = 0, [root]
    for process in family:
        family += children[process]
        found = _PSS.search(_read(proc / str(process) / "smaps_rollup"))
        total += int(found[1]) * 1024 if found else 0
    return total


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""  # the process ended while we looked, or isn't ours


class Peak(threading.Thread):
    """Watches a process while a `with` block runs, and keeps the largest size it saw."""

    def __init__(self, root: int) -> None:
        """Watch the process with this id and its descendants."""
        super().__init__(daemon=True)
        self.root = root
        self.bytes = 0
        self._done = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while True:
            self.bytes = max(self.bytes, tree_pss(self.root))
            if self._done.wait(_INTERVAL):
                return

    def __enter__(self) -> Self:
        """Begin to watch."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._done.set()
        self.join()
