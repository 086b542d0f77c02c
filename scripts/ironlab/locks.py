"""One at a time: advisory locks that end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ironlab import paths
from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def lock(name: str, *, wait: bool, doing: str = "") -> Iterator[None]:
    """Hold the lock `name`.

    Args:
        name: the file under the state folder's `locks`.
        wait: wait for another holder, else fail at once naming its process.
        doing: what the holder does, for that error.

    Raises:
        IronlabError: with `ExitCode.BUSY`, when another process holds it.
    """
    folder = paths.state_dir() / "locks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            holder = stream.read().strip() or "unknown"
            message = f"another {doing or name} is running (process {holder})"
            remedy = f"wait for it, or end it with `kill {holder}`"
            raise IronlabError(message, remedy, ExitCode.BUSY) from None
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield
        stream.seek(0)
        stream.truncate()
