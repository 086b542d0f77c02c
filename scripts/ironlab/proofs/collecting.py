"""Gathers the results of all lanes, lab by lab."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ironlab.proofs import ledger
from ironlab.proofs.lane import RESET, SETUP
from ironlab.proofs.results import LabProof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.labs.model import Lab
    from ironlab.proofs.display import Progress
    from ironlab.proofs.results import StateResult


class Collector:
    """Hears the lanes; a lab's proof goes into the ledger as soon as it is through.

    Args:
        proofs: the proofs to fill, by lab.
        labs: the labs.
        recipe: hash of the recipe that the hosts' image was made by; without it nothing is kept.
        progress: shows what comes in.
    """

    def __init__(
        self, proofs: dict[str, LabProof], labs: Sequence[Lab], recipe: str, progress: Progress
    ) -> None:
        """Nothing has come in yet."""
        self.proofs = proofs
        self.held = {lab.name: ledger.hashes(lab, recipe) for lab in labs} if recipe else {}
        self.recipe = recipe
        self.progress = progress
        self._begun: dict[str, float] = {}
        self._lock = threading.Lock()

    def state(self, lab: Lab, result: StateResult) -> None:
        """A state is through."""
        with self._lock:
            self._begun.setdefault(lab.name, time.monotonic() - result.seconds)
            self.proofs[lab.name].results.append(result)
            self.progress.state(lab, result, counts=result.kind not in {SETUP, RESET})

    def lab(self, lab: Lab) -> None:
        """A lab is through."""
        with self._lock:
            proof = self.proofs[lab.name]
            proof.results.sort(key=lambda result: result.seed)
            proof.seconds = time.monotonic() - self._begun[lab.name]
            if self.held and ledger.may_be_kept(proof):
                self._keep(lab, proof)

    def _keep(self, lab: Lab, proof: LabProof) -> None:
        held = self.held[lab.name]
        if ledger.hashes(lab, self.recipe) != held:
            self.progress.say(f"{lab.name} or the engine has changed meanwhile: not kept")
            return
        ledger.keep(lab.name, proof.image, ledger.entry(proof, held))
        self.progress.say(f"{lab.name} is proved: kept in labs/proofs.json")


def proof_of(lab: Lab, seeds: Sequence[int], image: str, base: str, *, whole: bool) -> LabProof:
    """An empty proof."""
    return LabProof(
        lab=lab.name,
        image=image,
        kind=lab.needs.host,
        base=base,
        seeds=list(seeds),
        harmless=lab.harmless,
        whole=whole,
    )
