"""testinfra's way to a host, when the commands are run by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.host import Host

from ironlab.labs.grading.model import COMMAND_SECONDS

if TYPE_CHECKING:
    from ironlab.labs.grading.model import Probe


class Ask(Protocol):
    """Has a command run on a host."""

    def __call__(self, alias: str, command: str, limit: float, /) -> Probe:
        """The host, the command, its time limit."""


class UnreachableError(Exception):
    """The host is gone: no answer to a command, and no way back in."""


class UnrecordedError(Exception):
    """A replay was asked for a command that the grading never ran."""


class Backend(BaseBackend):  # type: ignore[misc]  # testinfra's classes have no types that mypy sees
    """Asks for each command through a function, and hands on the answer as text."""

    NAME = "ironlab"

    def __init__(self, alias: str, ask: Ask) -> None:
        """Run every command on the host called `alias` in the lab."""
        super().__init__(alias)
        self._ask = ask

    def run(
        self,
        command: str,
        *args: str,
        limit: float = COMMAND_SECONDS,
        **_: Any,  # noqa: ANN401 - what testinfra gives to other backends
    ) -> CommandResult:
        """Run a command as root, for at most `limit` seconds."""
        text = self.get_command(command, *args)
        probe = self._ask(self.hostname, text, limit)
        return self.result(probe.rc, text.encode(), probe.stdout, probe.stderr)

    def get_encoding(self) -> str:
        """Everything arrives as text; testinfra would run Python on the host to find out."""
        return "utf-8"


def host(alias: str, ask: Ask) -> Host:
    """The testinfra host of that name."""
    backend = Backend(alias, ask)
    made = Host(backend)
    backend.set_host(made)
    return made
