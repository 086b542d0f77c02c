"""Whole proofs with graders that are right, and with graders that are wrong in one way each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ironlab import proofs
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.applying import AnswerFailed
from ironlab.labs.catalogue import load
from ironlab.proofs import ledger
from ironlab.proofs.states import Kind

from .conftest import BOTH, Done, Hosts, truth

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant
    from ironlab.proofs.results import LabProof
    from ironlab.proofs.states import Answer

SEEDS = (1, 2, 3)
real_keep = ledger.keep


def prove(lab: Lab, hosts: Hosts, **wish: object) -> LabProof:
    wanted = proofs.Wish([lab], SEEDS, jobs=1, write=False)
    for name, value in wish.items():
        object.__setattr__(wanted, name, value)
    console = Console(file=io.StringIO())
    (proof,) = proofs.prove(wanted, console, lambda _: hosts)  # type: ignore[arg-type,return-value]
    return proof


def test_an_honest_grader_is_proved(lab: Lab) -> None:
    hosts = Hosts()
    proof = prove(lab, hosts)
    assert proof.problems() == []
    assert hosts.prepared == [(lab.name, 1), (lab.name, 2), (lab.name, 3)]
    assert hosts.removed
    assert [len(proof.of_kind(kind)) for kind in (Kind.NOTHING, Kind.SOLUTION)] == [3, 6]
    assert len(proof.of_kind(Kind.NEIGHBOUR)) == 3
    assert len(proof.of_kind(Kind.WRONG)) == 4
    assert len(proof.of_kind("reset")) == 3
    assert (proof.killed, proof.derived) == (4, 4)  # one task, three parameters
    assert all(result.rebooted for result in proof.of_kind(Kind.SOLUTION))
    assert ledger.may_be_kept(proof)


def test_a_grader_that_passes_everything_is_caught(lab: Lab) -> None:
    proof = prove(lab, Hosts(failing=lambda _done, _asked: set()))
    said = "\n".join(proof.problems())
    assert "nothing done: content: expected: fails while nothing is done" in said
    assert "wrong answer: empty.sh: content: expected: fails at once" in said
    assert "neighbour's solution: 01-playbook.yml: -: expected: less than the full score" in said
    assert "leave out: Write the note: expected: less than the full score" in said
    assert not ledger.may_be_kept(proof)


def test_a_grader_that_fails_everything_is_caught(lab: Lab) -> None:
    proof = prove(lab, Hosts(failing=lambda _done, _asked: set(BOTH)))
    said = "\n".join(proof.problems())
    assert "solution: 02-commands.sh: mode: expected: passes with this solution" in said
    assert "wrong answer: empty.sh: mode: expected: not named as something that fails" in said
    assert not proof.ok


def test_one_check_too_many_is_caught(lab: Lab) -> None:
    def failing(done: Done, asked: Variant) -> set[str]:
        too_many = bool(done.answers) and done.answers[-1].path.name == "empty.sh"
        return truth(done, asked) | ({"mode"} if too_many else set())

    (problem,) = prove(lab, Hosts(failing=failing)).problems()
    assert "wrong answer: empty.sh: mode: expected: not named as something that fails" in problem
    assert "found: failed: as the test wants it" in problem
    assert "--state 'wrong answer: empty.sh' --keep" in problem


def test_a_broken_neighbour_that_goes_unnoticed_is_caught(lab: Lab) -> None:
    hosts = Hosts(failing=lambda done, asked: truth(done, asked) - {"neighbour"})
    (problem,) = prove(lab, hosts).problems()
    assert "renamed.sh: neighbour: expected: is broken, as the header says" in problem


def test_a_loss_that_goes_unnoticed_is_caught(lab: Lab) -> None:
    hosts = Hosts(failing=lambda done, asked: truth(Done(done.answers), asked))
    problems = prove(lab, hosts).problems()
    assert len(problems) == 2
    assert all("in-memory.sh" in line and "is lost by the reboot" in line for line in problems)


def test_a_reboot_that_never_happened_is_caught(lab: Lab) -> None:
    problems = prove(lab, Hosts(same_boot=True)).problems()
    assert len(problems) == 6
    assert all("another boot of box" in line for line in problems)


def test_a_grader_that_raises_is_caught(lab: Lab) -> None:
    problems = prove(lab, Hosts(outcome="error")).problems()
    assert any("expected: a verdict" in line and "error" in line for line in problems)


def test_a_check_that_was_not_looked_at_is_no_pass(lab: Lab) -> None:
    hosts = Hosts(failing=lambda _done, _asked: {"mode"}, outcome="not_checked")
    said = "\n".join(prove(lab, hosts).problems())
    assert "solution: 01-playbook.yml: mode: expected: passes with this solution" in said


def test_a_reset_that_leaves_something_is_caught(lab: Lab) -> None:
    class Leaky(Hosts):
        def reset(self) -> None:
            super().reset()
            self.spoilt = {("path", "/srv/left"): "root"}

    hosts = Leaky()
    hosts.fresh = {}
    problems = prove(lab, hosts, seeds=(1,)).problems()
    assert len(problems) == 1
    assert "path /srv/left is new" in problems[0]


def test_a_survivor_needs_a_reason(lab: Lab) -> None:
    def failing(done: Done, asked: Variant) -> set[str]:
        derived = bool(done.answers) and done.answers[-1].path.stem.startswith("derived-")
        return set() if derived else truth(done, asked)

    (problem,) = prove(lab, Hosts(failing=failing)).problems()
    assert "lab.yml's harmless gives no reason" in problem
    excused = with_harmless(lab, {"leave out: Write the note": "for the test's sake"})
    proof = prove(excused, Hosts(failing=failing))
    assert proof.problems() == []
    assert proof.survivors == {"leave out: Write the note": "for the test's sake"}
    assert (proof.killed, proof.derived) == (3, 4)


@pytest.mark.parametrize(
    ("name", "why"),
    [("leave out: Write the note", "it is killed"), ("leave out: Nothing", "there is no such")],
)
def test_a_reason_for_what_does_not_survive_is_caught(lab: Lab, name: str, why: str) -> None:
    excused = with_harmless(lab, {name: "for the test's sake"})
    (problem,) = prove(excused, Hosts()).problems()
    assert name in problem
    assert why in problem
    # with a seed drawn by chance an answer may be right that is wrong with the ledger's
    assert prove(excused, Hosts(), seeds=(9,)).ok


def test_an_answer_that_breaks_off_is_a_defect_or_a_kill(lab: Lab) -> None:
    class Breaking(Hosts):
        def apply(self, lab: Lab, answer: Answer) -> None:
            super().apply(lab, answer)
            if answer.path.name in {"empty.sh", "derived-00.yml"}:
                raise AnswerFailed("box: Write the note: no space left", "")

    proof = prove(lab, Breaking())
    (problem,) = proof.problems()
    assert "empty.sh: -: expected: the answer runs to its end; found: box: Write" in problem
    assert (proof.killed, proof.own_play) == (4, 1)


def test_a_setup_that_fails_ends_the_seed_only(lab: Lab) -> None:
    class Broken(Hosts):
        def prepare(self, lab: Lab, variant: Variant) -> None:
            super().prepare(lab, variant)
            if variant.seed == 2:
                raise IronlabError("no package httpd", "")

    proof = prove(lab, Broken())
    (problem,) = proof.problems()
    assert "seed 2, set-up: -: expected: the set-up takes; found: no package httpd" in problem
    assert {result.seed for result in proof.of_kind(Kind.SOLUTION)} == {1, 3}


def test_a_host_that_is_lost_is_set_up_anew(lab: Lab) -> None:
    class Fragile(Hosts):
        def reboot(self) -> None:
            super().reboot()
            if len(self.prepared) == 1:
                raise IronlabError("box does not come back", "", ExitCode.UNREACHABLE)

    hosts = Fragile()
    proof = prove(lab, hosts, seeds=(1,))
    (problem,) = proof.problems()
    assert "expected: the state is reached; found: box does not come back" in problem
    assert hosts.prepared == [(lab.name, 1)] * 2


def test_only_some_states(lab: Lab) -> None:
    proof = prove(lab, Hosts(), states=("wrong answer: *",), seeds=(1, 2, 3))
    assert {result.kind for result in proof.results} == {Kind.WRONG, "reset"}
    assert len(proof.of_kind(Kind.WRONG)) == 4
    assert not ledger.may_be_kept(proof)
    with pytest.raises(IronlabError, match="no state is called `x`") as error:
        prove(lab, Hosts(), states=("x",))
    assert error.value.code is ExitCode.USAGE


def test_two_lanes_share_the_states(lab: Lab) -> None:
    made: list[Hosts] = []

    def workshop(prefix: str) -> Hosts:
        assert prefix == f"prove-{len(made) + 1}"
        made.append(Hosts())
        return made[-1]

    wish = proofs.Wish([lab], SEEDS, jobs=2, write=False)
    (proof,) = proofs.prove(wish, Console(file=io.StringIO()), workshop)  # type: ignore[arg-type]
    assert len(made) == 2
    assert proof.problems() == []
    names = [(r.seed, r.name) for r in proof.results if r.kind not in {"reset", "set-up"}]
    assert len(names) == len(set(names)) == 20


@pytest.mark.parametrize("meddle", [False, True])
def test_a_proof_is_kept_unless_its_lab_changes_meanwhile(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, meddle: bool
) -> None:
    class Meddling(Hosts):
        def reset(self) -> None:
            super().reset()
            if meddle:
                (lab.folder / "setup.yml").write_text("---\n[]\n", encoding="utf-8")

    kept = tmp_path / "proofs.json"
    monkeypatch.setattr(ledger, "keep", lambda name, image, new: real_keep(name, image, new, kept))
    wish = proofs.Wish([lab], SEEDS, jobs=1)
    out = io.StringIO()
    made = proofs.Made("stand-in", "recipe-1")
    proofs.prove(wish, Console(file=out), lambda _: Meddling(), made)  # type: ignore[arg-type,return-value]
    assert ("meanwhile: not kept" in out.getvalue()) == meddle
    assert kept.exists() != meddle
    if not meddle:
        entry = ledger.read(kept)[lab.name]["el9"]
        assert (entry.base, entry.recipe, entry.derived) == ("stand-in", "recipe-1", 4)


def test_ctrl_c_removes_the_hosts(lab: Lab) -> None:
    class Interrupted(Hosts):
        def grade(self, lab: Lab, variant: Variant) -> object:  # type: ignore[override]
            del lab, variant
            raise KeyboardInterrupt

    hosts = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        prove(lab, hosts)
    assert hosts.removed


def with_harmless(lab: Lab, harmless: dict[str, str]) -> Lab:
    path = lab.folder / "lab.yml"
    lines = "".join(f'  "{name}": {why}\n' for name, why in harmless.items())
    path.write_text(path.read_text(encoding="utf-8") + f"harmless:\n{lines}", encoding="utf-8")
    return load(lab.folder)
