"""The ledger: what makes a proof stale, and what doesn't."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.proofs import digests, ledger
from ironlab.proofs.results import LabProof, StateResult

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.labs.model import Lab

NOW = ledger.Hashes("lab-1", "engine-1", "recipe-1")


def entry(**changes: object) -> ledger.Entry:
    plain = {
        "lab": NOW[0],
        "engine": NOW[1],
        "recipe": NOW[2],
        "base": "stand-in",
        "kind": "container",
        "seeds": [1, 2, 3],
        "states": 20,
        "wrong": 4,
        "derived": 4,
        "killed": 4,
        "own_play": 0,
        "survivors": {},
        "seconds": 60,
        "date": "2026-01-01",
    }
    return ledger.Entry.model_validate({**plain, **changes})


def test_a_kept_proof_is_fresh(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "proofs.json"
    ledger.keep(lab.name, "el9", entry(), path)
    ledger.keep("102-other", "el9", entry(), path)
    ledger.keep(lab.name, "el10", entry(seconds=61), path)
    assert ledger.stale([lab], "el9", path, lambda _: NOW) == {}
    assert list(json.loads(path.read_text(encoding="utf-8"))) == ["102-other", lab.name]
    assert ledger.read(path)[lab.name]["el10"].seconds == 61


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"lab": "x"}, "has changed since its proof: lab"),
        ({"engine": "x"}, "has changed since its proof: engine"),
        ({"recipe": "x", "lab": "x"}, "has changed since its proof: lab, image's recipe"),
    ],
)
def test_what_makes_a_proof_stale(
    lab: Lab, tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    path = tmp_path / "proofs.json"
    ledger.keep(lab.name, "el9", entry(**changes), path)
    assert ledger.stale([lab], "el9", path, lambda _: NOW) == {lab.name: why}


def test_a_lab_that_was_never_proved_is_stale(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "proofs.json"
    assert ledger.stale([lab], "el9", path) == {lab.name: "was never proved on el9"}


def test_the_real_hashes_are_what_is_compared(lab: Lab, tmp_path: Path) -> None:
    proof = LabProof(
        lab=lab.name, image="el9", kind="container", seeds=[1], harmless={}, whole=True
    )
    path = tmp_path / "proofs.json"
    held = ledger.hashes(lab, digests.recipe("el9"))
    ledger.keep(lab.name, "el9", ledger.entry(proof, held), path)
    assert ledger.stale([lab], "el9", path) == {}
    grader = lab.folder / "grade.py"
    grader.write_text(grader.read_text(encoding="utf-8") + "X = 1\n", encoding="utf-8")
    assert ledger.stale([lab], "el9", path) == {lab.name: "has changed since its proof: lab"}


def test_a_damaged_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "proofs.json"
    path.write_text('{"101-x": {"el9": {"lab": 1}}}', encoding="utf-8")
    with pytest.raises(IronlabError, match=r"proofs\.json: 101-x\.el9") as error:
        ledger.read(path)
    assert error.value.code is ExitCode.USAGE


def test_only_a_whole_green_proof_is_kept() -> None:
    good = LabProof(
        lab="901-notes",
        image="el9",
        kind="container",
        seeds=[1, 2, 3],
        harmless={},
        whole=True,
        results=[StateResult(seed=1, kind="nothing done", name="nothing done")],
    )
    assert ledger.may_be_kept(good)
    assert not ledger.may_be_kept(good.model_copy(update={"seeds": [1, 2]}))
    assert not ledger.may_be_kept(good.model_copy(update={"whole": False}))
    assert not ledger.may_be_kept(good.model_copy(update={"results": []}))


SOURCE = '''\
"""What it does."""

# why
def f(x: str) -> str:
    """Über all.

    More.
    """
    return f"#{x}"  # a remark


class A:
    """Nothing."""
'''


def test_comments_do_not_count_and_code_does() -> None:
    plain = digests.code(SOURCE)
    assert plain == 'def f(x: str) -> str:\n    return f"#{x}"\nclass A:\n'
    assert digests.code(SOURCE.replace("a remark", "ö").replace("More", "ö")) == plain
    assert digests.code(SOURCE.replace('"#{x}"', '"{x}"')) != plain


def test_the_texts_for_learners_do_not_count(lab: Lab) -> None:
    before = digests.lab(lab.folder)
    (lab.folder / "task.md").write_text("Something else.\n", encoding="utf-8")
    assert digests.lab(lab.folder) == before
    (lab.folder / "setup.yml").write_text("---\n[]\n", encoding="utf-8")
    assert digests.lab(lab.folder) != before


def test_the_engine_is_all_there() -> None:
    assert len(digests.engine()) == 64


def test_a_part_of_the_engine_that_is_gone_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a part of the engine"):
        digests.engine(tmp_path)
