"""`./ironlab host`: single hosts on this machine, as Molecule and the curious use them."""

# ruff: noqa: PLC0415 - see cli.py

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ironlab.hosts import Host
    from ironlab.hosts.container import ContainerHosts

app = typer.Typer(help="Make, reset and remove single hosts.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The host's name.", metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def backend() -> ContainerHosts:
    """The hosts of this machine; an image that is missing is built, telling so on stderr."""
    from ironlab.hosts.container import ContainerHosts

    def build(image: str) -> object:
        from ironlab import images

        return images.build(image, lambda line: typer.echo(line, err=True))

    return ContainerHosts(build)


def _tell(host: Host, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(host.as_json()))
    else:
        typer.echo(f"{host.name} ({host.image}) is up: {host.address}; ./ironlab ssh {host.name}")


@app.command(epilog="Example: ./ironlab host create web1 --image el10")
def create(
    name: Name,
    image: Annotated[str, typer.Option(help="The host's image.")] = "el9",
    ip: Annotated[str | None, typer.Option(help="A fixed address in 10.77.0.0/25.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Make a host and wait until ssh answers; one that is there is left as it is."""
    _tell(backend().create(name, image, ip), as_json=as_json)


@app.command(epilog="Example: ./ironlab host reset web1")
def reset(
    name: Name,
    to: Annotated[str | None, typer.Option(help="A snapshot instead of the image.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Put a host back to its image (or to a snapshot), under its old address."""
    _tell(backend().reset(name, to), as_json=as_json)


@app.command(epilog="Example: ./ironlab host reboot web1")
def reboot(name: Name, *, as_json: Json = False) -> None:
    """Shut a host down and start it again; its disk stays."""
    _tell(backend().reboot(name), as_json=as_json)


@app.command(epilog="Example: ./ironlab host snapshot web1 before-upgrade")
def snapshot(
    name: Name,
    label: Annotated[str, typer.Argument(help="The snapshot's name.", metavar="LABEL")],
) -> None:
    """Keep a host's disk, to reset to later (what runs in its memory is not kept)."""
    backend().snapshot(name, label)
    typer.echo(f"kept: ./ironlab host reset {name} --to {label}")


@app.command(epilog="Example: ./ironlab host destroy web1")
def destroy(name: Name) -> None:
    """Remove a host with its snapshots and keys; fine when there is none."""
    typer.echo(f"{name} removed" if backend().destroy(name) else f"there is no host {name}")


@app.command("list", epilog="Example: ./ironlab host list --json")
def list_hosts(*, as_json: Json = False) -> None:
    """Show the hosts of this machine."""
    from dataclasses import asdict

    hosts = backend().listing()
    if as_json:
        typer.echo(json.dumps([asdict(host) for host in hosts]))
        return
    for host in hosts:
        typer.echo(f"{host.name:24} {host.image:6} {host.state:8} {host.address}")
