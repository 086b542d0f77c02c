"""The grader's half of a grading: answers the worker's questions and collects its results."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading.answering import NoAnswerError, NotRecordedError
from ironlab.labs.grading.model import CheckResult, Expectation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from ironlab.labs.grading.answering import Answers
    from ironlab.labs.grading.model import Access, Outcome, Probe
    from ironlab.labs.grading.plan import Item

SILENT_SECONDS = 30.0  # grade.py neither asks nor ends: it hangs
GRADING_SECONDS = 300.0  # for all of a grading


class Serving:
    """One grading."""

    def __init__(
        self,
        items: Sequence[Item],
        source: Answers,
        silent_seconds: float = SILENT_SECONDS,
        grading_seconds: float = GRADING_SECONDS,
    ) -> None:
        """Expect a result for each item."""
        self._items = {item.function: item for item in items}
        self._source = source
        self._silent_seconds = silent_seconds
        self._deadline = time.monotonic() + grading_seconds
        self._current = ""
        self._probes: dict[str, list[Probe]] = {}
        self._results: dict[str, CheckResult] = {}
        self._broken: tuple[Outcome, str] = ("error", "grade.py has no such function")
        self.returned: dict[str, Any] = {}
        """What the functions returned."""

    def serve(self, pipe: Connection) -> None:
        """Until the worker is done, silent for too long, or gone."""
        while True:
            rest = self._deadline - time.monotonic()
            if not pipe.poll(max(min(self._silent_seconds, rest), 0)):
                slow = rest <= self._silent_seconds
                self._broken = (
                    ("unreachable", "the hosts answered too slowly; the grading was given up")
                    if slow
                    else ("error", f"{self._named()} did nothing for {self._silent_seconds:g} s")
                )
                return
            try:
                message = pipe.recv()
                if not self._take(message, pipe):
                    return
            except (EOFError, ConnectionError):
                self._broken = ("error", f"{self._named()} ended the grader's process")
                return

    def results(self, access: dict[str, Access]) -> list[CheckResult]:
        """One for each item; those that never came say why."""
        locked = [each for each in access.values() if each.fault == "learner"]
        down = [each for each in access.values() if not each.ok]
        found = []
        for item in self._items.values():
            outcome, message = self._broken
            if len(down) == len(access):
                outcome, message = "unreachable", down[0].message
            result = self._results.get(item.function) or self._make(item, outcome, message, [])
            if item.id == "kit-ssh" and locked:  # this is what it asks
                result = self._make(item, "failed", locked[0].message, [])
            found.append(result)
        return found

    def _take(self, message: tuple[Any, ...], pipe: Connection) -> bool:
        match message:
            case ("ask", alias, command, limit):
                pipe.send(self._answer(alias, command, limit))
            case ("begin", function):
                self._current = function
            case ("end", function, outcome, text, expectations, value):
                met = [Expectation(**each) for each in expectations]
                self._results[function] = self._make(self._items[function], outcome, text, met)
                self.returned[function] = value
            case ("broken", text):
                self._broken = ("error", text)
            case ("done",):
                return False
        return True

    def _answer(self, alias: str, command: str, limit: float) -> tuple[str, object]:
        item = self._items.get(self._current)
        try:
            probe = self._source.run(item.id if item else "", alias, command, limit)
        except NoAnswerError as error:
            return "unreachable", str(error)
        except NotRecordedError as error:
            return "unrecorded", str(error)
        self._probes.setdefault(self._current, []).append(probe)
        return "probe", probe.model_dump()

    def _make(
        self, item: Item, outcome: Outcome, message: str, expectations: list[Expectation]
    ) -> CheckResult:
        return CheckResult(
            id=item.id,
            title=item.title,
            objective=item.objective,
            kind=item.kind,
            points=item.points,
            persists=item.persists,
            outcome=outcome,
            expectations=expectations,
            message=message,
            probes=self._probes.get(item.function, []),
        )

    def _named(self) -> str:
        return f"grade.py ({self._current})" if self._current else "grade.py"
