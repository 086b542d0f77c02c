"""`./ironlab image`: what hosts are made from."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from ironlab.console import tell

app = typer.Typer(help="Build and show host images.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Source(StrEnum):
    """Where an image comes from."""

    AUTO = "auto"
    REGISTRY = "registry"
    STAND_IN = "stand-in"


@app.command(
    epilog="Examples: ./ironlab image build · ./ironlab image build el10 --source stand-in"
)
def build(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which; none means all.", metavar="[NAME]...")
    ] = None,
    source: Annotated[
        Source, typer.Option(help="auto: real Rocky where a registry answers, else a stand-in.")
    ] = Source.AUTO,
) -> None:
    """Build images; one whose recipe has not changed is left as it is."""
    from ironlab import images
    from ironlab.locks import lock

    for name in names or images.image_names():
        with lock(f"image-{name}", wait=True):
            info = images.build(name, tell, source.value)
        typer.echo(f"{info.name}: {info.kind}, {info.packages} packages, {info.tag}")


@app.command("list", epilog="Example: ./ironlab image list --json")
def list_images(*, as_json: Json = False) -> None:
    """Show the images that are built: size, build time, recipe."""
    from ironlab import images

    built = images.listing()
    if as_json:
        typer.echo(json.dumps([info.model_dump(mode="json") for info in built], indent=2))
        return
    if not built:
        typer.echo("no images; ./ironlab image build makes them")
    for info in built:
        size = f"{info.size_bytes / 1e6:.0f} MB"
        when = f"built in {info.build_seconds:.0f} s on {info.built_at:%Y-%m-%d %H:%M}"
        recipe = f"{info.packages} packages, recipe {info.recipe[:12]}"
        typer.echo(f"{info.name:6} {info.kind:9} {size:>8}  {when}, {recipe}")


@app.command(epilog="Example: ./ironlab image describe el9 --json")
def describe(
    name: Annotated[str, typer.Argument(help="The image's name.", metavar="NAME")],
    *,
    as_json: Json = False,
) -> None:
    """Show what an image holds, where each fact about EL comes from, and what it cannot do."""
    from ironlab import images

    description = images.describe(name)
    if as_json:
        typer.echo(description.model_dump_json(indent=2))
    else:
        typer.echo(description.as_text())
