"""Show an exam: its paper, its clock."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import typer

from ironlab.exams import text
from ironlab.exams.score import LATE_MINUTES

if TYPE_CHECKING:
    from ironlab.exams.paper import Paper
    from ironlab.exams.store import Exam


def as_json(exam: Exam) -> dict[str, Any]:
    """The exam without what grading recorded; while it goes on its checks stay untold."""
    untold = {"baselines", "verdicts", *(["score"] if exam.state == "running" else [])}
    content: dict[str, Any] = exam.model_dump(mode="json", exclude=untold)
    return content | {"ends": exam.ends, "text": text.paper(exam.paper)}


def clock(exam: Exam) -> str:
    """How much time is left, and when it ends."""
    end = time.strftime("%H:%M", time.localtime(exam.ends))
    left = exam.ends - time.time()
    if exam.state == "graded":
        return "It is graded: ./ironlab exam report"
    if left < 0 and exam.score is not None:
        return "Time is up. The kit could not grade it: ./ironlab exam grade tries again"
    if left < 0:
        ago = f"Time was up at {end}, {int(-left // 60)} minutes ago"
        return f"{ago}: ./ironlab exam grade, which can pass for {LATE_MINUTES} minutes"
    return f"{int(left // 3600)}:{int(left % 3600 // 60):02} left, until {end}"


def show_paper(drawn: Paper, *, as_json: bool) -> None:
    """The paper: as Markdown where it is read by a program, laid out on a terminal."""
    if as_json:
        content = drawn.model_dump(mode="json")
        typer.echo(json.dumps(content | {"text": text.paper(drawn)}))
        return
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - only terminals pay for Rich
        from rich.markdown import Markdown  # noqa: PLC0415

        console = Console()
        Console(width=min(console.width, 100)).print(Markdown(text.paper(drawn)))
    else:
        typer.echo(text.paper(drawn))
    typer.echo(f"Paper of seed {drawn.seed}, catalogue {drawn.catalogue[:12]}")
