"""Run the command line and give every outcome its exit code."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from typer import Abort
from typer.exceptions import TyperException

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = "interrupted; run the same command again, it goes on from there"


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM takes the way of Ctrl-C: what is half done is undone."""
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Run one command; an error is one line on stderr."""
    from ironlab.cli import app  # noqa: PLC0415 - Ctrl-C while it loads is handled too

    try:
        signal.signal(signal.SIGTERM, _terminate)
        code = app(arguments, prog_name="ironlab", standalone_mode=False)
    except IronlabError as error:
        return _say(f"error: {error}", error.code)
    except TyperException as error:
        line = " ".join(error.format_message().split()).rstrip(".")
        return _say(f"error: {line}; see ./ironlab --help" if line else "", ExitCode.USAGE)
    except (KeyboardInterrupt, Abort):
        code = ExitCode.INTERRUPTED
    if code == ExitCode.INTERRUPTED:
        return _say(INTERRUPTED, ExitCode.INTERRUPTED)
    return int(code or 0)


def _say(line: str, code: ExitCode) -> int:
    if line:  # a group without a command has shown its help instead
        sys.stderr.write(f"{line}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
