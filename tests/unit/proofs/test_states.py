"""Which states a lab is put into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from ironlab.labs import variants
from ironlab.proofs.board import Board
from ironlab.proofs.lane import reboots
from ironlab.proofs.states import Kind, plan

from .conftest import graded

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.labs.model import Lab


def test_every_seed_gets_what_belongs_to_every_seed(lab: Lab, tmp_path: Path) -> None:
    groups = plan(lab, (5, 6, 7), tmp_path / "made")
    for seed, group in zip((5, 6, 7), groups, strict=True):
        assert {state.seed for state in group} == {seed}
        kinds = [state.kind for state in group]
        assert kinds[:4] == [Kind.NOTHING, Kind.SOLUTION, Kind.SOLUTION, Kind.NEIGHBOUR]
        neighbour = group[3].answers[0]
        assert neighbour.variant == variants.neighbour(lab, seed)
        assert group[3].variant == variants.draw(lab, seed)
    # the neighbour's solution takes turns
    assert [group[3].answers[0].path.suffix for group in groups] == [".yml", ".sh", ".yml"]


def test_wrong_answers_are_tried_once_each(lab: Lab, tmp_path: Path) -> None:
    groups = plan(lab, (5, 6, 7), tmp_path / "made")
    wrong = [state for group in groups for state in group if state.kind is Kind.WRONG]
    assert sorted(state.answers[-1].path.name for state in wrong) == [
        "default-permissions.sh",
        "empty.sh",
        "in-memory.sh",
        "renamed.sh",
    ]
    (renamed,) = [state for state in wrong if state.name.endswith("renamed.sh")]
    assert [answer.path.name for answer in renamed.answers] == ["02-commands.sh", "renamed.sh"]
    assert {len({state.name for state in group}) - len(group) for group in groups} == {0}


def test_derived_playbooks_can_be_run(lab: Lab, tmp_path: Path) -> None:
    (lab.folder / "files").mkdir()
    (lab.folder / "files" / "motd").write_text("hello", encoding="utf-8")
    (first, *_) = plan(lab, (5,), tmp_path / "made")
    derived = [state for state in first if state.kind is Kind.DERIVED]
    assert [state.mutant for state in derived] == [
        "leave out: Write the note",
        "neighbour's folder",
        "neighbour's word",
        "neighbour's mode",
    ]
    path = derived[0].answers[0].path
    (play,) = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert play["tasks"][0]["name"] == "Write the note"
    assert (path.parent / "../files/motd").read_text(encoding="utf-8") == "hello"


def test_a_lab_without_parameters_has_no_neighbour(lab: Lab, tmp_path: Path) -> None:
    fixed = lab.model_copy(update={"parameters": {}, "derived": {}})
    fixed._folder = lab.folder  # noqa: SLF001 - what load() sets
    (group,) = plan(fixed, (1,), tmp_path / "made")
    assert Kind.NEIGHBOUR not in {state.kind for state in group}


def test_reboots_are_spared_where_they_can_tell_nothing_new(lab: Lab, tmp_path: Path) -> None:
    (group,) = plan(lab, (1,), tmp_path / "made")
    full, failed = graded(lab, set()), graded(lab, {"mode"})
    by_name = {state.name: state for state in group}
    solution = by_name["solution: 01-playbook.yml"]
    derived = by_name["derived: 01-playbook: leave out: Write the note"]
    assert not reboots(by_name["nothing done"], full)
    assert reboots(solution, full)
    assert reboots(solution, failed)
    assert reboots(derived, full)
    assert not reboots(derived, failed)
    assert reboots(by_name["wrong answer: empty.sh"], failed)


def test_a_lane_stays_where_it_is_and_then_helps(lab: Lab, tmp_path: Path) -> None:
    board = Board(plan(lab, (1, 2), tmp_path / "made"))
    (one, _), (two, _) = board.take(None) or (None, None), board.take(None) or (None, None)
    assert one is not None
    assert two is not None
    assert (one.variant.seed, two.variant.seed) == (1, 2)
    while two.states:
        assert (board.take(two) or (None,))[0] is two
    left = len(one.states)
    assert left > 3
    assert (board.take(two) or (None,))[0] is one  # worth a set-up of its own
    assert not board.leave(two)
    while len(one.states) > 2:
        board.take(one)
    assert board.take(two) is None  # not worth one any more
    while board.take(one):
        pass
    assert not board.leave(one)
    assert board.leave(one)  # both lanes are through: so is the lab
