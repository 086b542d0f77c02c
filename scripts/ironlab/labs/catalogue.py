"""Find labs and load them; what is wrong with one is an error with file and line."""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import checking, source
from ironlab.labs.model import Lab
from ironlab.paths import REPO

if TYPE_CHECKING:
    from pathlib import Path

LABS = REPO / "labs"
FOLDER = re.compile(r"(?P<number>[1-9]\d{2})-(?P<slug>[a-z0-9]+(-[a-z0-9]+)*)")


class Objective(BaseModel):
    """One row of the table of objectives."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    number: str
    title: str
    el: list[int]
    section: str


@functools.cache
def objectives() -> dict[str, Objective]:
    """The table of objectives by number, in its order."""
    rows = yaml.safe_load((LABS / "objectives.yml").read_text(encoding="utf-8"))
    table = [Objective(**row) for row in rows]
    return {row.number: row for row in table}


def folders(root: Path = LABS) -> list[Path]:
    """The folders of the labs, by number."""
    return sorted(path for path in root.glob("*") if path.is_dir() and FOLDER.fullmatch(path.name))


def all_labs(root: Path = LABS) -> list[Lab]:
    """Every lab, by number."""
    found = [load(folder) for folder in folders(root)]
    for before, lab in itertools.pairwise(found):
        if before.number == lab.number:
            raise source.wrong(lab.folder, None, f"has the number of {before.name}")
    return found


def readable(root: Path = LABS) -> tuple[list[Lab], list[IronlabError]]:
    """The labs that load, and why others don't: an unfinished lab must not hide the rest."""
    labs, errors = [], []
    for folder in folders(root):
        try:
            labs.append(load(folder))
        except IronlabError as error:
            errors.append(error)
    return labs, errors


def find(name: str, root: Path = LABS) -> Lab:
    """The lab of that number, or of that folder's name."""
    matching = [path for path in folders(root) if name in {path.name, path.name[:3]}]
    if not matching:
        remedy = "`./ironlab lab list` shows those there are"
        raise IronlabError(f"there is no lab {name}", remedy, ExitCode.USAGE)
    if len(matching) > 1:
        message = f"two labs have the number {name}: {', '.join(path.name for path in matching)}"
        raise IronlabError(message, "give one of them another number", ExitCode.USAGE)
    return load(matching[0])


def load(folder: Path) -> Lab:
    """Load one lab and check everything about it that can be checked without a host."""
    path = folder / "lab.yml"
    named = FOLDER.fullmatch(folder.name)
    if named is None:
        raise source.wrong(folder, None, "a lab's folder is called NNN-slug", "rename it")
    read = source.read_yaml(path)
    try:
        lab = Lab.model_validate(read.content)
    except ValidationError as errors:
        raise _explain(read, errors) from None
    lab._folder = folder  # noqa: SLF001 - the one place that knows it
    if lab.number != int(named["number"]):
        message = f"number is {lab.number}, but the folder is called {folder.name}"
        raise source.wrong(path, read.line(["number"]), message, "make the two agree")
    for problem in checking.problems(lab, set(objectives())):
        if problem.path:
            raise source.wrong(problem.path, problem.line, problem.message)
        raise source.wrong(path, read.line(problem.where), problem.message)
    return lab


def _explain(read: source.Source, errors: ValidationError) -> IronlabError:
    """The first error, in the words of somebody who writes a lab.yml."""
    # an unknown key first: the key that is missing is often the same one, spelt right
    error = min(errors.errors(), key=lambda each: each["type"] != "extra_forbidden")
    where = error["loc"]
    field = ".".join(str(step) for step in where)
    message = f"{field}: {error['msg'][:1].lower()}{error['msg'][1:]}"
    if error["type"] == "extra_forbidden":
        message = f"unknown key {field}"
    elif error["type"] == "missing":
        message = f"the key {field} is missing"
    elif error["type"] == "string_type" and isinstance(error["input"], (int, float)):
        message = f"{field}: {error['input']} is a number; put it in quotes"
    more = len(errors.errors()) - 1
    if more:
        message += f" (and {more} more)"
    return source.wrong(read.path, read.line(where), message)
