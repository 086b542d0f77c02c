"""QEMU's monitor, spoken over its socket: one command, one answer."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60.0  # for one answer: saving a state to a slow disk takes long
LOOK_SECONDS = 0.02


def connect(path: Path, seconds: float = SECONDS) -> socket.socket:
    """Connect to a socket by its folder: the path may be longer than a socket's name can be."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)
    except BaseException:
        connection.close()
        raise
    return connection


class Monitor:
    """The monitor of one virtual machine, to be used in a `with`."""

    def __init__(self, path: Path, name: str) -> None:
        """Connect to the monitor of host `name` and leave its greeting behind.

        Raises:
            OSError: nobody listens there.
        """
        self._name = name
        self._events: list[str] = []
        self._said = b""
        self._socket = connect(path)
        self._read()
        self.call("qmp_capabilities")

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self._socket.close()

    def call(self, command: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON, by QEMU's schema
        """Have QEMU do something and return its answer.

        Raises:
            IronlabError: QEMU refused, or ended.
        """
        names = {key.replace("_", "-"): value for key, value in arguments.items()}
        message = {"execute": command, "arguments": names}
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
            while "return" not in (answer := self._read()):
                if "error" in answer:
                    raise self._error(command, answer["error"]["desc"])
        except OSError as error:
            raise self._error(command, str(error)) from None
        return answer["return"]

    def job(self, command: str, **arguments: Any) -> None:  # noqa: ANN401 - JSON, by QEMU's schema
        """Have QEMU do something that takes long, and wait until it is done."""
        job = f"ironlab-{uuid4()}"
        self.call(command, job_id=job, **arguments)
        while True:
            found = next(each for each in self.call("query-jobs") if each["id"] == job)
            if found["status"] == "concluded":
                break
            time.sleep(LOOK_SECONDS)
        self.call("job-dismiss", id=job)
        if found.get("error"):
            raise self._error(command, found["error"])

    def wait_for(self, event: str, seconds: float) -> bool:
        """Wait until QEMU tells of an event; one that came since the connection counts."""
        deadline = time.monotonic() + seconds
        while event not in self._events:
            rest = deadline - time.monotonic()
            if rest <= 0:
                return False
            self._socket.settimeout(rest)
            with contextlib.suppress(TimeoutError):
                self._read()
        self._socket.settimeout(SECONDS)
        return True

    def _read(self) -> dict[str, Any]:
        while b"\n" not in self._said:  # a file object could not be used again after a time-out
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionResetError("it has ended")
            self._said += more
        line, _, self._said = self._said.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        if "event" in message:
            self._events.append(message["event"])
        return message

    def _error(self, command: str, said: str) -> IronlabError:
        remedy = f"if it stays so: ./ironlab host destroy {self._name}"
        message = f"QEMU, host {self._name}, {command}: {said}"
        return IronlabError(message, remedy, ExitCode.UNREACHABLE)
