"""`./ironlab lab start`, `shell`, `grade`, ...: work on a lab."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ironlab.errors import ExitCode, IronlabError

app = typer.Typer()

Lab = Annotated[
    str | None,
    typer.Argument(help="The lab's number; not needed while only one is open.", metavar="[LAB]"),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    epilog="Examples: ./ironlab lab start 103 · ./ironlab lab start 103 --seed 7 --image el10 · "
    "./ironlab lab start 103 --host web1@inventory/mine",
)
def start(
    lab: Annotated[str, typer.Argument(help="The lab's number.", metavar="LAB")],
    seed: Annotated[
        int | None, typer.Option(help="Which variant, 1 to 999999; by default a new one.")
    ] = None,
    image: Annotated[str, typer.Option(help="el9 or el10.")] = "el9",
    host: Annotated[
        str | None, typer.Option(help="NAME@INVENTORY: a host of your own instead.")
    ] = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make the lab's hosts, set the lab up and show the task."""
    from ironlab.console import tell
    from ironlab.labs import catalogue, rendering, runner_start, variants
    from ironlab.proofs import ledger

    found = catalogue.find(lab)
    if not ledger.proved([found], image):
        what = f"the grader of lab {found.number} on {image}"
        tell(f"nobody has proved {what} yet: its verdict may be wrong")
    if host:
        _warn(host, yes=yes)
    else:
        _prepare(machine=found.needs.host == "machine", yes=yes)
    session, place = runner_start.start(found, seed=seed, image=image, host=host)
    variant = variants.draw(found, session.seed)
    task = rendering.task(found, variant)
    if as_json:
        addresses = {alias: target.address for alias, target in place.targets.items()}
        shown = {"lab": found.name, "seed": session.seed, "image": session.image}
        shown |= {"kind": session.kind, "names": session.hosts}
        typer.echo(json.dumps({**shown, "addresses": addresses, "task": task}))
        return
    _markdown(task)
    typer.echo(f"Lab {found.number} is open (seed {session.seed}). Next:")
    typer.echo(f"  ./ironlab lab shell {found.number}    work on box as student")
    typer.echo(f"  ./ironlab lab grade {found.number}    see what it is worth")
    typer.echo(f"  ./ironlab lab hint {found.number}     if you are stuck: costs points")


def _prepare(*, machine: bool, yes: bool) -> None:
    """See that this computer has what hosts are made with."""
    from ironlab import prerequisites

    prerequisites.ensure(assume_yes=yes)
    if machine:
        prerequisites.ensure_machines(assume_yes=yes)


def _warn(host: str, *, yes: bool) -> None:
    from ironlab.console import ask, is_terminal, tell
    from ironlab.labs.places_remote import LEFT_BEHIND

    tell(f"{host} is no host that was made for this lab. There is no way back from what is done to")
    tell("it: neither `reset` nor `finish` undoes anything. What the lab puts there:")
    for line in LEFT_BEHIND:
        tell(f"  - {line}")
    tell("`grade` reboots it. Take a host that you can do without.")
    if yes:
        return
    if not is_terminal() or not ask(f"Use {host} all the same?", default=False):
        remedy = "say --yes if you mean it, or leave --host out"
        raise IronlabError(f"{host} was not touched", remedy, ExitCode.USAGE)


def _markdown(text: str) -> None:
    import sys

    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console(width=min(Console().width, 100)).print(Markdown(text))
    else:
        typer.echo(text)


@app.command(
    epilog="Examples: ./ironlab lab shell · ./ironlab lab shell 103 -- sudo systemctl status sshd",
)
def shell(
    lab: Lab = None,
    command: Annotated[
        list[str] | None, typer.Argument(help="A command instead of a shell, after --.")
    ] = None,
    host: Annotated[str, typer.Option(help="box, or peer.")] = "box",
) -> None:
    """Log in to the lab's host as student, who may use sudo."""
    import subprocess

    from ironlab.console import tell
    from ironlab.labs import runner
    from ironlab.labs.runner_work import attach, working

    if lab and not lab[:1].isdigit():  # `lab shell -- id`: the command parser can't tell
        command = [lab, *(command or [])]
        lab = None
    with working(lab, exclusive=False) as work:
        argv = runner.student(attach(work.session), host, command)
    code = subprocess.run(argv, check=False).returncode
    if code == runner.SSH_FAILED:
        tell(f"ssh did not get in; `./ironlab lab reset {work.lab.number}` puts the host back")
        code = ExitCode.UNREACHABLE
    raise typer.Exit(code)


