"""The serial console of a virtual machine: what it said, and a terminal on it."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ironlab.console import tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts.machine import spec as machine
from ironlab.hosts.machine.qmp import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from socket import socket

ESCAPE = 0x1D  # Ctrl-], as telnet and virsh have it
LINES = 4
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[^\x20-\x7e\n]")
# what is said by a system that waits for somebody at its console, and will for ever
STUCK = re.compile(
    rb"You are in (emergency|rescue) mode|Entering emergency mode|the root account is locked"
    rb"|Kernel panic|No bootable device|grub rescue>"
)


def stuck(log: Path, begin: int) -> bool:
    """Whether the system said, after the first `begin` bytes, that it will not come up."""
    try:
        with log.open("rb") as stream:
            stream.seek(begin)
            return STUCK.search(stream.read()) is not None
    except FileNotFoundError:
        return False


def last_lines(log: Path) -> str:
    """What the console said last, in one line."""
    try:
        text = log.read_bytes()[-8192:].decode(errors="replace")
    except FileNotFoundError:
        return "nothing"
    lines = [line.strip() for line in CONTROL.sub("", text).splitlines() if line.strip()]
    return " | ".join(lines[-LINES:]) or "nothing"


def attach(spec: machine.Spec) -> None:
    """Connect the terminal with the console until Ctrl-] is pressed.

    Raises:
        IronlabError: there is no terminal, or no machine that runs.
    """
    if not sys.stdin.isatty():
        raise IronlabError("the console wants a terminal", "run it in one", ExitCode.USAGE)
    try:
        connection = connect(spec.folder / machine.CONSOLE)
    except OSError:
        message = f"host {spec.name} does not run, or its console is in use"
        remedy = f"start it: ./ironlab host create {spec.name} --machine"
        raise IronlabError(message, remedy, ExitCode.UNREACHABLE) from None
    tell(f"the console of {spec.name}; Ctrl-] leaves it, Enter shows a prompt")
    with connection, _raw(sys.stdin.fileno()):
        _pass_on(connection, sys.stdin.fileno(), sys.stdout.fileno())
    tell("")


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    """Hand each key on as it is; the terminal is as before afterwards, whatever happens."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _pass_on(connection: socket, keys: int, screen: int) -> None:
    """Both ways at once, until the escape key or the end of the machine."""
    connection.settimeout(None)
    while True:
        ready, _, _ = select.select([connection.fileno(), keys], [], [])
        if connection.fileno() in ready:
            said = connection.recv(4096)
            if not said:
                return
            os.write(screen, said)
        if keys in ready:
            typed = os.read(keys, 1024)
            before, escape, _ = typed.partition(bytes([ESCAPE]))
            if before:
                connection.sendall(before)
            if escape or not typed:
                return
