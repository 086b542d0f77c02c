"""An exam's result: in the terminal, as one HTML page, and as JSON with every recorded probe."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.markup import escape

from ironlab import files, paths
from ironlab.exams.paper import TO_PASS, TOTAL
from ironlab.exams.score import LATE_MINUTES
from ironlab.exams.text import host_name
from ironlab.labs import catalogue

if TYPE_CHECKING:
    from ironlab.exams.score import Score, TaskScore
    from ironlab.exams.store import Exam


def content(exam: Exam, score: Score) -> dict[str, Any]:
    """The result: what a program would want of it."""
    if exam.state == "running":  # the kit could not grade it: its checks stay untold
        return {"seed": exam.paper.seed, "verdict": verdict(score), "void": score.void}
    titles = catalogue.objectives()
    return {
        "seed": exam.paper.seed,
        "catalogue": exam.paper.catalogue,
        "kit_version": exam.kit_version,
        "image": exam.image,
        "started": _moment(exam.started),
        "minutes": exam.paper.minutes,
        "late": score.late,
        "points": score.points,
        "of": TOTAL,
        "to_pass": TO_PASS,
        "passed": score.passed,
        "verdict": verdict(score),
        "void": score.void,
        "tasks": [
            task.model_dump(mode="json") | {"host": host_name(task.task.kind, "box")}
            for task in score.tasks
        ],
        "deductions": [each.model_dump(mode="json") for each in score.deductions],
        "objectives": [
            each.model_dump(mode="json") | {"title": titles[each.number].title}
            for each in score.objectives()
        ],
        "boot_ids": score.boot_ids,
        "notes": score.notes,
    }


def verdict(score: Score) -> str:
    """The result in one sentence."""
    points = f"{score.points} of {TOTAL} points"
    if score.void:
        return f"No result: the kit could not grade a task ({score.void[0]})."
    if score.late > LATE_MINUTES:
        return f"Not passed: {points}, but graded {score.late} minutes after the end."
    if score.passed:
        return f"Passed: {points}, and {TO_PASS} are needed."
    return f"Not passed: {points}, and {TO_PASS} are needed."


def write(exam: Exam, score: Score, folder: Path | None = None) -> tuple[Path, Path]:
    """Write the page and the data.

    Returns:
        The paths of both.
    """
    stem = f"exam-{exam.id}-seed-{exam.paper.seed}"
    there = (folder or paths.state_dir() / "reports").expanduser().resolve()
    page, data = there / f"{stem}.html", there / f"{stem}.json"
    result = content(exam, score)
    verdicts = {lab: each.model_dump(mode="json") for lab, each in exam.verdicts.items()}
    with files.chosen(there):
        files.write(data, json.dumps(result | {"verdicts": verdicts}, indent=1) + "\n")
        files.write(page, html(result))
    return page, data


def html(result: dict[str, Any]) -> str:
    """The page: all of it in one file."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(result)


def show(exam: Exam, score: Score) -> None:
    """The result in the terminal."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - --json needs no Rich
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    if score.void:
        for line in _void(exam, score):
            console.print(line, markup=False)
        return
    for index, task in enumerate(score.tasks, 1):
        for line in _task(index, task):
            console.print(line)
    for each in score.deductions:
        console.print(f"-{each.costs} on the {each.host}: not so any more: {escape(each.title)}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("objective")
    table.add_column("")
    table.add_column("points", justify="right")
    titles = catalogue.objectives()
    for row in score.objectives():
        table.add_row(row.number, titles[row.number].title, f"{row.points} of {row.of}")
    console.print(table)
    for note in score.notes:
        console.print(f"note: {escape(note)}")
    for name, ids in score.boot_ids.items():
        console.print(f"{name}: booted as {', and then as '.join(ids)}")
    console.print(f"[bold]{escape(verdict(score))}[/]")
    console.print(f"seed {exam.paper.seed}, catalogue {exam.paper.catalogue[:12]}")


def _task(index: int, task: TaskScore) -> list[str]:
    title, of = escape(task.task.title), task.task.points
    lines = [f"[bold]Task {index}: {title}[/]  {task.points} of {of} points"]
    for check in task.checks:
        if check.passed:
            continue
        lines.append(f"  not done: {escape(check.title)}")
        reason = "gone after the reboot" if check.lost else check.expected
        if reason or check.found:
            lines.append(f"    wanted {escape(reason)}; found {escape(check.found)}")
    return lines


def _void(exam: Exam, score: Score) -> list[str]:
    lines = [f"not graded, by the kit's fault: {reason}" for reason in score.void]
    tries = ["It is still open: ./ironlab exam grade tries again"]
    return [*lines, verdict(score), *(tries if exam.state == "running" else [])]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
