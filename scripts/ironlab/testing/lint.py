"""The jobs of `./ironlab test --only lint` and `--only unit`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.paths import REPO
from ironlab.testing.model import Group, Job

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON = ("scripts", "plugins", "molecule", "tests", "roles")
_GRADERS = REPO / ".cache" / "graders"
_NO_SCRIPTS = frozenset({"images", "node_modules"})  # images/files/ holds templates
_FIRST_LINES = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash")


def tool_env() -> dict[str, str]:
    """Put the virtual environment's programs first, and keep their logs free of colour codes."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "NO_COLOR": "1",
        "ANSIBLE_NOCOLOR": "1",
        "COLUMNS": "120",
    }


def shell_scripts(root: Path) -> Iterator[str]:
    """Name the shell scripts of the repository, known by their first line."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not (root / folder / f / "pyvenv.cfg").exists())
        folders[:] = [f for f in folders if f == ".ci" or (f[0] != "." and f not in _NO_SCRIPTS)]
        for name in sorted(names):
            path = Path(folder, name)
            if "." in name and path.suffix != ".sh":
                continue
            with path.open("rb") as file:
                if file.readline(40).rstrip() in _FIRST_LINES:
                    yield str(path.relative_to(root))


def graders(root: Path, folder: Path) -> Path:
    """Give each lab's grade.py a module name that mypy accepts: `103-journal` is none."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in sorted(root.glob("labs/*/grade.py")):
        (folder / f"lab_{path.parent.name.replace('-', '_')}.py").symlink_to(path)
    return folder


def lint_jobs() -> list[Job]:
    """Everything that reads the code without running it, longest first."""
    env = tool_env()
    typed = (*_PYTHON, str(graders(REPO, _GRADERS)))
    checked = (*_PYTHON, "labs")
    shellcheck = shutil.which("shellcheck", path=env["PATH"])
    commands = {
        "ansible-lint": ["ansible-lint", "--offline", "--nocolor"],
        "mypy": ["mypy", *typed],
        "ruff": ["ruff", "check", *checked],
        "ruff format": ["ruff", "format", "--check", *checked],
        "yamllint": ["yamllint", "--strict", "."],
    }
    jobs = [Job(name, Group.LINT, argv, env) for name, argv in commands.items()]
    jobs.append(
        Job(
            "shellcheck",
            Group.LINT,
            ["shellcheck", *shell_scripts(REPO)],
            env,
            skip="" if shellcheck else "shellcheck is not installed",
        ),
    )
    return jobs


def unit_job(logs: Path) -> Job:
    """The tests of the Python package and the repository's rules."""
    report = logs / "unit.xml"
    return Job(
        "unit tests and rules",
        Group.UNIT,
        ["pytest", "tests", f"--junitxml={report}", "-p", "no:cacheprovider"],
        tool_env(),
        junit=report,
        counts_itself=False,
    )
