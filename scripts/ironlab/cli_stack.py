"""`./ironlab up`, `down`, `status`, `ssh`, `apply`: the stack."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ironlab.cli_host import backend, everywhere
from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from ironlab.recorder import Outcome
    from ironlab.stack import Up

app = typer.Typer()

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Inventory = Annotated[
    Path, typer.Option("--inventory", "-i", help="The inventory's folder or file.")
]
MARKS = {"ok": "ok", "failed": "FAILED", "skipped": "skipped"}


@app.command(epilog="Examples: ./ironlab up · ./ironlab up --image el10 --yes")
def up(
    image: Annotated[str | None, typer.Option(help="Another image than the inventory's.")] = None,
    *,
    yes: Yes = False,
) -> None:
    """Set up what is missing, start the hosts, configure the stack, check it. Safe to repeat."""
    from ironlab import stack
    from ironlab.locks import lock

    with lock("up", wait=False, doing="`./ironlab up`"):
        result = stack.up(backend(), image=image, assume_yes=yes)
    if result.outcome:
        _summary(result.outcome)
    if result.outcome and not result.outcome.changed and not result.made:
        typer.echo("nothing changed: the stack was up as described")
    for check in result.checks:
        typer.echo(f"  {MARKS[check.state]:8} {check.name}: {check.detail}")
    failed = [check.name for check in result.checks if check.state == "failed"]
    if failed:
        remedy = "`./ironlab status` asks again; the host's journal says more"
        raise IronlabError(f"the stack runs, but fails at: {', '.join(failed)}", remedy)
    _what_next(result)


def _summary(outcome: Outcome) -> None:
    counts = {"ok": 0, "changed": 0, "failed": 0} | outcome.counts
    minutes, seconds = divmod(round(outcome.seconds), 60)
    said = ", ".join(f"{counts[key]} {key}" for key in ("ok", "changed", "failed"))
    typer.echo(f"{said} in {minutes}:{seconds:02}; log: {outcome.log}")
    if outcome.changed:
        slowest = "; ".join(
            f"{task.role}: {task.name} {task.seconds:.1f} s" for task in outcome.slowest(3)
        )
        typer.echo(f"slowest: {slowest}")


def _what_next(result: Up) -> None:
    from ironlab.smoke import Stack

    for host in result.hosts:
        stack = Stack(host, {})
        typer.echo(f"\n{host.name} ({host.image}) at {host.address}")
        typer.echo(f"  the application  curl --cacert {stack.certificate} {stack.address}/users/1")
        typer.echo(f"  a shell          ./ironlab ssh {host.name}")
        forward = f"./ironlab ssh -L 9090:127.0.0.1:9090 {host.name}"
        typer.echo(f"  Prometheus       {forward}, then http://127.0.0.1:9090")
    typer.echo("\nTry next: ./ironlab status · ./ironlab test · README.md, then docs/")


@app.command(epilog="Example: ./ironlab down --yes")
def down(*, yes: Yes = False) -> None:
    """Remove the hosts that `up` made, with their data; images, keys and secrets stay."""
    from ironlab import inventory, stack
    from ironlab.console import ask, is_terminal
    from ironlab.locks import lock

    with lock("up", wait=False, doing="`./ironlab up`"):
        hosts = backend()
        wanted = {host.name for host in stack.lab(inventory.read(inventory.SINGLE))}
        there = [state.name for state in hosts.listing() if state.name in wanted]
        if not there:
            typer.echo("nothing is up")
            return
        question = f"Remove {', '.join(there)} with everything on it?"
        if not yes and is_terminal() and not ask(question, default=False):
            raise IronlabError("nothing was removed", "", ExitCode.USAGE)
        for name in there:
            hosts.destroy(name)
            typer.echo(f"{name} removed")


@app.command(epilog="Example: ./ironlab status --json")
def status(*, as_json: Json = False) -> None:
    """Show the hosts, whether the stack on them answers, and the last apply."""
    from ironlab import stack

    found = stack.status(backend())
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    if not found["hosts"]:
        typer.echo("no hosts; ./ironlab up makes them")
    width = max((len(host["name"]) for host in found["hosts"]), default=0)
    for host in found["hosts"]:
        since = f"  since {host['started'][:19]}Z" if host["started"] else ""
        typer.echo(
            f"{host['name']:{width}} {host['image']:6} {host['state']:8} {host['address']}{since}"
        )
        for check in found["services"].get(host["name"], []):
            typer.echo(f"  {MARKS[check['state']]:8} {check['name']}: {check['detail']}")
    _last(found["last_apply"])


def _last(record: dict[str, Any] | None) -> None:
    if record:
        counts = f"{record['counts'].get('changed', 0)} changed, {record['seconds']} s"
        said = record["failure"] or counts
        typer.echo(f"last apply: {record['result']} at {record['finished']} ({said})")


@app.command(
    epilog="Examples: ./ironlab ssh box1 · ./ironlab ssh box1 -- systemctl status nginx",
)
def ssh(
    host: Annotated[str, typer.Argument(help="A host of this machine or of inventory/single.")],
    command: Annotated[
        list[str] | None, typer.Argument(help="A command instead of a shell.")
    ] = None,
    forward: Annotated[
        list[str] | None, typer.Option("-L", help="Forward a port, as ssh's -L does.")
    ] = None,
) -> None:
    """Log in to a host, or run a command on it."""
    from ironlab import inventory
    from ironlab.hosts import identity

    hosts = everywhere().of(host)
    options = [part for rule in forward or [] for part in ("-L", rule)]
    if hosts.exists(host):
        found = hosts.find(host)
        port = ["-p", str(found.port)]
        target = [*identity.ssh_options(), *port, f"{found.user}@{found.address}"]
    else:
        variables = inventory.host(inventory.SINGLE, host)
        user = variables.get("ansible_user")
        address = str(variables.get("ansible_host", host))
        target = [f"{user}@{address}" if user else address]
    arguments = ["ssh", *options, *target, *(["--", *command] if command else [])]
    os.execvp("ssh", arguments)  # noqa: S606 - ssh takes over: terminal and signals are its own


@app.command(
    epilog="Examples: ./ironlab apply -i inventory/single --check · "
    "./ironlab apply -i inventory/mine --tags nginx --limit web1",
)
def apply(
    inventory: Inventory,
    tags: Annotated[
        str | None, typer.Option("--tags", "-t", help="Only these roles, as in site.yml.")
    ] = None,
    limit: Annotated[str | None, typer.Option("--limit", "-l", help="Only these hosts.")] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", "-C", help="Only say what would change.")
    ] = False,
) -> None:
    """Configure the hosts of an inventory with playbooks/site.yml, over ssh."""
    from ironlab import play, stack
    from ironlab.inventory import locate
    from ironlab.locks import lock

    with lock("up", wait=False, doing="`./ironlab up` or `apply`"):
        what = play.Play(stack.SITE, locate(inventory), check=check, tags=tags, limit=limit)
        _summary(stack.apply(what))
