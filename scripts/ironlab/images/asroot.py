"""Build as root for a user who is not: owners and devices of a root file system need it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from ironlab import paths
from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "error: "


def build(name: str, source: str, progress: Callable[[str], None]) -> None:
    """Run the builder under sudo, with the user's own cache and state folders."""
    folders = {
        "XDG_CACHE_HOME": paths.cache_dir().parent,
        "XDG_STATE_HOME": paths.state_dir().parent / "root",  # the lock is held by us
        "PYTHONPATH": paths.REPO / "scripts",
    }
    command = ["sudo", "env", *(f"{key}={value}" for key, value in folders.items())]
    command += [sys.executable, "-m", "ironlab.images", "build", name, source]
    last = ""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            last = line.strip() or last
            if not last.startswith(MARK):
                progress(last)
    if process.returncode != 0:
        cause, _, remedy = last.removeprefix(MARK).rpartition("; ")
        raise IronlabError(
            cause or f"image {name} cannot be built as root",
            remedy or "allow yourself sudo, or run it as root",
            ExitCode(process.returncode)
            if process.returncode in set(ExitCode)
            else ExitCode.FAILED,
        )
