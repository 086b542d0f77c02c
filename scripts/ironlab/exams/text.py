"""An exam's paper as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ironlab.exams.paper import TO_PASS, TOTAL, variant
from ironlab.labs import catalogue, rendering

if TYPE_CHECKING:
    from ironlab.exams.paper import HostKind, Paper, Task

_LAB_SHELL = re.compile(r"\./ironlab lab shell \d+(?: --host (?P<alias>[a-z]+))?")


def host_name(kind: HostKind, alias: str) -> str:
    """What the learner calls a host of the exam: box, peer, machine, machine-peer."""
    if kind == "container":
        return alias
    return "machine" if alias == "box" else f"machine-{alias}"


def paper(drawn: Paper) -> str:
    """The whole paper."""
    kinds = sorted({task.kind for task in drawn.tasks})
    hosts = " and ".join(f"`{host_name(kind, 'box')}`" for kind in kinds)
    lines = [
        f"# Exam, seed {drawn.seed}",
        "",
        (
            f"{drawn.minutes} minutes, {TOTAL} points, {TO_PASS} to pass. "
            f"{len(drawn.tasks)} tasks on {hosts}: `./ironlab exam shell` logs you in."
        ),
        "",
        (
            "There are no hints. At the end everything is graded, every host is rebooted, and "
            "everything is graded again: what a reboot undoes counts as not done. Services, open "
            "ports, SELinux and other people's data that no task is about must stay as they are."
        ),
        "",
    ]
    for index, task in enumerate(drawn.tasks, 1):
        lines += [f"## Task {index}: {task.title}", ""]
        lines += [f"On `{host_name(task.kind, 'box')}`, {task.points} points.", "", body(task), ""]
    lines += [f"Left out: {line}" for line in drawn.left_out]
    return "\n".join(lines).rstrip() + "\n"


def body(task: Task) -> str:
    """The lab's task, with the exam's own way into its hosts."""
    lab = catalogue.find(task.lab)

    def here(found: re.Match[str]) -> str:
        return f"./ironlab exam shell --host {host_name(task.kind, found['alias'] or 'box')}"

    return _LAB_SHELL.sub(here, rendering.body(lab, variant(lab, task)))
