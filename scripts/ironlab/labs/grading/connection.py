"""One ssh login on a graded host, and the commands that run through it.

Each grading logs in anew: a learner's host that lets nobody in any more has to be noticed, and a
connection that was kept would hide it. Within a grading all commands share the login.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading.model import COMMAND_SECONDS, Probe
from ironlab.process import NOT_FOUND

if TYPE_CHECKING:
    from ironlab.labs.grading.model import Target

AGENT = Path(__file__).with_name("agent.py")
LOGIN_SECONDS = 60.0  # a virtual machine without KVM, on a busy computer
MARGIN_SECONDS = 10.0  # on top of a command's own limit, for the way there and back
SSH_FAILED = 255
START = "import sys; exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))"
OPTIONS = {
    "BatchMode": "yes",
    "ConnectTimeout": "30",
    "ConnectionAttempts": "1",
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
    "ControlPath": "none",
    "IdentitiesOnly": "yes",
    "GlobalKnownHostsFile": "/dev/null",
    "StrictHostKeyChecking": "yes",
    # ahead of the default's hybrid with a post-quantum one: 70 ms less a login
    "KexAlgorithms": "^curve25519-sha256",
}


class LoginError(Exception):
    """The kit's account did not get in, or not as root."""

    def __init__(self, rc: int | None, said: str) -> None:
        """Keep ssh's exit code (none when it never ended) and what was said."""
        super().__init__(said)
        self.rc = rc
        self.said = said


class LostError(Exception):
    """The connection ended in the middle of a command."""


def command(target: Target) -> list[str]:
    """The ssh command that starts the agent as root."""
    options = OPTIONS | {
        "IdentityFile": target.identity_file,
        "UserKnownHostsFile": target.known_hosts,
    }
    given = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    agent = f"exec sudo -n -- /usr/bin/python3 -IBS -c '{START}'"
    login = f"{target.user}@{target.address}"
    return ["ssh", "-T", *given, "-p", str(target.port), login, agent]


class Connection:
    """A started agent; `open` it first."""

    def __init__(self, target: Target, *, argv: list[str] | None = None) -> None:
        """Reach `target`; `argv` is for tests: an agent without ssh."""
        self.target = target
        self._argv = argv or command(target)
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = bytearray()
        self._noise: list[str] = []
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`

    def open(self, limit: float = LOGIN_SECONDS) -> dict[str, Any]:
        """Log in; what the agent says of the host.

        Raises:
            LoginError: when there is no agent in the end.
        """
        try:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
            )
        except FileNotFoundError:
            raise LoginError(NOT_FOUND, "ssh: command not found") from None
        source = AGENT.read_bytes()
        try:
            self._send(f"{len(source)}\n".encode() + source)
            hello = self._receive(limit, "boot_id")
        except LostError:
            rc = self._ended()
            raise LoginError(rc, self._heard()) from None
        return hello

    def run(self, text: str, alias: str, limit: float = COMMAND_SECONDS) -> Probe:
        """Run a command on the host.

        Raises:
            LostError: when the host went away.
        """
        self._send(json.dumps({"command": text, "limit": limit}).encode() + b"\n")
        answer = self._receive(limit + MARGIN_SECONDS, "rc")
        return Probe(host=alias, command=text, **answer)

    def close(self) -> None:
        """End the agent and ssh, also when they hang."""
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            try:
                self._process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._said.close()

    def _send(self, data: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            raise LostError
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise LostError from error

    def _receive(self, limit: float, key: str) -> dict[str, Any]:
        """The next answer with that key; what the account's own shell start-up says is passed."""
        deadline = time.monotonic() + limit
        while True:
            line = self._line(deadline)
            try:
                answer = json.loads(line)
            except ValueError:
                self._noise.append(line)
                continue
            if isinstance(answer, dict) and key in answer:
                return answer

    def _line(self, deadline: float) -> str:
        if self._process is None or self._process.stdout is None:
            raise LostError
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while (end := self._buffer.find(b"\n")) < 0:
                rest = deadline - time.monotonic()
                if rest <= 0 or not selector.select(rest):
                    raise LostError
                data = os.read(self._process.stdout.fileno(), 1 << 20)
                if not data:
                    raise LostError
                self._buffer += data
        line = self._buffer[:end].decode("utf-8", "replace")
        del self._buffer[: end + 1]
        return line

    def _ended(self) -> int | None:
        """The exit code of ssh, once it had a moment to give one."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            return None

    def _heard(self) -> str:
        """What ssh, sudo and the login shell said."""
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace")
        return "\n".join([*self._noise, said]).strip()
