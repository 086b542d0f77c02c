"""What a lab's grade.py is written with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from ironlab.labs.grading.model import Expectation

if TYPE_CHECKING:
    from ironlab.labs.parameters import Value

Baseline: TypeAlias = Mapping[str, Any]
"""What grade.py's `remember` returned after set-up, and under "kit" what the kit remembered."""

SHOWN = 600  # characters of a value: enough to see what is wrong with it


class Unmet(AssertionError):  # noqa: N818 - a wish that was not met is no defect
    """The learner's host is not as the task wants it."""


class NotChecked(Exception):  # noqa: N818 - neither
    """The backend can't do what the check would need."""


class Values:
    """The lab's parameters and derived values as attributes: `lab.user`."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        """Show these values."""
        self._values = dict(values)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a value is text or a number
        """The value of that name."""
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            known = ", ".join(self.__dict__.get("_values", {})) or "none"
            raise AttributeError(f"lab.yml has no parameter `{name}`; it has: {known}") from None


class Expect:
    """`expect(what, found, wanted)` and `expect.that(condition, what, found, wanted)`."""

    def __init__(self) -> None:
        """Nothing is expected yet."""
        self.met: list[Expectation] = []

    def __call__(self, what: str, found: object, wanted: object) -> None:
        """Expect `found` to equal `wanted`."""
        self.that(found == wanted, what, found=found, wanted=wanted)

    def that(self, condition: object, what: str, *, found: object, wanted: object) -> None:
        """Expect any condition; `found` and `wanted` are what the learner reads."""
        expectation = Expectation(
            what=what, wanted=_text(wanted), found=_text(found), met=bool(condition)
        )
        self.met.append(expectation)
        if not condition:
            raise Unmet(f"{what}: found {expectation.found}, wanted {expectation.wanted}")

    def take(self) -> list[Expectation]:
        """All since the last time, met or not."""
        taken, self.met = self.met, []
        return taken


def _text(value: object) -> str:
    if isinstance(value, str):
        text = value.strip() or "nothing"
    elif isinstance(value, (set, frozenset)):
        text = ", ".join(sorted(map(str, value))) or "nothing"
    elif isinstance(value, (list, tuple)):
        text = ", ".join(map(str, value)) or "nothing"
    else:
        text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def not_checked(reason: str) -> NoReturn:
    """End a check that this backend can't run; it never counts as passed."""
    raise NotChecked(reason)


expect = Expect()
