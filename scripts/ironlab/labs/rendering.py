"""The texts that a learner reads, with the variant's values in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.labs.model import Hint
from ironlab.labs.templates import render

if TYPE_CHECKING:
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant


def body(lab: Lab, variant: Variant) -> str:
    """The task alone."""
    return render((lab.folder / "task.md").read_text(encoding="utf-8"), variant.values).strip()


def task(lab: Lab, variant: Variant) -> str:
    """The task as Markdown: what to do, what is graded, what must stay as it is."""
    lines = [f"# {lab.number} {lab.title}", "", body(lab, variant), ""]
    lines += ["## Graded", ""]
    lines += [f"- {check.title} ({check.points} points)" for check in lab.checks]
    if lab.needs.reboot:
        lines += [
            "",
            "The host is then rebooted and graded again: what is gone counts as not done.",
        ]
    if lab.keeps:
        lines += ["", "Must stay as it is:", ""]
        lines += [f"- {keep.title} (otherwise -{keep.costs})" for keep in lab.keeps]
    return "\n".join(lines) + "\n"


def hints(lab: Lab, variant: Variant) -> list[Hint]:
    """The rungs of hints.md."""
    return [
        Hint(
            cost=hint.cost,
            title=render(hint.title, variant.values),
            text=render(hint.text, variant.values),
        )
        for hint in lab.hints()
    ]
