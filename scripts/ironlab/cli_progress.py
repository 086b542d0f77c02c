"""`./ironlab progress`: what was reached so far."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ironlab.labs.model import Lab
    from ironlab.labs.progress import Group, Record

app = typer.Typer()


@app.command(epilog="Examples: ./ironlab progress · ./ironlab progress --json")
def progress(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show what you have reached in the labs: by lab, objective and series."""
    from rich.console import Console

    from ironlab.labs import catalogue
    from ironlab.labs import progress as reached
    from ironlab.labs.sessions import Store

    labs = catalogue.all_labs()
    with Store() as store:
        found = reached.records(store)
        under_way = [session.number for session in store.under_way()]
    series, objectives = reached.by_series(labs, found), reached.by_objective(labs, found)
    if as_json:
        shown = {
            "labs": [record.as_json() for record in found.values()],
            "series": [group.as_json() for group in series],
            "objectives": [group.as_json() for group in objectives],
            "in_progress": under_way,
        }
        typer.echo(json.dumps(shown))
        return
    if not found:
        typer.echo("no lab was started yet; ./ironlab lab list shows them")
        return
    console = Console()
    _labs(console, [lab for lab in labs if lab.name in found], found)
    _groups(console, "series", series)
    mine = {number for lab in labs if lab.name in found for number in lab.objectives}
    _groups(console, "objective", [group for group in objectives if group.name in mine])
    if rest := len(objectives) - len(mine):
        typer.echo(f"{rest} more objectives have labs; ./ironlab lab list shows them")
    for number in under_way:
        typer.echo(f"lab {number} is in progress")


def _labs(console: Console, labs: list[Lab], found: dict[str, Record]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("lab", "title"):
        table.add_column(column)
    for column in ("best", "latest", "attempts", "minutes"):
        table.add_column(column, justify="right")
    for lab in labs:
        record = found[lab.name]
        scores = ["" if score is None else str(score) for score in (record.best, record.latest)]
        minutes = str(round(record.seconds / 60))
        table.add_row(str(lab.number), lab.title, *scores, str(record.attempts), minutes)
    console.print(table)


def _groups(console: Console, kind: str, groups: list[Group]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(kind)
    table.add_column("")
    table.add_column("labs done", justify="right")
    table.add_column("average", justify="right")
    for group in groups:
        title = group.title if group.title != group.name else ""
        table.add_row(group.name, title, f"{group.done}/{group.labs}", f"{group.average:.0f}")
    console.print(table)
