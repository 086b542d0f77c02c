"""The paper: the same for the same seed, of labs that get along, for 300 points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.exams import paper, sharing
from ironlab.labs import catalogue, variants

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.labs.model import Lab

    Make = Callable[..., Lab]


def numbers(drawn: paper.Paper) -> list[int]:
    return [task.number for task in drawn.tasks]


@pytest.fixture
def labs(make: Make) -> list[Lab]:
    """Twelve that get along, of 10 minutes each; two need a machine."""
    return [make(number, machine=number > 910) for number in range(901, 913)]


def test_the_same_seed_gives_the_same_paper(labs: list[Lab]) -> None:
    again = [catalogue.load(lab.folder) for lab in reversed(labs)]
    first, second = (paper.draw(each, 7, minutes=60) for each in (labs, sorted(again, key=_number)))
    assert first == second
    assert len(first.tasks) == 6


def _number(lab: Lab) -> int:
    return lab.number


def test_other_seeds_give_other_papers(labs: list[Lab]) -> None:
    drawn = [paper.draw(labs, seed, minutes=60) for seed in range(1, 11)]
    assert len({tuple(numbers(each)) for each in drawn}) > 5
    assert {lab.number for lab in labs} == {number for each in drawn for number in numbers(each)}


def test_the_catalogue_s_hash_follows_what_a_lab_says(labs: list[Lab]) -> None:
    before = paper.draw(labs, 7).catalogue
    task = labs[3].folder / "task.md"
    task.write_text(task.read_text(encoding="utf-8") + "One more sentence.\n", encoding="utf-8")
    assert paper.draw(labs, 7).catalogue != before


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_points_and_minutes(labs: list[Lab], seed: int) -> None:
    drawn = paper.draw(labs, seed, minutes=75)
    assert sum(task.points for task in drawn.tasks) == paper.TOTAL
    assert sum(task.minutes for task in drawn.tasks) <= 75
    assert all(task.points > 0 for task in drawn.tasks)


@pytest.mark.parametrize("minutes", [[10], [25, 30, 20], [1, 1, 1, 1, 1, 1, 1], [5, 60, 240]])
def test_shares_sum_up(minutes: list[int]) -> None:
    shares = paper.shares(minutes)
    assert sum(shares) == 300
    for long, more in zip(minutes, shares, strict=True):
        for short, less in zip(minutes, shares, strict=True):
            assert more >= less - (long == short) if long >= short else more <= less


def test_names_never_meet_on_a_host(labs: list[Lab]) -> None:
    for seed in range(1, 15):
        drawn = paper.draw(labs, seed, machine=False)
        found = [
            value
            for task in drawn.tasks
            for lab in labs
            if lab.number == task.number
            for name, value in paper.variant(lab, task).values.items()
            if name in {"folder", "word"}
        ]
        assert len(found) == len(set(found))


def test_without_a_machine_its_labs_are_left_out_and_named(labs: list[Lab]) -> None:
    drawn = paper.draw(labs, 7, machine=False)
    assert {911, 912}.isdisjoint(numbers(drawn))
    assert [line[:11] for line in drawn.left_out] == ["911 Lab 911", "912 Lab 912"]
    assert paper.draw(labs, 7, machine=True).left_out == []


def test_labs_that_are_in_each_other_s_way_never_meet(make: Make) -> None:
    labs = [
        make(901, claims=["hostname"]),
        make(902, claims=["hostname"]),
        make(903, may_change={"units": ["job-*.timer"]}),
        make(904, may_change={"units": ["job-x.timer"]}),
        make(905, exam=False),
    ]
    for seed in range(1, 30):
        found = set(numbers(paper.draw(labs, seed)))
        assert len(found & {901, 902}) == 1
        assert len(found & {903, 904}) == 1
        assert 905 not in found


def test_a_lab_about_repositories_meets_none_that_installs(make: Make) -> None:
    labs = [make(901, claims=["repos"]), make(902), make(903)]
    script = labs[1].folder / "solutions" / "02-commands.sh"
    text = script.read_text(encoding="utf-8")
    script.write_text(f"{text}dnf -y install at\n", encoding="utf-8")
    for seed in range(1, 10):
        assert set(numbers(paper.draw(labs, seed))) in ({901, 903}, {902, 903})


def test_claims_are_of_one_host(make: Make) -> None:
    labs = [make(901, claims=["hostname"]), make(902, machine=True, claims=["hostname"])]
    assert numbers(paper.draw(labs, 1)) == [901, 902]


def test_each_lab_gets_disks_of_its_own(make: Make) -> None:
    parameters = make(900).model_dump(by_alias=True)["parameters"]
    parameters |= {"disk": {"kind": "disk"}, "spare": {"kind": "disk"}}
    needs = {"host": "machine", "disks": [100, 200]}
    labs = [make(number, needs=needs, parameters=parameters) for number in (901, 902, 903)]
    drawn = paper.draw(labs, 5)
    disks = [disk for task in drawn.tasks for disk in task.disks]
    assert sorted(disks) == variants.disk_names(6)
    for task, lab in zip(drawn.tasks, labs, strict=True):
        values = paper.variant(lab, task).values
        assert {values["disk"], values["spare"]} == set(task.disks)


def test_labs_that_name_their_disks_themselves_get_the_first_ones(make: Make) -> None:
    needs = {"host": "machine", "disks": [100]}
    labs = [make(number, needs=needs) for number in (901, 902, 903)]
    assert [task.disks for task in paper.draw(labs, 5).tasks] == [["/dev/vdb"]]


def test_only_what_was_asked_for(make: Make) -> None:
    other = make(901)
    path = other.folder / "lab.yml"
    text = path.read_text(encoding="utf-8").replace("1.7", "9.1").replace("1.10", "9.2")
    path.write_text(text, encoding="utf-8")
    labs = [catalogue.load(other.folder), make(902)]
    assert numbers(paper.draw(labs, 1, asked=["9"])) == [901]
    assert numbers(paper.draw(labs, 1, asked=["1.10"])) == [902]
    assert numbers(paper.draw(labs, 1, asked=["9.2", "1"])) == [901, 902]
    with pytest.raises(IronlabError, match="no lab fits an exam of 180 minutes about 5"):
        paper.draw(labs, 1, asked=["5"])


def test_labs_that_need_a_machine_say_so_where_there_is_none(make: Callable[..., Lab]) -> None:
    with pytest.raises(IronlabError, match="all labs about 1 need a virtual machine"):
        paper.draw([make(901, machine=True)], 1, asked=["1"], machine=False)


def test_an_objective_that_nobody_has_is_refused() -> None:
    paper.check_asked(["9", "9.1", "G", "C.1"])
    for wrong in ("11", "9.9", "x", "9."):
        with pytest.raises(IronlabError, match="there is no objective") as caught:
            paper.check_asked([wrong])
        assert caught.value.code == ExitCode.USAGE


def test_what_is_no_seed_is_refused(labs: list[Lab]) -> None:
    with pytest.raises(IronlabError, match="0 is no seed"):
        paper.draw(labs, 0)


def test_what_one_lab_may_change_the_others_may_too(make: Make) -> None:
    parts = [
        sharing.Part(lab, variants.draw(lab, 1), [])
        for lab in (
            make(901, may_change={"units": ["{{ word }}.timer"], "ports": ["8085/tcp"]}),
            make(902, may_change={"units": ["b.service"], "selinux": True}),
        )
    ]
    allowed = sharing.allowed(parts)
    assert allowed.units == [f"{parts[0].variant.values['word']}.timer", "b.service"]
    assert allowed.ports == ["8085/tcp"]
    assert allowed.selinux


def test_the_real_catalogue_has_papers() -> None:
    labs, _errors = catalogue.readable()
    for seed in range(1, 6):
        drawn = paper.draw(labs, seed)
        assert drawn == paper.draw(labs, seed)
        assert sum(task.points for task in drawn.tasks) == 300
