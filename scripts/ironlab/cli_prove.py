"""`./ironlab lab prove`: watch the graders."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ironlab.labs.model import Lab
    from ironlab.proofs.results import LabProof

app = typer.Typer()


@app.command(
    epilog="Examples: ./ironlab lab prove 103 · ./ironlab lab prove --changed · "
    "./ironlab lab prove 103 --seed 2 --state 'wrong answer: *' --keep",
)
def prove(
    labs: Annotated[
        list[str] | None, typer.Argument(help="Labs by number or name.", metavar="LAB")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every lab.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Labs whose entry in labs/proofs.json is stale.")
    ] = False,
    containers: Annotated[
        bool, typer.Option("--only-containers", help="Of these, labs that run in a container.")
    ] = False,
    machines: Annotated[
        bool, typer.Option("--only-machines", help="Of these, labs that need a machine.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, max=99, help="The seeds 1 to so many.")] = 3,
    seed: Annotated[list[int] | None, typer.Option(help="This seed instead; repeatable.")] = None,
    image: Annotated[str, typer.Option(help="The image of the hosts.")] = "el9",
    jobs: Annotated[int, typer.Option(min=1, max=16, help="Sets of hosts at a time.")] = 2,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only the states of this name (* stands for anything); repeatable."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the hosts there.")] = False,
    write: Annotated[
        bool, typer.Option(help="Put whole green proofs with 3 seeds or more into the ledger.")
    ] = True,
    mitogen: Annotated[
        bool,
        typer.Option(help="Run playbooks by Mitogen where it is installed: a third of the work."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a lab's hosts into many states on purpose; the grader has to be right about each.

    Nothing done scores 0; every solution is full, also after a reboot; every wrong answer fails
    exactly as it says; the neighbouring seed's solution fails; answers derived from the solutions
    by one mistake fail; a reset leaves no difference.
    """
    from rich.console import Console

    from ironlab import images, inventory, prerequisites, proofs
    from ironlab.console import tell
    from ironlab.errors import ExitCode
    from ironlab.hosts.machine.qemu import PROCESSORS_VARIABLE
    from ironlab.proofs.workshop import EngineWorkshop

    chosen = _chosen(labs or [], every=every, changed=changed, image=image)
    if containers or machines:
        kinds = {"container": containers, "machine": machines}
        chosen = [lab for lab in chosen if kinds[lab.needs.host]]
    if not chosen:
        typer.echo(json.dumps({"labs": []}) if as_json else "there is nothing to prove")
        return
    wish = proofs.Wish(
        chosen,
        tuple(dict.fromkeys(seed or range(1, seeds + 1))),
        image,
        jobs,
        tuple(state or ()),
        keep,
        write,
    )
    in_ci = "CI" in os.environ
    prerequisites.ensure(assume_yes=in_ci)
    if any(lab.needs.host == "machine" for lab in chosen):
        prerequisites.ensure_machines(assume_yes=in_ci)
        if jobs >= len(os.sched_getaffinity(0)):  # no core is left for a second processor
            os.environ.setdefault(PROCESSORS_VARIABLE, "1")
    info = images.build(image, tell)
    if mitogen:
        os.environ.update(inventory.mitogen())  # the kept Ansible processes of all lanes inherit it
    results = proofs.prove(
        wish,
        Console(stderr=True),
        lambda prefix: EngineWorkshop(prefix, image, keep=keep),
        proofs.Made(info.kind, info.recipe),
    )
    _show(results, as_json=as_json)
    raise typer.Exit(ExitCode.OK if all(each.ok for each in results) else ExitCode.FAILED)


def _chosen(names: list[str], *, every: bool, changed: bool, image: str) -> list[Lab]:
    from ironlab.errors import ExitCode, IronlabError
    from ironlab.labs import catalogue
    from ironlab.proofs import ledger

    if bool(names) + every + changed != 1:
        message = "say which labs: their numbers, --all or --changed"
        raise IronlabError(message, "./ironlab lab list shows them", ExitCode.USAGE)
    if names:
        return [catalogue.find(name) for name in dict.fromkeys(names)]
    found = catalogue.all_labs()
    if changed:
        stale = ledger.stale(found, image)
        found = [lab for lab in found if lab.name in stale]
    return found


def _show(results: list[LabProof], *, as_json: bool) -> None:
    from rich.console import Console

    from ironlab.proofs import display

    if as_json:
        typer.echo(json.dumps({"labs": [display.as_json(proof) for proof in results]}, indent=1))
        return
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, 120)  # whole names in a log
    console.print(display.table(results))
    lines = display.notes(results)
    lines += [f"FAILED: {line}" for proof in results for line in proof.problems()]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
