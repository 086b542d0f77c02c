"""While a lab is in progress: hints, solutions, the learner's shell and console."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import applying, rendering
from ironlab.labs import places_backends as backends
from ironlab.labs.runner_work import attach
from ironlab.progress import display

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.model import Hint, Lab
    from ironlab.labs.places import Place
    from ironlab.labs.runner_work import Work

STUDENT = "student"
SSH_FAILED = 255  # ssh's own exit code: not the command's


def next_hint(work: Work) -> Hint | None:
    """The hint that comes next, if there is one."""
    taken = len(work.store.events(work.session, "hint"))
    hints = rendering.hints(work.lab, work.variant)
    return hints[taken] if taken < len(hints) else None


def take(work: Work, hint: Hint) -> None:
    """Write down that a hint was taken: before it is shown."""
    work.store.add(work.session, "hint", title=hint.title, cost=hint.cost)


def solution(lab: Lab, name: str | None) -> Path:
    """A solution by its name or its number; without one, the first."""
    if name is None:
        return lab.solutions[0]
    for path in lab.solutions:
        if name in {path.name, path.stem, path.name.partition("-")[0]}:
            return path
    remedy = f"it has {', '.join(path.name for path in lab.solutions)}"
    raise IronlabError(f"lab {lab.number} has no solution {name}", remedy, ExitCode.USAGE)


def solve(work: Work, path: Path, show: Callable[[str], None]) -> None:
    """Show a solution and apply it; first into the book, so that a score can't be won by it."""
    place = attach(work.session)
    work.store.add(work.session, "solved", solution=path.name)
    show(path.read_text(encoding="utf-8"))
    applying.solve(work.lab, work.variant, place, path, display())


def student(place: Place, alias: str = "box", command: list[str] | None = None) -> list[str]:
    """The ssh command that logs the learner in."""
    if alias not in place.targets:
        remedy = f"it has {', '.join(place.targets)}"
        raise IronlabError(f"the lab has no host {alias}", remedy, ExitCode.USAGE)
    target = replace(place.targets[alias], user=STUDENT)
    return ["ssh", *target.options, *target.where, *(["--", *command] if command else [])]


def console(work: Work, alias: str) -> Callable[[], None]:
    """What connects the terminal with a machine's serial console."""
    session = work.session
    if session.kind != "machine":
        message = f"lab {session.number} runs on a {session.kind}, which has no serial console"
        remedy = f"./ironlab lab shell {session.number}"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    if alias not in session.hosts:
        remedy = f"it has {', '.join(session.hosts)}"
        raise IronlabError(f"the lab has no host {alias}", remedy, ExitCode.USAGE)
    name = session.hosts[alias]
    return lambda: backends.machines().console(name)
