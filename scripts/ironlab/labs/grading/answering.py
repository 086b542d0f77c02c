"""Who answers the commands of a grading: the lab's hosts, or what was recorded of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from ironlab.labs.grading.connection import Connection, LoginError, LostError
from ironlab.labs.grading.diagnosis import RESET, answers, down, explain
from ironlab.labs.grading.model import Access

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ironlab.labs.grading.model import Grading, Probe, Target


class NoAnswerError(Exception):
    """The host is gone."""


class NotRecordedError(Exception):
    """Nobody ran this command when the recording was made."""


class Answers(Protocol):
    """Answers commands until it is closed."""

    def open(self) -> dict[str, Access]:
        """Reach the hosts."""

    @property
    def answering(self) -> bool:
        """Whether it has an answer to anything."""

    def run(self, function: str, alias: str, command: str, limit: float) -> Probe:
        """The answer to a command that a function of the grader asks for."""

    def close(self) -> None:
        """Let go of the hosts."""


class Live:
    """The hosts themselves, over ssh."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        is_running: Callable[[Target], bool] = answers,
        connect: Callable[[Target], Connection] = Connection,
    ) -> None:
        """Reach these; `is_running` is asked about one that lets nobody in."""
        self._targets = targets
        self._is_running = is_running
        self._connect = connect
        self._connections: dict[str, Connection] = {}
        self._access: dict[str, Access] = {}

    def open(self) -> dict[str, Access]:
        """Log in on all of them at once."""
        with ThreadPoolExecutor(len(self._targets)) as pool:
            found = pool.map(self._login, self._targets)
            self._access = dict(zip(self._targets, found, strict=True))
        return self._access

    @property
    def answering(self) -> bool:
        """Whether a host let the grader in."""
        return any(access.ok for access in self._access.values())

    def run(self, function: str, alias: str, command: str, limit: float) -> Probe:
        """Run it; when the connection is lost, once more over a new one."""
        del function  # a replay needs it
        if not self._access[alias].ok:
            raise NoAnswerError(self._access[alias].message)
        try:
            return self._connections[alias].run(command, alias, limit)
        except LostError:
            self._again(alias)
        try:
            return self._connections[alias].run(command, alias, limit)
        except LostError:
            message = f"{alias} went away twice at: {command}"
            self._access[alias] = Access(ok=False, fault="learner", message=message, remedy=RESET)
            raise NoAnswerError(message) from None

    def close(self) -> None:
        """End every login."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _again(self, alias: str) -> None:
        before = self._access[alias]
        self._connections.pop(alias).close()
        now = self._login(alias)
        if now.ok and now.boot_id != before.boot_id:
            message = f"{alias} rebooted while it was being graded"
            now = Access(ok=False, fault="learner", message=message, remedy="grade it again")
        self._access[alias] = now
        if not now.ok:
            raise NoAnswerError(now.message)

    def _login(self, alias: str) -> Access:
        target = self._targets[alias]
        if self._is_running is not answers and not answers(target) and not self._is_running(target):
            return down(alias, target)  # ssh would wait for half a minute
        connection = self._connect(target)
        self._connections[alias] = connection
        try:
            hello = connection.open()
        except LoginError as error:
            return explain(alias, target, error, self._is_running)
        notes = [f"{alias}: the file system of {path} is full" for path in hello["full"]]
        return Access(ok=True, boot_id=hello["boot_id"], notes=notes)


class Replayed:
    """The probes of a recorded grading, each function's in the order in which they ran."""

    def __init__(self, recorded: Grading) -> None:
        """Answer from this grading."""
        self._access = recorded.access
        self._probes = {
            result.id: list(result.probes) for result in recorded.results if result.probes
        }
        self._lost = {
            result.id: result.message
            for result in recorded.results
            if result.outcome == "unreachable"
        }

    def open(self) -> dict[str, Access]:
        """As it was."""
        return self._access

    @property
    def answering(self) -> bool:
        """Whether there were answers, also of a host that was lost later."""
        return bool(self._probes) or any(access.ok for access in self._access.values())

    def run(self, function: str, alias: str, command: str, limit: float) -> Probe:
        """The next recorded answer to this very command."""
        del limit
        kept = self._probes.get(function, [])
        for index, probe in enumerate(kept):
            if (probe.host, probe.command) == (alias, command):
                return kept.pop(index)
        if function in self._lost:
            raise NoAnswerError(self._lost[function])
        raise NotRecordedError(f"the recorded grading never ran on {alias}: {command}")

    def close(self) -> None:
        """There is nothing to let go of."""
