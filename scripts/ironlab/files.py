"""Write files so that they are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def chosen(folder: Path) -> Iterator[None]:
    """Write into a folder that a user has chosen.

    Raises:
        IronlabError: it can't be written to.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "name a folder that you may write to"
        raise IronlabError(f"cannot write to {folder}: {reason}", remedy, ExitCode.USAGE) from None


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace `path` by `text` in one step; its folder is made when missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            os.fchmod(stream.fileno(), mode)
        Path(aside).replace(path)
    except BaseException:  # Ctrl-C too must leave nothing half-written behind
        Path(aside).unlink(missing_ok=True)
        raise
