"""The repository keeps its own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from ironlab.cli import app
from ironlab.paths import REPO
from ironlab.testing.rules import files, repo, roles, tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.mark.parametrize("rule", roles.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("role", files.roles(REPO), ids=lambda role: role.name)
def test_role(role: Path, rule: Callable[[Path], Iterator[str]]) -> None:
    found = list(rule(role))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", tasks.RULES, ids=lambda rule: rule.__name__)
def test_tasks(rule: Callable[[tasks.Task, Path], Iterator[str]]) -> None:
    found = [
        f"{path.relative_to(REPO)}: {text}"
        for path in tasks.task_files(REPO)
        for task in tasks.tasks_of(path)
        for text in rule(task, path)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", repo.RULES, ids=lambda rule: rule.__name__)
def test_repository(rule: Callable[[Path], Iterator[str]]) -> None:
    found = list(rule(REPO))
    assert not found, "\n".join(found)


def commands(command: object, prefix: str = "") -> Iterator[str]:
    """Name the commands of the command line, as a user types them."""
    for name, sub in getattr(command, "commands", {}).items():
        if hasattr(sub, "commands"):
            yield from commands(sub, f"{prefix}{name} ")
        elif not sub.hidden:
            yield f"{prefix}{name}"


def test_documents_mention_every_command() -> None:
    names = list(commands(typer.main.get_command(app)))
    assert "up" in names
    assert "image build" in names
    found = list(repo.docs_mention(REPO, names))
    assert not found, "\n".join(found)
