"""Call podman as root and turn its refusals into errors of one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ironlab.errors import ExitCode, IronlabError
from ironlab.process import NOT_FOUND, TIMED_OUT

if TYPE_CHECKING:
    from ironlab.process import Done, Run

TIMEOUT = 120.0

# what podman says -> (cause, remedy, exit code)
KNOWN = {
    "command not found": (
        "podman is not installed",
        "`./ironlab up` installs it, or do so yourself: apt/dnf install podman",
        ExitCode.PREREQUISITE,
    ),
    "a password is required": (
        "podman must run as root, and sudo would ask for a password",
        "run in a terminal, or as root",
        ExitCode.PREREQUISITE,
    ),
    "no space left on device": (
        "the disk of podman's storage is full",
        "free some space, for example by `podman image prune`",
        ExitCode.PREREQUISITE,
    ),
    "already allocated": (
        "the address is in use by another container",
        "see `./ironlab host list`, destroy that host or take another address",
        ExitCode.FAILED,
    ),
}


class Podman:
    """podman, with the runner injected."""

    def __init__(self, run: Run) -> None:
        """Use `run` (as root) for every call."""
        self._run = run

    def try_(self, *args: str, stdin: bytes = b"", timeout: float = TIMEOUT) -> Done:
        """Call podman and return how it ended, also when it refused."""
        done = self._run(["podman", *args], stdin=stdin, timeout=timeout)
        if done.code in {NOT_FOUND, TIMED_OUT} or "sudo:" in done.err:
            raise self._error(args, done)
        return done

    def call(self, *args: str, stdin: bytes = b"", timeout: float = TIMEOUT) -> str:
        """Call podman and return what it printed; refusals raise."""
        done = self.try_(*args, stdin=stdin, timeout=timeout)
        if not done.ok:
            raise self._error(args, done)
        return done.out

    def inspect(self, kind: str, *names: str) -> list[dict[str, Any]]:
        """What podman knows about these objects; those that don't exist are left out."""
        if not names:
            return []
        done = self.try_(kind, "inspect", *names)
        found: list[dict[str, Any]] = json.loads(done.out or "[]")
        return found

    @staticmethod
    def _error(args: tuple[str, ...], done: Done) -> IronlabError:
        for sign, (message, remedy, code) in KNOWN.items():
            if sign in done.err.lower():
                return IronlabError(message, remedy, code)
        verb = next((arg for arg in args if not arg.startswith("-")), "")
        reason = done.reason.removeprefix("Error: ")
        return IronlabError(f"podman {verb}: {reason}", "see `./ironlab doctor`")
