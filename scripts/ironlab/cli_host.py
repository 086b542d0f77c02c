"""`./ironlab host`: single hosts on this machine, as Molecule and the curious use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from ironlab.hosts import Host
    from ironlab.hosts.container import ContainerHosts
    from ironlab.hosts.everywhere import Everywhere

app = typer.Typer(help="Make, reset and remove single hosts.", no_args_is_help=True)

SSH_PORT = 22

Name = Annotated[str, typer.Argument(help="The host's name.", metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def build(image: str) -> object:
    """Build an image that is missing, telling so on stderr."""
    from ironlab import images

    return images.build(image, lambda line: typer.echo(line, err=True))


def backend() -> ContainerHosts:
    """The containers of this computer."""
    from ironlab.hosts.container import ContainerHosts

    return ContainerHosts(build)


def everywhere() -> Everywhere:
    """Containers and virtual machines."""
    from ironlab.hosts.everywhere import Everywhere

    return Everywhere(build)


def _tell(host: Host, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(host.as_json()))
    else:
        port = "" if host.port == SSH_PORT else f" port {host.port}"
        where = f"{host.address}{port}"
        typer.echo(f"{host.name} ({host.image}) is up: {where}; ./ironlab ssh {host.name}")


@app.command(
    epilog="Examples: ./ironlab host create web1 --image el10 · "
    "./ironlab host create box --machine --disk 1024 --disk 512"
)
def create(
    name: Name,
    image: Annotated[str, typer.Option(help="The host's image.")] = "el9",
    ip: Annotated[str | None, typer.Option(help="A fixed address in 10.77.0.0/25.")] = None,
    disk: Annotated[
        list[int] | None,
        typer.Option(help="An extra disk of so many MiB; may be given again. Of a machine only."),
    ] = None,
    memory: Annotated[int, typer.Option(help="MiB of memory. Of a machine only.")] = 1024,
    group: Annotated[
        str | None, typer.Option(help="Machines of a group share a private network.")
    ] = None,
    *,
    machine: Annotated[
        bool, typer.Option("--machine", help="Make a virtual machine, not a container.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a host and wait until ssh answers; one that is there is left as it is."""
    if machine:
        from ironlab import prerequisites

        prerequisites.ensure_machines()
        machines = everywhere().new_machine(name)
        found = machines.create(name, image, ip, disks=disk or (), memory=memory, group=group)
    elif disk or group:
        message = "a container has no disks and no group of its own"
        raise IronlabError(message, "add --machine", ExitCode.USAGE)
    else:
        found = everywhere().new_container(name).create(name, image, ip)
    _tell(found, as_json=as_json)


@app.command(epilog="Example: ./ironlab host reset web1")
def reset(
    name: Name,
    to: Annotated[str | None, typer.Option(help="A snapshot instead of the image.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Put a host back to what it was when it was made, or to a snapshot."""
    _tell(everywhere().of(name).reset(name, to), as_json=as_json)


@app.command(epilog="Example: ./ironlab host reboot web1")
def reboot(name: Name, *, as_json: Json = False) -> None:
    """Shut a host down and start it again; its disk stays."""
    _tell(everywhere().of(name).reboot(name), as_json=as_json)


@app.command(epilog="Example: ./ironlab host snapshot web1 before-upgrade")
def snapshot(
    name: Name,
    label: Annotated[str, typer.Argument(help="The snapshot's name.", metavar="LABEL")],
) -> None:
    """Keep a host's disk, to reset to later; of a virtual machine also what runs in its memory."""
    everywhere().of(name).snapshot(name, label)
    typer.echo(f"kept: ./ironlab host reset {name} --to {label}")


@app.command(epilog="Example: ./ironlab host destroy web1")
def destroy(name: Name) -> None:
    """Remove a host with its snapshots and keys; fine when there is none."""
    typer.echo(
        f"{name} removed" if everywhere().of(name).destroy(name) else f"there is no host {name}"
    )


@app.command(epilog="Example: ./ironlab host console box")
def console(name: Name) -> None:
    """Use a virtual machine's serial console: its boot menu, an emergency shell. Ctrl-] leaves."""
    from ironlab.hosts import machine

    if not machine.exists(name) and backend().exists(name):
        message = f"host {name} is a container, which has no console"
        raise IronlabError(message, f"log in: ./ironlab ssh {name}", ExitCode.USAGE)
    everywhere().machines.console(name)


@app.command("list", epilog="Example: ./ironlab host list --json")
def list_hosts(*, as_json: Json = False) -> None:
    """Show the hosts of this machine."""
    from dataclasses import asdict

    hosts = everywhere().listing()
    if as_json:
        typer.echo(json.dumps([asdict(host) for host in hosts]))
        return
    for host in hosts:
        where = f"{host.kind:9} {host.address}"
        typer.echo(f"{host.name:24} {host.image:6} {host.state:8} {where}")
