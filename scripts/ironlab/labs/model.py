"""The format of lab.yml.

`python -m ironlab.labs.model` writes labs/lab.schema.json, by which editors complete and check it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PrivateAttr, StringConstraints

from ironlab import files
from ironlab.labs.answers import WrongAnswer
from ironlab.labs.parameters import AnyParameter, Strict
from ironlab.paths import REPO

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = REPO / "labs" / "lab.schema.json"
TOTAL = 100
RUNG = re.compile(r"^## (?P<cost>\d+) points?: (?P<title>\S.*)$", re.MULTILINE)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
AbsolutePath = Annotated[str, StringConstraints(pattern=r"^/\S*$|\{\{")]


class Needs(Strict):
    """What the host must be."""

    host: Literal["container", "machine"] = Field(
        default="container", description="machine: with a kernel, disks and SELinux of its own."
    )
    hosts: list[Literal["box", "peer"]] = Field(
        default=["box"], description="The host that is worked on, and another one beside it."
    )
    disks: list[Annotated[int, Field(ge=64, le=20480)]] = Field(
        default=[], description="MiB of each extra disk of box; needs a machine."
    )
    reboot: bool = Field(default=True, description="What is graded has to survive a reboot.")


class Check(Strict):
    """Something that is graded: test_<id> in grade.py."""

    id: Id
    title: Text
    points: int = Field(ge=1, le=TOTAL)
    objective: Text = Field(description="Its number in labs/objectives.yml.")
    persists: bool | None = Field(
        default=None, description="Graded again after the reboot; default: needs.reboot."
    )


class Keep(Strict):
    """Something that must stay as it was: keep_<id> in grade.py."""

    id: Id
    title: Text
    costs: int = Field(default=10, ge=1, le=TOTAL)


class MayChange(Strict):
    """What the kit-wide invariants let pass in this lab."""

    units: list[Text] = Field(default=[], description="Units (globs) that may stop, start, appear.")
    ports: list[Annotated[str, StringConstraints(pattern=r"^(\d+|\{\{.+\}\})/(tcp|udp)$")]] = Field(
        default=[], description='New listening ports, as "{{ port }}/tcp".'
    )
    selinux: bool = Field(default=False, description="SELinux's mode.")


class Hint(Strict):
    """One rung of hints.md."""

    cost: int
    title: str
    text: str


class Lab(Strict):
    """One lab: its lab.yml, and where the rest of it is."""

    number: int = Field(ge=101, le=999)
    title: Text
    objectives: list[Text] = Field(min_length=1)
    minutes: int = Field(ge=1, le=240)
    needs: Needs = Needs()
    parameters: dict[Key, AnyParameter] = Field(
        default={}, description="Drawn from the seed, in this order."
    )
    derived: dict[Key, str] = Field(
        default={}, description="Jinja over the parameters and the derived values before."
    )
    checks: list[Check] = Field(min_length=1)
    keeps: list[Keep] = Field(default=[])
    may_change: MayChange = MayChange()
    data: list[AbsolutePath] = Field(
        default=[], description="Files and folders whose content must not change."
    )
    claims: list[Key] = Field(
        default=[],
        description="What of the host the lab sets as a whole (hostname, journal, ...): two labs "
        "with a claim in common never share a host in an exam.",
    )
    exam: bool = Field(default=True, description="Whether an exam may draw it.")
    harmless: dict[str, Text] = Field(
        default={}, description="Derived wrong answers that score full, and why they may."
    )

    _folder: Path = PrivateAttr()

    @property
    def folder(self) -> Path:
        """The lab's folder."""
        return self._folder

    @property
    def slug(self) -> str:
        """The name of the folder without the number."""
        return self.folder.name.partition("-")[2]

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.name

    @property
    def series(self) -> str:
        """What the lab belongs to."""
        return {1: "rhcsa", 2: "infrastructure"}.get(self.number // 100, "other")

    @property
    def setup(self) -> Path:
        """The playbook that puts the host into the starting state."""
        return self.folder / "setup.yml"

    @property
    def grader(self) -> Path:
        """The module with the tests."""
        return self.folder / "grade.py"

    @property
    def solutions(self) -> list[Path]:
        """Ways to do it right: playbooks and scripts."""
        return _answers(self.folder / "solutions")

    @property
    def wrong(self) -> list[Path]:
        """Ways to do it wrong."""
        return _answers(self.folder / "wrong")

    def wrong_answers(self) -> list[WrongAnswer]:
        """The wrong answers with what their headers promise."""
        return [WrongAnswer.read(path) for path in self.wrong]

    def hints(self) -> list[Hint]:
        """The rungs of hints.md, not yet rendered."""
        text = (self.folder / "hints.md").read_text(encoding="utf-8")
        rungs = list(RUNG.finditer(text))
        ends = [rung.start() for rung in rungs[1:]] + [len(text)]
        return [
            Hint(cost=int(rung["cost"]), title=rung["title"], text=text[rung.end() : end].strip())
            for rung, end in zip(rungs, ends, strict=True)
        ]

    def check(self, check_id: str) -> Check:
        """The check of that id."""
        return next(check for check in self.checks if check.id == check_id)

    def persists(self, check: Check) -> bool:
        """Whether the check is graded again after the reboot."""
        return self.needs.reboot if check.persists is None else check.persists


def _answers(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in {".yml", ".sh"})


def schema() -> str:
    """The JSON Schema of lab.yml, as the text of its file."""
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Lab.model_json_schema()
    return json.dumps(content, indent=2) + "\n"


if __name__ == "__main__":
    files.write(SCHEMA, schema(), 0o644)
