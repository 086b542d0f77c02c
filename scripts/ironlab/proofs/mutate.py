"""Wrong answers that nobody has to write: each is a playbook solution with one thing wrong in it.

- `leave out: TASK`: the task is not done.
- `runtime only: TASK`: done so that it is gone after a reboot (see twins).
- `neighbour's PARAMETER`: done with the value that another seed gives to one parameter.

Tasks that only look (an assertion, a command with `changed_when: false`) are passed over: an answer
without them is no other answer. So are parameters that a playbook doesn't use.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.templates import render
from ironlab.proofs.twins import RULES, UNDOES_IT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant

Task = dict[str, Any]
Place = tuple[str | int, ...]

SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers")
BLOCKS = ("block", "rescue", "always")
KEPT = ("register", "listen", "tags")  # of a task that is left out: others may refer to these
NOTHING = "ansible.builtin.debug"
LOOKING = re.compile(
    r"ansible\.builtin\.(assert|debug|fail|gather_facts|getent|include_vars|meta|pause|ping"
    r"|set_fact|setup|slurp|stat|wait_for|wait_for_connection|\w+_(facts|info))"
    r"|.*_(facts|info)"
)


@dataclass(frozen=True)
class Mutant:
    """A derived wrong answer.

    Attributes:
        name: as `harmless` in lab.yml names it.
        solution: the playbook that it is made of.
        plays: the altered playbook; None where it is the values that are altered.
        variant: the values to run it with.
    """

    name: str
    solution: Path
    plays: list[Any] | None = field(repr=False, default=None)
    variant: Variant | None = field(repr=False, default=None)


def derive(lab: Lab, variant: Variant, other: Variant) -> list[Mutant]:
    """Every wrong answer that follows from the lab's playbook solutions.

    Args:
        lab: the lab.
        variant: the values that are asked for.
        other: the neighbouring seed's.
    """
    found: list[Mutant] = []
    for solution in lab.solutions:
        if solution.suffix == ".yml":
            plays = yaml.safe_load(solution.read_text(encoding="utf-8"))
            found += _without_a_task(solution, plays)
            found += _runtime_only(solution, plays)
            text = "\n".join(_strings(plays))
            found += [
                Mutant(name, solution, None, replace(variant, values=values))
                for name, values in _with_a_neighbours_value(lab, text, variant, other)
            ]
    return found


def tasks(plays: list[Any]) -> Iterator[tuple[Place, Task]]:
    """Each task with where it is; the tasks of a block instead of the block."""
    for number, play in enumerate(plays):
        for section in SECTIONS:
            yield from _within((number, section), play.get(section) or [])


def _within(place: Place, entries: list[Task]) -> Iterator[tuple[Place, Task]]:
    for number, task in enumerate(entries):
        blocks = [key for key in BLOCKS if key in task]
        for key in blocks:
            yield from _within((*place, number, key), task[key] or [])
        if not blocks:
            yield (*place, number), task


def module_of(task: Task) -> str:
    """The module that a task calls, by its full name."""
    return next((key for key in task if "." in key), "")


def _changes(task: Task) -> bool:
    return not LOOKING.fullmatch(module_of(task)) and task.get("changed_when") is not False


def _name(solution: Path, task: Task) -> str:
    if "name" not in task:
        message = f"{solution}: a task that calls {module_of(task)} has no name"
        raise IronlabError(message, "name it: proofs name tasks", ExitCode.USAGE)
    return str(task["name"])


def _instead(plays: list[Any], place: Place, task: Task) -> list[Any]:
    """The plays with another task at that place."""
    changed = copy.deepcopy(plays)
    holder: Any = changed
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = task
    return changed


def _left_out(task: Task) -> Task:
    kept = {key: task[key] for key in ("name", *KEPT) if key in task}
    return {**kept, NOTHING: {"msg": "left out"}}


def _without_a_task(solution: Path, plays: list[Any]) -> Iterator[Mutant]:
    for place, task in tasks(plays):
        if _changes(task):
            changed = _instead(plays, place, _left_out(task))
            yield Mutant(f"leave out: {_name(solution, task)}", solution, changed)


def _runtime_only(solution: Path, plays: list[Any]) -> Iterator[Mutant]:
    for place, task in tasks(plays):
        module = module_of(task)
        rule = RULES.get(module)
        twin = rule(task[module]) if rule and isinstance(task.get(module), dict) else None
        if twin is None:
            continue
        wrong = {key: value for key, value in task.items() if key != module}
        wrong[twin[0]] = twin[1]
        changed = _instead(plays, place, wrong)
        for other, undoing in tasks(plays):
            if module in UNDOES_IT and UNDOES_IT[module].search(_command(undoing)):
                changed = _instead(changed, other, _left_out(undoing))
        yield Mutant(f"runtime only: {_name(solution, task)}", solution, changed)


def _command(task: Task) -> str:
    given = task.get("ansible.builtin.command", task.get("ansible.builtin.shell", ""))
    if isinstance(given, dict):
        given = given.get("argv") or given.get("cmd") or ""
    return " ".join(map(str, given)) if isinstance(given, list) else str(given)


def _strings(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _strings(each)


def _with_a_neighbours_value(
    lab: Lab, text: str, variant: Variant, other: Variant
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in lab.parameters:
        if other.values[name] == variant.values[name]:
            continue
        values = {key: variant.values[key] for key in lab.parameters} | {name: other.values[name]}
        for key, template in lab.derived.items():
            values[key] = render(template, values)
        moved = [key for key, value in values.items() if value != variant.values[key]]
        if any(_uses(text, key) for key in moved):
            yield f"neighbour's {name}", values


def _uses(text: str, name: str) -> bool:
    return bool(re.search(rf"\blab(\.{name}\b|\[['\"]{name}['\"]\])", text))
