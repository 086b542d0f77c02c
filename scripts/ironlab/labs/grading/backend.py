"""testinfra's way to a host, when the commands are run by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.labs.grading.model import Probe


class UnreachableError(Exception):
    """The host is gone: no answer to a command, and no way back in."""


class UnrecordedError(Exception):
    """A replay was asked for a command that the grading never ran."""


class Backend(BaseBackend):  # type: ignore[misc]  # testinfra's classes have no types that mypy sees
    """Asks for each command through a function, and hands on the answer as text."""

    NAME = "ironlab"

    def __init__(self, alias: str, ask: Callable[[str, str], Probe]) -> None:
        """Run every command on the host called `alias` in the lab."""
        super().__init__(alias)
        self._ask = ask

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:  # noqa: ANN401
        """Run a command as root."""
        text = self.get_command(command, *args)
        probe = self._ask(self.hostname, text)
        return self.result(probe.rc, text.encode(), probe.stdout, probe.stderr)

    def get_encoding(self) -> str:
        """Everything arrives as text; testinfra would run Python on the host to find out."""
        return "utf-8"


def host(alias: str, ask: Callable[[str, str], Probe]) -> Host:
    """The testinfra host of that name."""
    backend = Backend(alias, ask)
    made = Host(backend)
    backend.set_host(made)
    return made