@app.command(epilog="Examples: ./ironlab lab grade · ./ironlab lab grade 103 --no-reboot --json")
def grade(
    lab: Lab = None,
    *,
    reboot: Annotated[
        bool | None,
        typer.Option(
            "--reboot/--no-reboot",
            help="Reboot and grade again; by default where the task must survive it.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Grade what was done, reboot, and grade again. Exit code 0 for a full score only."""
    from rich.console import Console

    from ironlab.labs import progress, runner_grade
    from ironlab.labs.grading import display
    from ironlab.labs.runner_work import working

    runner_grade.warm_up()
    with working(lab) as work:
        verdict = runner_grade.grade(work, reboot=reboot)
        look = progress.in_between(verdict)
        if as_json:
            shown = {"solved": work.solved, "in_between": look}
            typer.echo(json.dumps(display.as_json(work.lab, verdict) | shown))
        else:
            display.show(Console(), work.lab, verdict)
            if work.solved:
                typer.echo("The kit has solved this session: its score does not count.")
            if look:
                typer.echo("A look in between: not rebooted, so progress does not count it.")
            elif verdict.full:
                number = work.lab.number
                typer.echo(f"./ironlab report {number} writes it up; lab finish {number} clears up")
    raise typer.Exit(ExitCode.FAILED if look and verdict.full else verdict.exit_code)


@app.command(epilog="Example: ./ironlab lab hint 103")
def hint(lab: Lab = None, *, yes: Yes = False) -> None:
    """Show the next hint; says first what it costs."""
    from ironlab.console import ask, is_terminal
    from ironlab.labs import runner
    from ironlab.labs.runner_work import working

    with working(lab) as work:
        following = runner.next_hint(work)
        if following is None:
            typer.echo("there is no further hint")
            return
        offer = f"the next hint ({following.title}) costs {following.cost} points"
        if not yes and not is_terminal():
            remedy = "say --yes to take it"
            raise IronlabError(offer, remedy, ExitCode.USAGE)
        if not yes and not ask(f"{offer[0].upper()}{offer[1:]}. Show it?", default=False):
            typer.echo("not shown, nothing lost")
            return
        runner.take(work, following)
        _markdown(f"**{following.title}** (-{following.cost})\n\n{following.text}\n")


@app.command(epilog="Examples: ./ironlab lab solve 103 · ./ironlab lab solve 103 --solution 02")
def solve(
    lab: Lab = None,
    name: Annotated[
        str | None, typer.Option("--solution", help="Which one, by its file's name.")
    ] = None,
    *,
    yes: Yes = False,
) -> None:
    """Apply one of the kit's solutions; the session's score then counts no more."""
    from ironlab.console import ask, is_terminal
    from ironlab.labs import runner
    from ironlab.labs.runner_work import working
    from ironlab.labs.source import shown

    with working(lab) as work:
        path = runner.solution(work.lab, name)
        if not yes and not work.solved:
            offer = f"{shown(path)} solves lab {work.lab.number}; its score counts no more then"
            if not is_terminal():
                raise IronlabError(offer, "say --yes to apply it", ExitCode.USAGE)
            if not ask(f"{offer}. Apply it?", default=False):
                typer.echo("not applied")
                return
        runner.solve(work, path, typer.echo)
        typer.echo(f"{shown(path)} is applied; ./ironlab lab grade {work.lab.number}")


@app.command(epilog="Example: ./ironlab lab reset 103")
def reset(lab: Lab = None, *, yes: Yes = False) -> None:
    """Put the lab's hosts back to the start; what was done on them is gone."""
    from ironlab.console import ask
    from ironlab.labs import runner_start
    from ironlab.labs.runner_work import working

    with working(lab) as work:
        question = f"Put lab {work.lab.number} back to its start? What you did on it is gone then."
        if not yes and not ask(question, default=True):
            typer.echo("left as it is")
            return
        runner_start.reset(work)
        typer.echo(f"lab {work.lab.number} is at its start again")


@app.command(epilog="Examples: ./ironlab lab finish 103 · ./ironlab lab finish --keep")
def finish(
    lab: Lab = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the hosts as they are.")] = False,
) -> None:
    """End the session: remove its hosts, and say what is left."""
    from ironlab.labs import progress, runner_start
    from ironlab.labs.places_remote import LEFT_BEHIND
    from ironlab.labs.runner_work import chosen, locked
    from ironlab.labs.sessions import Store

    with Store() as store:
        found = chosen(store, lab)
        with locked(found):
            session = store.of(found.name)
            if session is None:
                message = f"lab {found.number} is not in progress"
                raise IronlabError(message, "./ironlab lab list shows the labs", ExitCode.USAGE)
            verdict = store.verdict(session)
            removed = runner_start.finish(store, session, keep=keep)
            spent = progress.seconds_spent(session.started, store.events(session))
    last = "last look" if verdict and progress.in_between(verdict) else "last score"
    score = f"{last} {verdict.score}/100" if verdict else "never graded"
    typer.echo(f"lab {found.number} is finished: {score}, {round(spent / 60)} min")
    if session.kind == "remote":
        typer.echo(f"Left behind on {session.hosts['box']}:")
        for line in LEFT_BEHIND:
            typer.echo(f"  - {line}")
    elif keep:
        names = " ".join(session.hosts.values())
        typer.echo(f"Left behind: {names}; remove with ./ironlab host destroy NAME")
    else:
        typer.echo(
            f"Removed: {', '.join(removed) or 'nothing, it was gone'}; nothing is left behind"
        )
    report = f"./ironlab report {found.number} writes it up; " if verdict else ""
    typer.echo(f"{report}./ironlab progress shows all")


@app.command(epilog="Example: ./ironlab lab console 113")
def console(
    lab: Lab = None, host: Annotated[str, typer.Option(help="box, or peer.")] = "box"
) -> None:
    """Open the serial console of a lab's virtual machine, which also works while it boots."""
    from ironlab.labs import runner
    from ironlab.labs.runner_work import working

    with working(lab, exclusive=False) as work:
        open_console = runner.console(work, host)
    open_console()
