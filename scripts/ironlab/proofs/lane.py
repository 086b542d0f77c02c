"""One lane of a proof: a set of hosts that is put into one state after the other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from ironlab.errors import IronlabError
from ironlab.labs.applying import AnswerFailed
from ironlab.proofs import fingerprint, judge
from ironlab.proofs.judge import Complaint, Seen
from ironlab.proofs.results import StateResult
from ironlab.proofs.states import Kind

if TYPE_CHECKING:
    import threading

    from ironlab.labs.grading.model import Grading
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant
    from ironlab.proofs.board import Board, Group
    from ironlab.proofs.fingerprint import Facts
    from ironlab.proofs.states import Answer, State

SETUP, RESET = "set-up", "reset"


class Workshop(Protocol):
    """The hosts of a lane and what is done with them."""

    def prepare(self, lab: Lab, variant: Variant) -> None:
        """Put fresh hosts into the lab's starting state, and keep that to reset to."""

    def reset(self) -> None:
        """Put the hosts back to the starting state."""

    def apply(self, lab: Lab, answer: Answer) -> None:
        """Run an answer; one that does not run to its end raises AnswerFailed."""

    def grade(self, lab: Lab, variant: Variant) -> Grading:
        """Grade the hosts as they are."""

    def reboot(self) -> None:
        """Reboot the hosts and wait until they answer."""

    def facts(self) -> Facts:
        """The fingerprint of all the hosts."""


class Listener(Protocol):
    """Hears what comes out."""

    def state(self, lab: Lab, result: StateResult) -> None:
        """A state is through."""

    def lab(self, lab: Lab) -> None:
        """A lab is through."""


class Lane:
    """Works through the board's states until there are none.

    Args:
        workshop: the hosts.
        board: the states.
        listener: hears of each result.
        stop: set when the lane is to end early.
    """

    def __init__(
        self, workshop: Workshop, board: Board, listener: Listener, stop: threading.Event
    ) -> None:
        """Be at no lab yet."""
        self.workshop = workshop
        self.board = board
        self.listener = listener
        self.stop = stop
        self._fresh: Facts = {}
        self._touched = True

    def run(self) -> None:
        """Take states until there are none left."""
        current: Group | None = None
        ready = False
        while not self.stop.is_set() and (taken := self.board.take(current)):
            group, state = taken
            if group is not current:
                self._leave(current, ready=ready)
                current, ready = group, False
            ready = ready or self._enter(group)
            if not ready:
                self.board.drop(group)
                continue
            ready = self._state(state)
        self._leave(current, ready=ready)

    def _enter(self, group: Group) -> bool:
        start = time.monotonic()
        try:
            self.workshop.prepare(group.lab, group.variant)
            self._fresh, self._touched = self.workshop.facts(), False
        except IronlabError as error:
            wanted = "the set-up takes"
            complaint = Complaint(check="-", expected=wanted, found=_line(error))
            self._tell(group, SETUP, [complaint], start)
            return False
        return True

    def _leave(self, group: Group | None, *, ready: bool) -> None:
        """Look whether a reset brings back what was there after the set-up."""
        if group is None:
            return
        if ready and not self.stop.is_set():
            start = time.monotonic()
            try:
                self.workshop.reset()
                found = fingerprint.differences(self._fresh, self.workshop.facts())
            except IronlabError as error:
                found = [_line(error)]
            wanted = "a reset leaves the host as the set-up left it"
            self._tell(
                group,
                RESET,
                [Complaint(check="-", expected=wanted, found=line) for line in found],
                start,
            )
        if self.board.leave(group) and not self.stop.is_set():
            self.listener.lab(group.lab)

    def _state(self, state: State) -> bool:
        """Put the hosts into a state and judge it; say whether they are still of use."""
        start = time.monotonic()
        try:
            seen = self._seen(state)
            found = judge.complaints(state, seen)
        except IronlabError as error:
            seen, usable = Seen(), False
            found = [Complaint(check="-", expected="the state is reached", found=_line(error))]
        else:
            usable = True
        if self.stop.is_set():  # the hosts may have been taken away meanwhile
            return False
        fate = None
        if state.kind is Kind.DERIVED and usable:
            fate = "killed by its own play" if seen.broke else "killed"
            fate = "survived" if judge.survived(seen) else fate
        result = StateResult(
            seed=state.seed,
            kind=state.kind,
            name=state.name,
            complaints=found,
            fate=fate,
            mutant=state.mutant,
            rebooted=seen.after is not None,
            seconds=time.monotonic() - start,
        )
        self.listener.state(state.lab, result)
        return usable

    def _seen(self, state: State) -> Seen:
        if self._touched:
            self.workshop.reset()
        self._touched, broke = bool(state.answers), ""
        try:
            for answer in state.answers:
                self.workshop.apply(state.lab, answer)
        except AnswerFailed as error:  # half of an answer is graded all the same
            broke = _line(error)
        before = self.workshop.grade(state.lab, state.variant)
        if not reboots(state, before):
            return Seen(before, broke=broke)
        self._touched = True
        try:
            self.workshop.reboot()
        except IronlabError:
            if state.kind is Kind.SOLUTION:
                raise
            # a wrong answer may keep the host from booting: the grading says what that costs
        return Seen(before, self.workshop.grade(state.lab, state.variant), broke)

    def _tell(self, group: Group, kind: str, found: list[Complaint], start: float) -> None:
        seconds = time.monotonic() - start
        result = StateResult(
            seed=group.variant.seed, kind=kind, name=kind, complaints=found, seconds=seconds
        )
        self.listener.state(group.lab, result)


def reboots(state: State, before: Grading) -> bool:
    """Whether a state is graded again after a reboot.

    A machine takes long to boot: a written wrong answer that claims to lose nothing is spared that
    there, as a derived one is that has failed already.
    """
    if not state.lab.needs.reboot or state.kind is Kind.NOTHING or before.fault != "none":
        return False
    if state.kind is Kind.SOLUTION:
        return True
    if state.wrong:
        return state.lab.needs.host == "container" or bool(state.wrong.loses)
    return judge.full(before)


def _line(error: IronlabError) -> str:
    return " ".join(str(error).split())
