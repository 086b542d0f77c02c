"""No lab without a proof of its grader as it is now."""

from __future__ import annotations

from ironlab.labs import catalogue
from ironlab.proofs import ledger


def test_every_lab_is_proved_as_it_is() -> None:
    stale = ledger.stale(catalogue.all_labs())
    lines = [f"{lab} {why}" for lab, why in stale.items()]
    assert not stale, "\n".join([*lines, "renew them: ./ironlab lab prove --changed"])


def test_the_ledger_has_no_lab_that_is_gone() -> None:
    gone = ledger.read().keys() - {lab.name for lab in catalogue.all_labs()}
    assert not gone, f"take these out of labs/proofs.json: {', '.join(sorted(gone))}"


def test_every_survivor_says_why() -> None:
    silent = [
        f"{lab} on {image}: {name}"
        for lab, images in ledger.read().items()
        for image, entry in images.items()
        for name, why in entry.survivors.items()
        if not why.strip()
    ]
    assert not silent, "\n".join(silent)
