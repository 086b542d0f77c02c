"""The command line: thin; each command calls a module that does the work.

Modules are imported inside the commands: `host create` runs often and must start quickly.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ironlab import cli_exam, cli_host, cli_image, cli_lab, cli_progress, cli_report, cli_stack
from ironlab.cli_stack import Inventory

EPILOG = (
    "Exit codes: 0 done · 1 a play, check or test failed · 2 wrong usage · 3 something is missing "
    "on this machine · 4 host or image unknown or out of reach · 5 another run is busy · "
    "130 interrupted"
)

app = typer.Typer(
    name="ironlab",
    help="A production-shaped server on a host that behaves as Rocky Linux does.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(cli_stack.app)
app.add_typer(cli_image.app, name="image")
app.add_typer(cli_host.app, name="host")
app.add_typer(cli_lab.app, name="lab")
app.add_typer(cli_exam.app, name="exam")
app.add_typer(cli_progress.app)
app.add_typer(cli_report.report_app)


def _version(*, wanted: bool) -> None:
    if wanted:
        import tomllib

        from ironlab.paths import REPO

        project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        typer.echo(f"ironlab {project['version']}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Nothing is common to all commands but `--version`."""


class Part(StrEnum):
    """A part of the tests."""

    LINT = "lint"
    UNIT = "unit"
    ROLES = "roles"
    LABS = "labs"


@app.command("test", epilog="Examples: ./ironlab test · ./ironlab test --role redis --image el10")
def run_tests(
    only: Annotated[Part | None, typer.Option(help="Only this part.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Only this role; repeatable.")] = None,
    image: Annotated[list[str] | None, typer.Option(help="Only this image; repeatable.")] = None,
) -> None:
    """Run lint, types, unit tests and rules, each role on each image, and some labs' proofs."""
    from ironlab.testing import run

    raise typer.Exit(run(only.value if only else None, role or [], image or []))


@app.command(epilog="Example: ./ironlab doctor --json")
def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what this machine can do, and what to do about what is missing."""
    from ironlab.doctor import examine, worst
    from ironlab.errors import ExitCode

    findings = examine()
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{finding.state:8} {finding.name:20} {finding.seen}")
            if finding.remedy:
                typer.echo(f"{'':8} {'':20} -> {finding.remedy}")
    raise typer.Exit(ExitCode.PREREQUISITE if worst(findings) == "missing" else ExitCode.OK)


bench = typer.Typer(help="Measure.", no_args_is_help=True)
app.add_typer(bench, name="bench")


@bench.callback()
def _bench() -> None:
    """Without this, a group of one command would be that command."""


@bench.command(epilog="Example: ./ironlab bench converge --image el10 --json")
def converge(
    image: Annotated[str, typer.Option(help="The image of the host to measure on.")] = "el9",
    *,
    levers: Annotated[
        bool, typer.Option("--levers", help="Compare the levers on Ansible's overhead too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the first, second and check run of site.yml on a host of its own."""
    from ironlab.bench import run

    raise typer.Exit(run(levers, image, as_json))


@bench.command("labs", epilog="Example: ./ironlab bench labs --only-containers --json")
def bench_labs(
    image: Annotated[str, typer.Option(help="The image of the hosts to measure on.")] = "el9",
    *,
    containers: Annotated[
        bool, typer.Option("--only-containers", help="Leave the machine out.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure starting, grading, resetting and rebooting labs on hosts of its own."""
    from ironlab.bench.labs import run

    raise typer.Exit(run(image, as_json, containers))


vault = typer.Typer(help="The inventory's secrets.", no_args_is_help=True)
app.add_typer(vault, name="vault")


@vault.callback()
def _vault() -> None:
    """Without this, a group of one command would be that command."""


@vault.command("create", epilog="Example: ./ironlab vault create -i inventory/single")
def vault_create(inventory: Inventory = Path("inventory/single")) -> None:
    """Make the secrets that an inventory refers to and does not have yet."""
    from ironlab.inventory import locate
    from ironlab.vault import ensure

    made = ensure(locate(inventory))
    typer.echo(f"made: {', '.join(made)}" if made else "no secret is missing")
