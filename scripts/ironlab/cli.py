"""The command line: thin; each command calls a module that does the work.

Modules are imported inside the commands: `host create` runs often and must start quickly.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ironlab import cli_host, cli_stack
from ironlab.cli_stack import Inventory  # noqa: TC001 - Typer reads the annotations

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
app.add_typer(cli_host.app, name="host")


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
