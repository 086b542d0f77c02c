"""What came of a proof: state by state, and for the lab as a whole."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ironlab.proofs.judge import Complaint
from ironlab.proofs.states import FULL_SEEDS

Fate = Literal["killed", "killed by its own play", "survived"]


class StateResult(BaseModel):
    """One state and what was wrong with it.

    Attributes:
        seed: the seed of what was asked for.
        kind: what was done, or `set-up` and `reset`.
        name: the state's name.
        complaints: what came out otherwise than it had to.
        fate: what became of a derived wrong answer.
        mutant: the derived wrong answer's name.
        rebooted: whether it was graded after a reboot too.
        seconds: how long it took, its reset included.
    """

    model_config = ConfigDict(frozen=True)

    seed: int
    kind: str
    name: str
    complaints: list[Complaint] = []
    fate: Fate | None = None
    mutant: str = ""
    rebooted: bool = False
    seconds: float = 0


class LabProof(BaseModel):
    """All the states of one lab.

    Attributes:
        lab: the lab's folder.
        image: the image of its hosts.
        kind: container or machine.
        base: what the image is made of: a stand-in, or Rocky.
        seeds: the seeds it was proved with.
        harmless: the lab's derived wrong answers that may survive, with their reasons.
        whole: whether every state was asked for, and not some by name.
        results: what came of each state.
        seconds: from the first state's start to the last one's end.
    """

    lab: str
    image: str
    kind: str
    base: str = ""
    seeds: list[int]
    harmless: dict[str, str]
    whole: bool
    results: list[StateResult] = []
    seconds: float = 0

    def _fates(self, *fates: Fate) -> list[StateResult]:
        return [result for result in self.results if result.fate in fates]

    @property
    def derived(self) -> int:
        """How many wrong answers were derived."""
        return len(self._fates("killed", "killed by its own play", "survived"))

    @property
    def killed(self) -> int:
        """How many of them did not get the full score."""
        return len(self._fates("killed", "killed by its own play"))

    @property
    def own_play(self) -> int:
        """How many of those could not even run to their end."""
        return len(self._fates("killed by its own play"))

    @property
    def kill_rate(self) -> float | None:
        """Killed of derived; None when there was nothing to derive."""
        return self.killed / self.derived if self.derived else None

    @property
    def survivors(self) -> dict[str, str]:
        """The derived wrong answers with full score, each with the reason that the lab gives."""
        names = dict.fromkeys(result.mutant for result in self._fates("survived"))
        return {name: self.harmless.get(name, "") for name in names}

    def of_kind(self, kind: str) -> list[StateResult]:
        """The results of one kind of state."""
        return [result for result in self.results if result.kind == kind]

    def problems(self) -> list[str]:
        """Everything that speaks against the proof, one line each, with how to see it again."""
        lines = [
            f"{self.lab}, seed {result.seed}, {result.name}: {complaint.check}: "
            f"expected: {complaint.expected}; found: {complaint.found}{self._again(result)}"
            for result in self.results
            for complaint in result.complaints
        ]
        lines += [
            f"{self.lab}, seed {result.seed}, {result.name}: expected: less than the full score; "
            f"found: the full score, and lab.yml's harmless gives no reason{self._again(result)}"
            for result in self._fates("survived")
            if result.mutant not in self.harmless
        ]
        if self.whole and len(self.seeds) >= FULL_SEEDS:  # another seed may kill another answer
            names = {result.mutant for result in self.results if result.fate}
            for name in sorted(self.harmless.keys() - self.survivors.keys()):
                why = "it is killed" if name in names else "there is no such derived wrong answer"
                lines.append(f"{self.lab}: harmless has `{name}`, yet {why}: take it out")
        if not self.results:
            lines.append(f"{self.lab}: no state was tried")
        return lines

    def _again(self, result: StateResult) -> str:
        number = self.lab.partition("-")[0]
        command = f"./ironlab lab prove {number} --image {self.image} --seed {result.seed}"
        state = {"set-up": "nothing done", "reset": "*"}.get(result.kind, result.name)
        return f"; again: {command} --state '{state}' --keep"

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems()
