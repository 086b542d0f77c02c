"""Start other programs: the one place where Ironlab does, so that tests can stand in for it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_FOUND = 127
TIMED_OUT = 124


@dataclass(frozen=True)
class Done:
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether it ended with exit code 0."""
        return self.code == 0

    @property
    def reason(self) -> str:
        """The last thing it said: for an error of one line."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


class Run(Protocol):
    """Runs a program to its end."""

    def __call__(
        self, argv: Sequence[str], /, *, stdin: bytes = b"", timeout: float | None = None
    ) -> Done:
        """Run `argv` with `stdin` as its input and return how it ended."""


def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
    """Run a program; a missing program and a time-out end as a shell would say it."""
    try:
        done = subprocess.run(  # Ctrl-C ends the child too: subprocess.run waits for and kills it
            argv, input=stdin, capture_output=True, check=False, timeout=timeout
        )
    except FileNotFoundError:
        return Done(NOT_FOUND, "", f"{argv[0]}: command not found")
    except subprocess.TimeoutExpired:
        return Done(TIMED_OUT, "", f"{argv[0]}: no answer within {timeout:g} s")
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))


def privileged(argv: Sequence[str]) -> list[str]:
    """The same command as root: through sudo, which may ask only where there is a terminal."""
    if os.geteuid() == 0:
        return list(argv)
    return ["sudo", *([] if sys.stdin.isatty() else ["-n"]), *argv]


def run_as_root(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
    """Like `run`, as root."""
    return run(privileged(argv), stdin=stdin, timeout=timeout)
