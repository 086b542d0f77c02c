"""`./ironlab lab`: find labs, read their tasks, write new ones."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ironlab import cli_lab_run, cli_prove, cli_report

if TYPE_CHECKING:
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant

app = typer.Typer(
    help="Exercises on a host, graded from outside it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

app.add_typer(cli_lab_run.app)
app.add_typer(cli_prove.app)
app.add_typer(cli_report.regrade_app)

LabName = Annotated[
    str, typer.Argument(help="The lab's number, or its folder's name.", metavar="LAB")
]
Seed = Annotated[
    int | None, typer.Option(help="Which variant: 1 to 999999; the same seed, the same task.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    "list",
    epilog="Examples: ./ironlab lab list · ./ironlab lab list --objective 5.4 · "
    "./ironlab lab list --json",
)
def list_labs(
    objective: Annotated[
        list[str] | None, typer.Option(help="Only labs with this objective; repeatable.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the labs: objectives, minutes, what they need, and your best score."""
    from ironlab.errors import ExitCode, IronlabError
    from ironlab.labs import catalogue, progress

    for number in objective or []:
        if number not in catalogue.objectives():
            remedy = "labs/objectives.yml lists those there are"
            raise IronlabError(f"there is no objective {number}", remedy, ExitCode.USAGE)
    every, errors = catalogue.readable()
    labs = [lab for lab in every if not objective or set(objective) & set(lab.objectives)]
    for error in errors:
        typer.echo(f"left out: {error}", err=True)
    best = progress.best_scores()
    if as_json:
        typer.echo(json.dumps([_as_json(lab) | {"best": best.get(lab.name)} for lab in labs]))
        return
    _table(labs, best)


def _as_json(lab: Lab) -> dict[str, Any]:
    return {
        "number": lab.number,
        "name": lab.name,
        "title": lab.title,
        "series": lab.series,
        "objectives": lab.objectives,
        "minutes": lab.minutes,
        "needs": lab.needs.model_dump(),
        "proved": _proved(lab),
    }


def _proved(lab: Lab) -> bool:
    """Whether the grader was seen to be right about answers of known worth."""
    from ironlab.proofs import ledger

    return bool(ledger.proved([lab]))


def _table(labs: list[Lab], best: dict[str, int]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("lab", "title", "objectives", "min", "host", "best"):
        table.add_column(column, justify="right" if column in {"min", "best"} else "left")
    for lab in labs:
        host: str = lab.needs.host
        if lab.needs.disks:
            host += f", {len(lab.needs.disks)} disk{'s' if len(lab.needs.disks) > 1 else ''}"
        if len(lab.needs.hosts) > 1:
            host += f", {len(lab.needs.hosts)} hosts"
        if not _proved(lab):
            host += " (grader not proved yet)"
        score = best.get(lab.name)
        table.add_row(
            str(lab.number),
            lab.title,
            " ".join(lab.objectives),
            str(lab.minutes),
            host,
            "" if score is None else str(score),
        )
    Console().print(table)
    if labs:
        first = labs[0].number
        typer.echo(f"Read one: ./ironlab lab show {first}   Begin: ./ironlab lab start {first}")
    else:
        typer.echo("no lab matches")


@app.command(
    epilog="Examples: ./ironlab lab show 103 · ./ironlab lab show 103 --seed 7 · "
    "./ironlab lab show 103 --json"
)
def show(lab: LabName, seed: Seed = None, *, as_json: Json = False) -> None:
    """Show a lab's task: of the session that is open, or of a seed."""
    from ironlab.labs import catalogue, rendering, variants

    found = catalogue.find(lab)
    chosen = seed if seed is not None else _open_seed(found)
    variant = variants.draw(found, 1 if chosen is None else chosen)
    if as_json:
        extra = {"seed": variant.seed, "task": rendering.task(found, variant)}
        typer.echo(json.dumps(_as_json(found) | extra))
        return
    _print_task(found, variant)
    if chosen is None:
        typer.echo(
            f"This is seed {variant.seed}; no session is open. "
            f"Begin: ./ironlab lab start {found.number} --seed {variant.seed}"
        )


def _open_seed(lab: Lab) -> int | None:
    """The seed of the session that is under way."""
    from ironlab.labs.sessions import Store

    with Store() as store:
        session = store.of(lab.name)
    return session.seed if session else None


def _print_task(lab: Lab, variant: Variant) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    from ironlab.labs import rendering

    text = rendering.task(lab, variant)
    if sys.stdout.isatty():
        Console(width=min(Console().width, 100)).print(Markdown(text))
    else:
        typer.echo(text)


@app.command(
    epilog="Examples: ./ironlab lab new 117 autofs · "
    './ironlab lab new 118 swap --title "Add swap" --machine'
)
def new(
    number: Annotated[int, typer.Argument(help="A number that no lab has.", metavar="NUMBER")],
    slug: Annotated[str, typer.Argument(help="Its name in the folder's.", metavar="SLUG")],
    title: Annotated[str | None, typer.Option(help="Its title; default: from the slug.")] = None,
    *,
    machine: Annotated[bool, typer.Option("--machine", help="It needs a virtual machine.")] = False,
) -> None:
    """Write a small lab that works, to be changed into the one you want."""
    from ironlab.labs import skeleton
    from ironlab.labs.source import shown

    words = slug.replace("-", " ")
    heading = words[:1].upper() + words[1:] if title is None else title
    lab = skeleton.create(number, slug, heading, machine=machine)
    typer.echo(f"{shown(lab.folder)}/ is a lab that works: change it by labs/README.md")
    typer.echo(f"Try it: ./ironlab lab prove {lab.number}")
