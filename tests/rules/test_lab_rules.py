"""What holds for every lab of the repository, and for what documents them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import typer.main
import yaml

from ironlab import cli_exam, cli_lab
from ironlab.labs import catalogue, checking_files, rendering, variants
from ironlab.labs.answers import HEADERS
from ironlab.labs.model import Lab, MayChange, Needs
from ironlab.labs.pools import names

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = catalogue.folders()
GUIDE = (catalogue.LABS / "README.md").read_text(encoding="utf-8")
COMMANDS = {
    f"{group} {name}": command
    for group, app in (("lab", cli_lab.app), ("exam", cli_exam.app))
    for name, command in typer.main.get_group(app).commands.items()
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_lab_loads_and_renders_whatever_the_seed(folder: Path) -> None:
    lab = catalogue.load(folder)
    for seed in range(1, 60):
        variant = variants.draw(lab, seed)
        assert "{{" not in rendering.task(lab, variant)
        assert all("{{" not in hint.text for hint in rendering.hints(lab, variant))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_neighbour_differs(folder: Path) -> None:
    lab = catalogue.load(folder)
    for seed in (1, 2, 3) if lab.parameters else ():
        mine, theirs = variants.draw(lab, seed).values, variants.neighbour(lab, seed).values
        assert any(mine[name] != theirs[name] for name in lab.parameters)


def test_no_two_labs_have_a_number() -> None:
    numbers = [folder.name[:3] for folder in FOLDERS]
    assert sorted(set(numbers)) == numbers


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_editor_finds_the_schema(folder: Path) -> None:
    first = (folder / "lab.yml").read_text(encoding="utf-8").splitlines()[:2]
    assert "# yaml-language-server: $schema=../lab.schema.json" in first


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_claims_are_words_of_the_guide(folder: Path) -> None:
    """Two labs that mean the same have to say the same."""
    table = GUIDE.partition("| claim |")[2]
    known = {
        word
        for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
        for word in re.findall(r"`(\w+)`", row)
    }
    assert "hostname" in known
    assert set(catalogue.load(folder).claims) <= known


def test_the_guide_shows_every_key_and_no_other() -> None:
    block = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert block
    shown = yaml.safe_load(block[1].replace("{...}", "{}"))
    assert shown.keys() == Lab.model_fields.keys()
    assert shown["needs"].keys() == Needs.model_fields.keys()
    assert shown["may_change"].keys() == MayChange.model_fields.keys()
    assert sum(check["points"] for check in shown["checks"]) == 100


def test_the_guide_knows_every_kind_header_and_fixture() -> None:
    for word in ("name", "integer", "choice", "port", "disk", "address", *HEADERS):
        assert f"| `{word}` |" in GUIDE
    for kind in names():
        assert kind in GUIDE
    for word in (*checking_files.FIXTURES, *checking_files.INVARIANTS):
        assert f"`{word}`" in GUIDE


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(name: str) -> None:
    epilog = COMMANDS[name].epilog or ""
    assert f"./ironlab {name}" in epilog
