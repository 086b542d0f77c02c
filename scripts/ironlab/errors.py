"""The one exception of the command line, and the exit codes it ends with."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell sees; documented in `./ironlab --help`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PREREQUISITE = 3
    UNREACHABLE = 4
    BUSY = 5
    INTERRUPTED = 130


class IronlabError(Exception):
    """A problem whose cause and remedy fit on one line.

    Args:
        message: what went wrong, naming the thing (a path, a host, a variable).
        remedy: what the reader can do about it.
        code: the exit code of the command line.
    """

    def __init__(self, message: str, remedy: str, code: ExitCode = ExitCode.FAILED) -> None:
        """Keep the two halves apart, so that `--json` can show them apart."""
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy
        self.code = code
