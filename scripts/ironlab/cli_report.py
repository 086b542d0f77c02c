"""`./ironlab report` and `./ironlab lab regrade`: what a verdict came from, on paper and again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

report_app = typer.Typer()
regrade_app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@report_app.command("report", epilog="Examples: ./ironlab report 103 · ./ironlab report 103 --to .")
def report(
    lab: Annotated[str, typer.Argument(help="The lab's number or name.", metavar="LAB")],
    to: Annotated[Path | None, typer.Option(help="The folder to write to.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Write the latest verdict as a page to read, and as a bundle that can be graded again."""
    from ironlab.labs.report import written

    page, bundle = written(lab, to)
    if as_json:
        typer.echo(json.dumps({"page": str(page), "bundle": str(bundle)}))
    else:
        typer.echo(f"page:   {page}\nbundle: {bundle}")


@regrade_app.command("regrade", epilog="Example: ./ironlab lab regrade 103-seed-7.json")
def regrade(
    bundle: Annotated[Path, typer.Argument(help="A bundle of `report`.", metavar="BUNDLE")],
    *,
    as_json: Json = False,
) -> None:
    """Check a bundle's seal and grade it again offline; 0 when the verdict is the same."""
    from dataclasses import asdict

    from ironlab.errors import ExitCode
    from ironlab.labs.progress import in_between
    from ironlab.labs.report.regrade import regrade as run

    found = run(bundle)
    recorded, again = found.recorded, found.again
    look = in_between(recorded)
    if as_json:
        content = {
            "lab": recorded.lab,
            "seed": recorded.seed,
            "same": found.same,
            "solved": found.solved,
            "in_between": look,
            "score": {"recorded": recorded.score, "again": again.score},
            "changed": found.changed,
            "differences": [asdict(each) for each in found.differences],
        }
        typer.echo(json.dumps(content, indent=2))
    else:
        typer.echo(f"{recorded.lab}, seed {recorded.seed}: the bundle is as it was written")
        for name in found.changed:
            typer.echo(f"{name} is not the one that it was graded with")
        for each in found.differences:
            why = f" ({each.message})" if each.message else ""
            typer.echo(f"{each.id} {each.when}: was {each.recorded}, is {each.again}{why}")
        verdict = "no verdict" if recorded.void else f"{recorded.score} of 100"
        now = "no verdict" if again.void else f"{again.score} of 100"
        same = f"same verdict: {verdict}" if found.same else f"was {verdict}, is {now}"
        typer.echo(same)
        if look:
            typer.echo("A look in between: it was not rebooted, so it does not count.")
        if found.solved:
            typer.echo("The kit had solved this session: its score does not count.")
    raise typer.Exit(ExitCode.OK if found.same else ExitCode.FAILED)
