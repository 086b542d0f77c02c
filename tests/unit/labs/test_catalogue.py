"""Loading a lab: the sample is right, and every way to get it wrong is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import catalogue, skeleton

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[..., Path]


def refusal(folder: Path) -> str:
    with pytest.raises(IronlabError) as caught:
        catalogue.load(folder)
    assert caught.value.code == ExitCode.USAGE
    assert caught.value.remedy
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_a_right_lab_loads(sample: Path) -> None:
    lab = catalogue.load(sample)
    assert (lab.number, lab.name, lab.slug, lab.title) == (901, "901-sample", "sample", "A sample")
    assert [check.id for check in lab.checks] == ["content", "mode"]
    assert lab.check("mode").points == 40
    assert [path.name for path in lab.solutions] == ["01-playbook.yml", "02-commands.sh"]
    assert [(hint.cost, hint.title) for hint in lab.hints()] == [
        (5, "Two steps"),
        (10, "The commands"),
    ]
    losing = next(answer for answer in lab.wrong_answers() if answer.loses)
    assert losing.loses == {"content", "mode"}
    assert losing.why.startswith("The file is there")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("lab.yml", "minutes: 10", "minuts: 10", "lab.yml:6: unknown key minuts (and 1 more)"),
        ("lab.yml", "minutes: 10", "minutes: ten", "lab.yml:6: minutes: input should be a valid i"),
        ("lab.yml", "minutes: 10", "minutes: 10\nminutes: 11", "lab.yml:7: has the key minutes tw"),
        ("lab.yml", "minutes: 10", "", "lab.yml:3: the key minutes is missing"),
        ("lab.yml", "minutes: 10", "minutes: [", "is no YAML"),
        ("lab.yml", "number: 901", "number: 902", "lab.yml:3: number is 902, but the folder is"),
        ("lab.yml", "points: 60", "points: 61", "lab.yml:15: the points sum to 101, not to 100"),
        ("lab.yml", "points: 60", "points: 0", "lab.yml:16: checks.0.points: input should be"),
        ("lab.yml", "id: mode", "id: content", "lab.yml:15: the id content is there twice"),
        ("lab.yml", '"1.7", "1.10"', '"1.7", 1.10', "objectives.1: 1.1 is a number; put it in quo"),
        ("lab.yml", '"1.7", "1.10"', '"1.7", "1.10", "8.9"', "has no objective 8.9"),
        ("lab.yml", '"1.7", "1.10"', '"1.7", "1.10", "8.1"', "no check counts for objective 8.1"),
        ("lab.yml", '"1.7", "1.10"', '"1.10"', "content is for objective 1.7, which the lab"),
        ("lab.yml", "of: word", "of: animal", "lab.yml:11: parameters.word.name.of: input should"),
        ("lab.yml", "kind: choice", "kind: pick", "lab.yml:12: parameters.mode: input tag 'pick'"),
        ("lab.yml", '"0640", "0660"', '"0640", "0600"', "lists a value twice"),
        ("lab.yml", "{{ folder }}/note", "{{ dir }}/note", "uses dir, which isn't a value"),
        ("lab.yml", "{{ folder }}/note", "{{ folder }/note", "is no Jinja"),
        ("lab.yml", "note:", "word:", "word is a parameter as well"),
        ("lab.yml", "host: container", "hosts: [peer]", "hosts is [box] or [box, peer]"),
        ("lab.yml", "host: container", "disks: [100]", "extra disks need `host: machine`"),
        ("lab.yml", "host: container", "reboot: false", "901-sample"),
        ("task.md", "{{ word }}", "{{ wort }}", "task.md:1: wort is no value of the lab"),
        ("task.md", "{{ word }}", "{{ word + 1 }}", "task.md:1: can't be rendered"),
        ("hints.md", "{{ mode }}", "{{ modus }}", "hints.md:8: modus is no value"),
        ("hints.md", "## 5 points: ", "## ", "every hint has to begin with"),
        ("setup.yml", "lab.note", "lab.noet", "setup.yml:21: noet is no value of the lab"),
        ("solutions/02-commands.sh", "LAB_WORD", "LAB_WORT", "02-commands.sh:3: wort is no value"),
        ("solutions/02-commands.sh", "set -euo", "set -uo", "02-commands.sh:1: a script opens"),
        ("grade.py", "test_mode", "test_modes", "there is no function test_mode, which lab.yml"),
        ("grade.py", "keep_neighbour", "keep_it", "there is no function keep_neighbour"),
        ("grade.py", "def test_mode", "def test_x() -> None: ...\ndef test_mode", "know test_x"),
        ("grade.py", "(host: Host, lab", "(other: Host, lab", "test_content takes other; there i"),
        ("grade.py", "(host: Host, lab", "(peer: Host, lab", "needs.hosts doesn't have"),
        ("grade.py", "lab.word", "lab.wort", "lab.wort is no value of the lab"),
        ("grade.py", "def test_mode", "def def test_mode", "is no Python"),
        ("wrong/empty.sh", "fails: content", "fails: contents", "contents is no check of the lab"),
        ("wrong/empty.sh", "# fails: content\n", "", "doesn't say what fails with it"),
        ("wrong/empty.sh", "# why:", "# while:", "empty.sh:3: unknown header `while`"),
        ("wrong/empty.sh", "# why: ", "# ", "doesn't say why"),
        ("wrong/renamed.sh", "breaks: neighbour", "breaks: kit-all", "kit-all is nothing that m"),
        ("wrong/renamed.sh", "02-commands.sh", "03-gone.sh", "solutions/03-gone.sh isn't there"),
    ],
)
def test_a_wrong_lab_is_refused(change: Change, file: str, old: str, new: str, says: str) -> None:
    said = refusal(change(file, old, new))
    assert says in said


@pytest.mark.parametrize("name", ["lab.yml", "task.md", "hints.md", "setup.yml", "grade.py"])
def test_a_missing_file_is_named(change: Change, name: str) -> None:
    assert f"{name}: the file is missing" in refusal(change(name))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("solutions/01-playbook.yml", "solutions: there are 1 solutions; at least 2 are needed"),
        ("wrong/empty.sh", None),
    ],
)
def test_too_few_answers_are_refused(change: Change, name: str, says: str | None) -> None:
    folder = change(name)
    if says:
        assert says in refusal(folder)
    else:
        assert catalogue.load(folder)  # three are left


def test_a_reboot_that_is_not_made_can_lose_nothing(change: Change) -> None:
    change("lab.yml", "host: container", "reboot: false")
    assert "content is no check that has to persist" in refusal(
        change("wrong/in-memory.sh", "loses: content, mode", "loses: content")
    )


def test_a_parameter_that_cannot_be_drawn_is_named(change: Change) -> None:
    change("lab.yml", "host: container", "host: machine\n  disks: [100]")
    change("lab.yml", "  mode: {", "  first: {kind: disk}\n  second: {kind: disk}\n  mode: {")
    folder = change("lab.yml", "keeps:", "keeps:")
    said = refusal(folder)
    assert "lab.yml:14: parameter second can't be drawn" in said


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("{kind: integer, from: 3, to: 2}", "goes from 3 to 2"),
        ("{kind: integer, from: 1, to: 9, step: 0}", "greater than 0"),
        ("{kind: port, from: 6000, to: 6020}", "can't be drawn: there is nothing"),
        ("{kind: port, from: 80, to: 90}", "greater than or equal to 1024"),
        ("{kind: address, network: 192.0.2.0/29}", "can't be drawn: there is nothing"),
        ("{kind: address, network: 192.0.2.1/24}", "has host bits set"),
        ("{kind: disk}", "is one of the extra disks, and needs.disks lists none"),
        ("{kind: integer, from: 1, to: 2, unlike: [mode]}", "isn't a parameter before it"),
        ("{kind: choice, of: [1]}", "at least 2 items"),
    ],
)
def test_a_parameter_without_values_is_refused(change: Change, kind: str, says: str) -> None:
    said = refusal(change("lab.yml", "  mode: {", f"  extra: {kind}\n  mode: {{"))
    assert "lab.yml:12: " in said
    assert says in said


def test_labs_are_found_by_number_and_name(sample: Path, root: Path) -> None:
    assert catalogue.find("901", root).folder == sample
    assert catalogue.find("901-sample", root).folder == sample
    for name in ("902", "sample", "901-other", ""):
        with pytest.raises(IronlabError, match=f"there is no lab {name}"):
            catalogue.find(name, root)


def test_two_labs_of_one_number_are_refused(sample: Path, root: Path) -> None:
    skeleton.create(902, "other", "Other", root=root).folder.rename(root / "901-other")
    (root / "901-other" / "lab.yml").write_text(
        (sample / "lab.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    with pytest.raises(IronlabError, match="901-sample: has the number of 901-other"):
        catalogue.all_labs(root)
    with pytest.raises(IronlabError, match="two labs have the number 901"):
        catalogue.find("901", root)


def test_the_table_of_objectives_has_its_rows() -> None:
    rows = catalogue.objectives().values()
    assert len(rows) == 72
    assert sum(9 in row.el for row in rows) == 68
    assert sum(10 in row.el for row in rows) == 62
    assert {el for row in rows for el in row.el} == {9, 10}
