"""pytest's side of a grading: gives the fixtures, and tells results as they come."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.labs.grading import backend
from ironlab.labs.grading.author import NotChecked, Unmet, Values, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from ironlab.labs.grading.author import Baseline
    from ironlab.labs.grading.backend import Ask
    from ironlab.labs.grading.model import Outcome
    from ironlab.labs.grading.plan import Allowed, Job


def where(error: BaseException, grader: Path) -> str:
    """Name an exception with the line of grade.py it came through."""
    if isinstance(error, pytest.FixtureLookupError):
        return f"{grader.name}: there is no fixture `{error.argname}`"
    said = f"{type(error).__name__}: {error}".rstrip(": ").splitlines()[0]
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{Path(error.filename or grader).name} line {error.lineno}: {said}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == grader
    ]
    return f"{grader.name} line {lines[-1]}: {said}" if lines else said


class Plugin:
    """One grading's plugin; `tell` takes each message to the grader."""

    def __init__(self, job: Job, ask: Ask, tell: Callable[[tuple[Any, ...]], None]) -> None:
        """Make the hosts of the lab; no command runs yet."""
        self._job = job
        self._tell = tell
        self._hosts = {alias: backend.host(alias, ask) for alias in job.aliases}
        self._asserts = 0
        self._value: object = None

    @pytest.fixture
    def host(self) -> Host:
        """The host that the learner works on."""
        return self._hosts["box"]

    @pytest.fixture
    def peer(self) -> Host:
        """The host beside it."""
        if "peer" not in self._hosts:
            raise LookupError("the lab has no host `peer`")
        return self._hosts["peer"]

    @pytest.fixture
    def hosts(self) -> dict[str, Host]:
        """All of them by name."""
        return self._hosts

    @pytest.fixture
    def lab(self) -> Values:
        """The lab's values."""
        return Values(self._job.values)

    @pytest.fixture
    def baseline(self) -> Baseline:
        """What was remembered after set-up."""
        return self._job.baseline

    @pytest.fixture
    def allowed(self) -> Allowed:
        """What the lab lets change."""
        return self._job.allowed

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what the lab names, in its order; a parametrised function is not one of them."""
        wanted = self._job.functions
        items[:] = sorted(
            (item for item in items if item.name in wanted),
            key=lambda item: wanted.index(item.name),
        )

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]
    ) -> None:
        """A module that can't be imported has no tests: that is the whole result."""
        if isinstance(node, pytest.Collector) and call.excinfo is not None:
            cause = call.excinfo.value
            while cause.__cause__ is not None:  # pytest wraps it
                cause = cause.__cause__
            self._tell(("broken", where(cause, self._job.grader)))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Such as sys.exit() while the module is imported."""
        self._tell(("broken", where(excinfo.value, self._job.grader)))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Raised by grade.py: the terminal's goes to the grader too, which then ends this."""
        if not isinstance(excinfo.value, pytest.Session.Interrupted):  # pytest's own way to stop
            self._tell(("broken", where(excinfo.value, self._job.grader)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """A function's turn has come."""
        expect.take()
        self._asserts, self._value = 0, None
        self._tell(("begin", item.name))

    def pytest_assertion_pass(self) -> None:
        """A plain assert held."""
        self._asserts += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Call the function and keep what it returns."""
        names = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 - as pytest's own implementation does
        self._value = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """A function's set-up, call or teardown is over."""
        error = call.excinfo.value if call.excinfo else None
        if call.when != "call" and error is None:
            return
        outcome, message = self._outcome(error, item.name)
        expectations = [each.model_dump() for each in expect.take()]
        self._tell(("end", item.name, outcome, message, expectations, self._value))

    def _outcome(self, error: BaseException | None, name: str) -> tuple[Outcome, str]:
        match error:
            case None if name.startswith("test_") and not (expect.met or self._asserts):
                found: tuple[Outcome, str] = "error", f"{name} expects nothing"
            case None:
                found = "passed", ""
            case Unmet():
                found = "failed", str(error)
            case AssertionError() | pytest.fail.Exception():
                found = "failed", str(error).partition("\n")[0] or "an assert failed"
            case NotChecked() | pytest.skip.Exception():
                found = "not_checked", str(error)
            case backend.UnreachableError():
                found = "unreachable", str(error)
            case _:
                found = "error", where(error, self._job.grader)
        return found
