"""What has to agree between lab.yml and the other files of a lab's folder."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ironlab.labs.answers import WrongAnswer
from ironlab.labs.problem import Problem
from ironlab.labs.source import read_text
from ironlab.labs.templates import TextError, render, unknown
from ironlab.labs.variants import draw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ironlab.labs.model import Lab

FIXTURES = {"host", "peer", "hosts", "lab", "baseline"}
INVARIANTS = {"kit-selinux", "kit-ssh", "kit-units", "kit-ports", "kit-data"}
LEAST_SOLUTIONS = 2
LEAST_WRONG = 2
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"(?<![\w.])lab\.([a-z]\w*)")
_VARIABLE = re.compile(r"\$\{?LAB_([A-Z0-9_]+)")
_SCRIPT_START = re.compile(r"#!/usr/bin/env bash\n(#.*\n|\n)*set -euo pipefail\n")


def problems(lab: Lab) -> Iterator[Problem]:
    """Everything that is wrong with the files."""
    for name in ("task.md", "hints.md", "setup.yml", "grade.py"):
        read_text(lab.folder / name)
    yield from _texts(lab)
    yield from _grader(lab)
    yield from _answers(lab)
    yield from _headers(lab)


def _texts(lab: Lab) -> Iterator[Problem]:
    values = draw(lab, 1).values
    for name in ("task.md", "hints.md"):
        path = lab.folder / name
        text = read_text(path)
        try:
            for missing, line in unknown(text, set(values)):
                yield Problem(f"{missing} is no value of the lab", path=path, line=line)
            render(text, values)
        except TextError as error:
            yield Problem(f"can't be rendered: {error}", path=path, line=error.line)
    path = lab.folder / "hints.md"
    headings = [line for line in read_text(path).splitlines() if line.startswith("## ")]
    if not headings or len(headings) != len(lab.hints()):
        message = "every hint has to begin with `## N points: Title`, and there has to be one"
        yield Problem(message, path=path, line=1)


def _grader(lab: Lab) -> Iterator[Problem]:
    path = lab.grader
    try:
        tree = ast.parse(read_text(path), filename=str(path))
    except SyntaxError as error:
        yield Problem(f"is no Python: {error.msg}", path=path, line=error.lineno)
        return
    wanted = {f"test_{check.id}" for check in lab.checks} | {f"keep_{k.id}" for k in lab.keeps}
    found = {
        node.name: node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("test_", "keep_"))
    }
    for name in sorted(wanted - found.keys()):
        yield Problem(f"there is no function {name}, which lab.yml asks for", path=path, line=1)
    for name, node in found.items():
        if name not in wanted:
            yield Problem(f"lab.yml doesn't know {name}", path=path, line=node.lineno)
        for argument in node.args.args:
            if argument.arg not in FIXTURES:
                message = f"{name} takes {argument.arg}; there is {', '.join(sorted(FIXTURES))}"
                yield Problem(message, path=path, line=argument.lineno)
            elif argument.arg == "peer" and "peer" not in lab.needs.hosts:
                message = f"{name} takes peer, which needs.hosts doesn't have"
                yield Problem(message, path=path, line=argument.lineno)
    known = {*lab.parameters, *lab.derived}
    for part in ast.walk(tree):
        if (
            isinstance(part, ast.Attribute)
            and isinstance(part.value, ast.Name)
            and part.value.id == "lab"
            and part.attr not in known
        ):
            yield Problem(f"lab.{part.attr} is no value of the lab", path=path, line=part.lineno)


def _answers(lab: Lab) -> Iterator[Problem]:
    if len(lab.solutions) < LEAST_SOLUTIONS:
        message = f"there are {len(lab.solutions)} solutions; at least {LEAST_SOLUTIONS} are needed"
        yield Problem(message, path=lab.folder / "solutions")
    if len(lab.wrong) < LEAST_WRONG:
        message = f"there are {len(lab.wrong)} wrong answers; at least {LEAST_WRONG} are needed"
        yield Problem(message, path=lab.folder / "wrong")
    for path in (lab.setup, *lab.solutions, *lab.wrong):
        yield from _values(lab, path)
    for path in (*lab.solutions, *lab.wrong):
        if path.suffix == ".sh" and not _SCRIPT_START.match(read_text(path)):
            message = "opens with #!/usr/bin/env bash, comments, and set -euo pipefail"
            yield Problem(f"a script {message}", path=path, line=1)


def _values(lab: Lab, path: Path) -> Iterator[Problem]:
    """Values that a playbook or script uses and the lab doesn't have."""
    known = {*lab.parameters, *lab.derived}
    text = read_text(path)
    if path.suffix == ".sh":
        uses = [(found[1].lower(), found.start()) for found in _VARIABLE.finditer(text)]
    else:
        uses = [
            (found[1], block.start() + found.start())
            for block in _JINJA.finditer(text)
            for found in _VALUE.finditer(block[0])
        ]
    for name, offset in uses:
        if name not in known:
            line = text.count("\n", 0, offset) + 1
            yield Problem(f"{name} is no value of the lab", path=path, line=line)


def _headers(lab: Lab) -> Iterator[Problem]:
    checks = {check.id for check in lab.checks}
    kept = {keep.id for keep in lab.keeps} | INVARIANTS
    lasting = {check.id for check in lab.checks if lab.persists(check)}
    solutions = {path.name for path in lab.solutions}
    for path in lab.wrong:
        answer = WrongAnswer.read(path)
        for name in sorted(answer.fails - checks):
            yield Problem(f"fails: {name} is no check of the lab", path=path, line=1)
        for name in sorted(answer.loses - lasting):
            yield Problem(f"loses: {name} is no check that has to persist", path=path, line=1)
        for name in sorted(answer.breaks - kept):
            yield Problem(f"breaks: {name} is nothing that must stay", path=path, line=1)
        if answer.after and answer.after not in solutions:
            yield Problem(f"after: solutions/{answer.after} isn't there", path=path, line=1)
