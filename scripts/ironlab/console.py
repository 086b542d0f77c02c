"""Talk to whoever runs Ironlab: results on stdout, everything on the way there on stderr."""

from __future__ import annotations

import sys


def tell(line: str) -> None:
    """Say what is going on."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, *, default: bool) -> bool:
    """Ask a question; without a terminal the answer is yes, for nobody could give one."""
    if not is_terminal():
        return True
    sys.stderr.write(f"{question} [{'Y/n' if default else 'y/N'}] ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:  # Ctrl-D: whoever leaves has not agreed
        sys.stderr.write("\n")
        return False
    answer = line.strip().lower()
    return default if not answer else answer.startswith("y")
