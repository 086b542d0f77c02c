"""Whether a grader said of a state what it has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from ironlab.proofs.states import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ironlab.labs.answers import WrongAnswer
    from ironlab.labs.grading.model import CheckResult, Grading
    from ironlab.proofs.states import State


class Complaint(BaseModel):
    """Something that came out otherwise than it had to."""

    model_config = ConfigDict(frozen=True)

    check: str
    expected: str
    found: str


@dataclass(frozen=True)
class Seen:
    """What was seen of a state.

    Attributes:
        before: the grading.
        after: the grading after the reboot, if there was one.
        broke: why an answer did not run to its end, if so.
    """

    before: Grading | None = None
    after: Grading | None = None
    broke: str = ""

    @property
    def gradings(self) -> list[tuple[str, Grading]]:
        """Each grading and when it was."""
        both = (("", self.before), (" after the reboot", self.after))
        return [(when, grading) for when, grading in both if grading is not None]


def full(grading: Grading, *, rebooted: bool = False) -> bool:
    """Whether everything that counts passed."""
    return not _lacking(grading, rebooted=rebooted)


def survived(seen: Seen) -> bool:
    """Whether a wrong answer got the full score."""
    return bool(seen.gradings) and all(
        full(grading, rebooted=bool(when)) for when, grading in seen.gradings
    )


def complaints(state: State, seen: Seen) -> list[Complaint]:
    """What is wrong with the grader (or with the answer), judged by one state.

    A derived wrong answer that survives is no complaint yet: the lab may say that it is harmless.
    """
    found = list(_raised(seen))
    if seen.broke and state.kind in {Kind.SOLUTION, Kind.WRONG}:
        found.append(Complaint(check="-", expected="the answer runs to its end", found=seen.broke))
    elif state.kind is Kind.NOTHING:
        found += _nothing(seen)
    elif state.kind is Kind.SOLUTION:
        found += _solution(seen)
    elif state.kind is Kind.NEIGHBOUR and survived(seen):
        wanted = "less than the full score for the values of another seed"
        found.append(Complaint(check="-", expected=wanted, found="the full score"))
    elif state.wrong:
        found += _wrong(state.wrong, seen)
    return found


def _counts(result: CheckResult, *, rebooted: bool) -> bool:
    return result.persists or not rebooted or result.kind != "check"


def _lacking(grading: Grading, *, rebooted: bool) -> dict[str, CheckResult]:
    return {
        result.id: result
        for result in grading.results
        if not _holds(result) and _counts(result, rebooted=rebooted)
    }


def _holds(result: CheckResult) -> bool:
    """An invariant of what the host hasn't got (SELinux in a container) can't be broken there."""
    return result.outcome == "passed" or (
        result.outcome == "not_checked" and result.kind != "check"
    )


def _raised(seen: Seen) -> Iterator[Complaint]:
    for when, grading in seen.gradings:
        for result in grading.results:
            if result.outcome == "error":
                yield _complaint(result, f"a verdict{when}")
        if grading.fault == "host":
            said = "; ".join(access.message for access in grading.access.values())
            yield Complaint(check="-", expected=f"a host that can be reached{when}", found=said)


def _complaint(result: CheckResult, expected: str) -> Complaint:
    said = f"{result.outcome}: {result.message}" if result.message else result.outcome
    return Complaint(check=result.id, expected=expected, found=said)


def _nothing(seen: Seen) -> Iterator[Complaint]:
    for _, grading in seen.gradings:
        for result in grading.results:
            if result.kind == "check" and result.outcome == "passed":
                yield _complaint(result, "fails while nothing is done")
            if result.kind != "check" and not _holds(result):
                yield _complaint(result, "holds while nothing is done")


def _solution(seen: Seen) -> Iterator[Complaint]:
    for when, grading in seen.gradings:
        for result in _lacking(grading, rebooted=bool(when)).values():
            yield _complaint(result, f"passes with this solution{when}")
    if seen.before and seen.after:
        for alias, boot_id in seen.before.boot_ids.items():
            if seen.after.boot_ids.get(alias) == boot_id:
                wanted = f"another boot of {alias} after the reboot"
                yield Complaint(check="-", expected=wanted, found=f"boot id {boot_id} again")


def _wrong(wrong: WrongAnswer, seen: Seen) -> Iterator[Complaint]:
    """Exactly what the header names has to fail, and when it says so."""
    if seen.before is None:
        return
    now = _lacking(seen.before, rebooted=False)
    later = _lacking(seen.after, rebooted=True) if seen.after else {}
    results = {result.id: result for _, grading in seen.gradings for result in grading.results}
    checks = {name for name, result in results.items() if result.kind == "check"}
    lost = (later.keys() & checks) - now.keys() - wrong.fails
    broken = (now.keys() | later.keys()) - checks
    at_once = {**results, **now}
    yield from _differing(wrong.fails, now.keys() & checks, at_once, "fails at once")
    yield from _differing(wrong.loses, lost, {**results, **later}, "is lost by the reboot")
    yield from _differing(wrong.breaks, broken, {**results, **later, **now}, "is broken")


def _differing(
    named: frozenset[str], found: Iterable[str], results: dict[str, CheckResult], what: str
) -> Iterator[Complaint]:
    for name in sorted(named - set(found)):
        said = f"it does not ({results[name].outcome})" if name in results else "no such check"
        yield Complaint(check=name, expected=f"{what}, as the header says", found=said)
    for name in sorted(set(found) - named):
        yield _complaint(results[name], f"not named as something that {what}")
