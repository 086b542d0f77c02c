"""What a task may not do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ironlab.testing.rules.files import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Task = dict[str, Any]

BLOCKS = ("block", "rescue", "always")
COMMANDS = ("command", "shell", "script", "raw")
# Modules that can't know whether they changed anything; the task must say.
MUTE = (*COMMANDS, "uri", "postgresql_query", "postgresql_script")
FLOW = ("include_tasks", "import_tasks", "include_role", "import_role", "include_vars", "assert")
# A secret by its name; whether a task that wrote one changed something is none.
_SECRET = re.compile(
    r"\b\w*(?:passwords?|secrets?|secret_key|passphrase)\b(?!\.changed| is (?:not )?changed)",
)
_EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)


def tasks_of(path: Path) -> Iterator[Task]:
    """Every task of a file: of its blocks as well, and of each play if it is a playbook."""
    for entry in read_yaml(path) or []:
        if not isinstance(entry, dict):
            continue
        for key in ("pre_tasks", "tasks", "post_tasks", "handlers"):
            yield from _flatten(entry.get(key) or [])
        if "hosts" not in entry:
            yield from _flatten([entry])


def _flatten(entries: list[Task], inherited: Mapping[str, Any] | None = None) -> Iterator[Task]:
    for entry in entries:
        # a block hands these down to what is in it
        handed: Task = {key: entry[key] for key in ("no_log", "diff") if key in entry}
        handed = {**(inherited or {}), **handed}
        if any(key in entry for key in BLOCKS):
            for key in BLOCKS:
                yield from _flatten(entry.get(key) or [], handed)
        else:
            yield {**handed, **entry}


def module(task: Task) -> tuple[str, Any]:
    """The short name of a task's module, and its arguments."""
    for key, value in task.items():
        if "." in key:
            return key.rsplit(".", 1)[1], value
    return "", None


def _name(task: Task) -> str:
    return f"task {task.get('name', 'without a name')!r}"


def errors_are_not_hidden(task: Task, path: Path) -> Iterator[str]:
    """A failure is handled or shown."""
    del path
    if task.get("ignore_errors"):
        yield f"{_name(task)} ignores errors"
    if task.get("failed_when") is False:
        yield f"{_name(task)} can never fail"


def changes_are_told(task: Task, path: Path) -> Iterator[str]:
    """`changed_when: false` is for commands that read; a command that writes says when."""
    del path
    name, arguments = module(task)
    if task.get("changed_when") is False and name not in MUTE:
        yield f"{_name(task)} hides what {name} would report"
    guarded = isinstance(arguments, dict) and ({"creates", "removes"} & arguments.keys())
    if name in COMMANDS and "changed_when" not in task and not guarded:
        yield f"{_name(task)} says neither changed_when nor creates"


def no_waiting_blindly(task: Task, path: Path) -> Iterator[str]:
    """A condition can be waited for; time can't."""
    del path
    name, arguments = module(task)
    if name == "pause":
        yield f"{_name(task)} pauses instead of waiting for a condition"
    if name == "wait_for" and isinstance(arguments, dict) and set(arguments) <= {"timeout"}:
        yield f"{_name(task)} waits for nothing but time"
    if name in COMMANDS and re.search(r"(^|[;&|\s])sleep\s", str(arguments)):
        yield f"{_name(task)} sleeps"


def secrets_are_not_logged(task: Task, path: Path) -> Iterator[str]:
    """Neither a task's arguments nor a template's diff may show a password."""
    name, arguments = module(task)
    if name in FLOW or task.get("no_log"):
        return
    given = [arguments, task.get("loop"), task.get("vars"), task.get("environment")]
    found = sorted(_secrets(str([value for value in given if value])))
    if found:
        yield f"{_name(task)} uses {', '.join(found)} without no_log"
    if name == "template" and isinstance(arguments, dict) and task.get("diff") is not False:
        source = path.parents[1] / "templates" / str(arguments.get("src"))
        text = source.read_text(encoding="utf-8") if source.is_file() else ""
        shown = sorted(_secrets(text))
        if shown:
            yield f"{_name(task)} shows {', '.join(shown)} in a diff: set no_log or diff: false"


def _secrets(text: str) -> set[str]:
    return {word for part in _EXPRESSION.findall(text) for word in _SECRET.findall(part)}


def registered_names(task: Task, path: Path) -> Iterator[str]:
    """What a role registers or sets starts with two underscores and the role's name."""
    if path.parents[2].name != "roles":
        return
    prefix = f"__{path.parents[1].name}_"
    name, arguments = module(task)
    names = [task["register"]] if "register" in task else []
    if name == "set_fact" and isinstance(arguments, dict):
        names += [key for key in arguments if key != "cacheable"]
    for variable in names:
        if not variable.startswith(prefix):
            yield f"{_name(task)} sets {variable}, which doesn't start with {prefix}"


RULES: tuple[Callable[[Task, Path], Iterator[str]], ...] = (
    errors_are_not_hidden,
    changes_are_told,
    no_waiting_blindly,
    secrets_are_not_logged,
    registered_names,
)


def task_files(root: Path) -> list[Path]:
    """Every file of the repository that holds tasks."""
    patterns = (
        "roles/*/tasks/*.yml",
        "roles/*/handlers/*.yml",
        "playbooks/*.yml",
        "molecule/*/*.yml",
    )
    not_tasks = {"molecule.yml", "vars.yml"}
    return sorted(p for g in patterns for p in root.glob(g) if p.name not in not_tasks)
