"""A lab's host as graders, scripts and playbooks reach it: over one ssh connection that is kept.

A new connection costs a quarter of a second, a second command on a kept one ten milliseconds. The
price: a kept connection outlives a reset (`drop` ends it) and a stopped sshd (so the grader, who
must notice, logs in anew each time).
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.grading.model import Target as Plain
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from ironlab.hosts import Host
    from ironlab.process import Run

KEPT_SECONDS = 60
CONNECT_SECONDS = 5
ALIVE_SECONDS = 5  # between two questions to a host that says nothing; three unanswered end it


@dataclass(frozen=True)
class Target(Plain):
    """How a host is reached."""

    @classmethod
    def of(cls, host: Host) -> Target:
        """The target that a host of Ironlab is."""
        identity, known = str(host.identity_file), str(host.known_hosts)
        return cls(host.name, host.address, host.port, host.user, identity, known)

    @property
    def control_path(self) -> Path:
        """The socket of the kept connection: the same for every process of this user."""
        key = f"{self.user}@{self.address}:{self.port}:{self.identity_file}:{self.known_hosts}"
        return _sockets() / hashlib.sha256(key.encode()).hexdigest()[:16]

    @property
    def options(self) -> list[str]:
        """What ssh needs besides where to go; it asks nothing."""
        return _pairs(
            {
                "BatchMode": "yes",
                "ConnectTimeout": CONNECT_SECONDS,
                "IdentityFile": self.identity_file,
                "IdentitiesOnly": "yes",
                "UserKnownHostsFile": self.known_hosts,
                "GlobalKnownHostsFile": "/dev/null",
                "StrictHostKeyChecking": "yes",
            }
        )

    @property
    def kept(self) -> list[str]:
        """The options that share and keep the connection."""
        return _pairs(
            {
                "ControlMaster": "auto",
                "ControlPersist": KEPT_SECONDS,
                "ControlPath": self.control_path,
                "ServerAliveInterval": ALIVE_SECONDS,
            }
        )

    def ssh(self, *options: str) -> list[str]:
        """The ssh command over the kept connection, up to the remote command."""
        return ["ssh", *self.options, *self.kept, *options, *self.where]

    def drop(self, run: Run = run_here) -> None:
        """End the kept connection, if there is one: the host is about to be another."""
        if self.control_path.exists():
            run(["ssh", "-o", f"ControlPath={self.control_path}", "-O", "exit", *self.where])
            self.control_path.unlink(missing_ok=True)  # what a killed master has left

    @property
    def where(self) -> list[str]:
        """Where to go."""
        return ["-p", str(self.port), f"{self.user}@{self.address}"]


def _pairs(options: dict[str, object]) -> list[str]:
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]


def _sockets() -> Path:
    """A short path (a socket's may have 107 bytes) that only this user can read."""
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    folder = base / f"ironlab-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o077:
        message = f"{folder} is not a folder of yours alone, where ssh connections could be kept"
        raise IronlabError(message, "remove it", ExitCode.PREREQUISITE)
    return folder
