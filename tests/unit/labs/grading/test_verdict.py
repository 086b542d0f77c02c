"""What gradings come to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.errors import ExitCode
from ironlab.labs.grading import Access, CheckResult, Grading, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ironlab.labs.grading.model import Outcome

CHECKS = {"a": 60, "b": 40}
KEEPS = {"old": 20}
KIT = {"kit-units": 10}


def grading(boot: str = "1", access: Access | None = None, **outcomes: Outcome) -> Grading:
    """All passed, but for these; a keyword's underscore stands for a dash after `kit`."""
    given = {name.replace("kit_", "kit-"): outcome for name, outcome in outcomes.items()}

    def results(kind: Any, points: Mapping[str, int]) -> list[CheckResult]:  # noqa: ANN401
        return [
            CheckResult(
                id=name,
                title=f"Title of {name}",
                kind=kind,
                points=worth,
                persists=name != "b",
                outcome=given.get(name, "passed"),
                message="" if name not in given else f"{name} is so",
            )
            for name, worth in points.items()
        ]

    return Grading(
        at=datetime(2030, 1, 1, tzinfo=UTC),
        access={"box": access or Access(ok=True, boot_id=boot)},
        results=results("check", CHECKS) + results("keep", KEEPS) + results("kit", KIT),
    )


def verdict(before: Grading, after: Grading | None = None, hint_cost: int = 0) -> Verdict:
    return Verdict(
        lab="901-sample",
        seed=7,
        kit_version="0",
        before=before,
        after=after,
        hint_cost=hint_cost,
    )


def test_everything_right_is_full() -> None:
    found = verdict(grading("1"), grading("2"))
    assert (found.score, found.full, found.lost, found.exit_code) == (100, True, [], ExitCode.OK)


@pytest.mark.parametrize("outcome", ["failed", "not_checked", "unreachable"])
def test_only_passed_earns(outcome: Outcome) -> None:
    found = verdict(grading(a=outcome))
    assert (found.score, found.full, found.exit_code) == (40, False, ExitCode.FAILED)


def test_not_checked_is_counted_for_the_reader() -> None:
    assert verdict(grading(a="not_checked")).not_checked == 60


def test_what_the_reboot_took_earns_nothing() -> None:
    found = verdict(grading("1"), grading("2", a="failed"))
    assert (found.score, found.lost) == (40, ["a"])


def test_a_check_that_need_not_persist_counts_the_first_grading() -> None:
    found = verdict(grading("1"), grading("2", b="failed"))
    assert (found.score, found.lost) == (100, [])


def test_what_only_works_after_the_reboot_earns_nothing() -> None:
    found = verdict(grading("1", a="failed"), grading("2"))
    assert (found.score, found.lost) == (40, [])


@pytest.mark.parametrize(
    ("before", "after"), [({"old": "failed"}, {}), ({}, {"old": "failed"})], ids=["then", "later"]
)
def test_a_broken_keep_costs(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = verdict(grading("1", **before), grading("2", **after))
    assert (found.score, found.broken, found.deducted) == (80, ["old"], 20)


def test_an_invariant_costs_once_and_not_when_it_could_not_be_checked() -> None:
    assert verdict(grading("1", kit_units="failed"), grading("2", kit_units="failed")).score == 90
    assert verdict(grading(kit_units="not_checked")).score == 100


def test_hints_cost_and_nothing_goes_below_zero() -> None:
    assert verdict(grading(), hint_cost=15).score == 85
    assert not verdict(grading(), hint_cost=15).full
    assert verdict(grading(a="failed"), hint_cost=95).score == 0


@pytest.mark.parametrize("name", ["a", "old", "kit_units"])
def test_an_error_anywhere_voids(name: str) -> None:
    outcomes: dict[str, Any] = {name: "error"}
    for found in (verdict(grading(**outcomes)), verdict(grading("1"), grading("2", **outcomes))):
        assert found.void
        assert (found.score, found.full, found.exit_code) == (0, False, ExitCode.FAILED)
        assert found.void_reasons == [f"{name.replace('kit_', 'kit-')}: " + message(name)]


def message(name: str) -> str:
    return f"{name.replace('kit_', 'kit-')} is so"


def test_a_reboot_that_was_none_voids() -> None:
    found = verdict(grading("1"), grading("1"))
    assert found.void
    assert "did not reboot" in found.void_reasons[0]


def test_a_host_that_is_down_is_not_the_learners_fault() -> None:
    down = Access(ok=False, fault="host", message="box is not running")
    found = verdict(grading(access=down, a="unreachable", b="unreachable"))
    assert found.void_reasons == ["box is not running"]
    assert found.exit_code is ExitCode.UNREACHABLE


def test_a_host_that_the_learner_locked_is() -> None:
    locked = Access(ok=False, fault="learner", message="sshd is stopped")
    after = grading(access=locked, a="unreachable", b="unreachable")
    found = verdict(grading("1"), after)
    assert not found.void
    assert (found.score, found.lost, found.exit_code) == (40, ["a"], ExitCode.FAILED)


def test_a_verdict_survives_its_json() -> None:
    found = verdict(grading("1"), grading("2", a="failed"), 5)
    assert Verdict.model_validate_json(found.model_dump_json()) == found
