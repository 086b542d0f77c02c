"""What one or two gradings come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.errors import ExitCode
from ironlab.labs.grading.model import Grading, Record

if TYPE_CHECKING:
    from ironlab.labs.grading.model import CheckResult

FULL = 100


class Verdict(Record):
    """A lab's verdict; `after` is the grading after the reboot, when there was one."""

    lab: str
    """The name of its folder."""
    seed: int
    kit_version: str
    before: Grading
    after: Grading | None = None
    hint_cost: int = 0

    def passed(self, result: CheckResult) -> bool:
        """Whether a check earns its points, or a keep or invariant costs nothing."""
        if not _stands(result):
            return False
        if self.after is None or not result.persists:
            return True
        return _stands(self.after.result(result.id))

    @property
    def lost(self) -> list[str]:
        """Checks that passed, and no longer did after the reboot."""
        after = self.after
        if after is None:
            return []
        return [
            result.id
            for result in self.before.results
            if result.kind == "check"
            and result.persists
            and result.outcome == "passed"
            and after.result(result.id).outcome != "passed"
        ]

    @property
    def broken(self) -> list[str]:
        """Keeps and invariants that were broken, before or after the reboot."""
        return [
            result.id
            for result in self.before.results
            if result.kind != "check" and not self.passed(result)
        ]

    @property
    def void(self) -> bool:
        """Whether the kit failed, so that there is no verdict at all."""
        return bool(self.void_reasons)

    @property
    def void_reasons(self) -> list[str]:
        """What of the kit failed."""
        first = {
            result.message: f"{result.id}: {result.message}"
            for grading in reversed(self._gradings)
            for result in reversed(grading.results)
            if result.outcome == "error"
        }
        found = list(reversed(first.values()))
        if self.after is not None:
            found += [
                f"{alias} did not reboot: its boot id is the same"
                for alias, boot_id in self.after.boot_ids.items()
                if self.before.boot_ids.get(alias) == boot_id
            ]
        found += [
            access.message
            for grading in self._gradings
            for access in grading.access.values()
            if access.fault == "host"
        ]
        return list(dict.fromkeys(found))

    @property
    def earned(self) -> int:
        """Points of the checks alone."""
        return sum(
            result.points
            for result in self.before.results
            if result.kind == "check" and self.passed(result)
        )

    @property
    def not_checked(self) -> int:
        """Points that this host could not be asked about."""
        return sum(
            result.points
            for result in self.before.results
            if result.kind == "check" and result.outcome == "not_checked"
        )

    @property
    def deducted(self) -> int:
        """What the broken keeps and invariants cost."""
        return sum(self.before.result(name).points for name in self.broken)

    @property
    def score(self) -> int:
        """0 to 100."""
        if self.void:
            return 0
        return max(0, self.earned - self.deducted - self.hint_cost)

    @property
    def full(self) -> bool:
        """Whether nothing is left to do."""
        return not self.void and self.score == FULL

    @property
    def exit_code(self) -> ExitCode:
        """What `lab grade` ends with: 0 only for a full score."""
        if self.full:
            return ExitCode.OK
        down = any(grading.fault == "host" for grading in self._gradings)
        return ExitCode.UNREACHABLE if down else ExitCode.FAILED

    @property
    def _gradings(self) -> list[Grading]:
        return [self.before] if self.after is None else [self.before, self.after]


def _stands(result: CheckResult) -> bool:
    """A check must have passed; a keep or invariant must not have been seen broken."""
    if result.kind == "check":
        return result.outcome == "passed"
    return result.outcome in {"passed", "not_checked"}
