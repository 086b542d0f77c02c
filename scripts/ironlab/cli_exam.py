"""`./ironlab exam`: several labs at once, against the clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ironlab.exams.score import Score
    from ironlab.exams.store import Exam

app = typer.Typer(
    help="Several labs at once, against the clock: 300 points, 210 to pass.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    epilog="Examples: ./ironlab exam start --seed 7 --dry-run · "
    "./ironlab exam start --minutes 90 --objectives 9,10.1 --no-machine"
)
def start(
    seed: Annotated[
        int | None, typer.Option(help="Which paper: 1 to 999999; default: one nobody knows.")
    ] = None,
    minutes: Annotated[int, typer.Option(help="How long it is.", min=10, max=600)] = 180,
    objectives: Annotated[
        str, typer.Option(help="Only about these, with commas: 9 (a section), 10.1, ...")
    ] = "",
    image: Annotated[str, typer.Option(help="The image of the hosts.")] = "el9",
    *,
    machine: Annotated[
        bool | None,
        typer.Option(help="With or without a virtual machine; default: if there can be one."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the paper, start nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw a paper, make its hosts, and start the clock."""
    from ironlab.console import tell
    from ironlab.exams import display, paper
    from ironlab.labs import catalogue, variants
    from ironlab.proofs import ledger

    asked = [each.strip() for each in objectives.split(",") if each.strip()]
    paper.check_asked(asked)
    labs = catalogue.all_labs()
    proved = ledger.proved(labs)
    drawn = paper.draw(
        proved,
        variants.fresh_seed() if seed is None else seed,
        minutes=minutes,
        asked=asked,
        machine=_machine_possible() if machine is None else machine,
    )
    if unproved := [str(lab.number) for lab in labs if lab not in proved]:
        tell(f"not drawn, since nobody has proved their graders yet: {', '.join(unproved)}")
    if image != ledger.IMAGE and len(ledger.proved(labs, image)) < len(proved):
        tell(f"nobody has proved all graders on {image} yet: the result may be wrong")
    if dry_run:
        display.show_paper(drawn, as_json=as_json)
        return
    from ironlab import progress
    from ironlab.exams import running

    exam = running.start(drawn, image, tell, progress.display)
    if as_json:
        typer.echo(json.dumps(display.as_json(exam)))
        return
    typer.echo(display.clock(exam))
    typer.echo("The paper: ./ironlab exam show   Log in: ./ironlab exam shell")


@app.command(epilog="Examples: ./ironlab exam show · ./ironlab exam show --json")
def show(*, as_json: Json = False) -> None:
    """Show the paper, and the time that is left."""
    from ironlab.exams import display, store

    exam = store.current()
    if as_json:
        typer.echo(json.dumps(display.as_json(exam)))
        return
    display.show_paper(exam.paper, as_json=False)
    typer.echo(display.clock(exam))


@app.command(epilog="Example: ./ironlab exam status --json")
def status(*, as_json: Json = False) -> None:
    """Show the time that is left, and where the tasks are."""
    from ironlab.exams import display, store, text

    exam = store.current()
    if as_json:
        typer.echo(json.dumps(display.as_json(exam)))
        return
    typer.echo(f"exam with seed {exam.paper.seed}: {exam.state}")
    typer.echo(display.clock(exam))
    for index, task in enumerate(exam.paper.tasks, 1):
        where = text.host_name(task.kind, "box")
        typer.echo(f"  task {index}  {task.points:3} points  on {where:8} {task.title}")


@app.command(
    epilog="Examples: ./ironlab exam shell · ./ironlab exam shell --host machine -- uptime"
)
def shell(
    command: Annotated[
        list[str] | None, typer.Argument(help="A command instead of a shell, after --.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="box, peer or machine; default: the first there is.")
    ] = None,
) -> None:
    """Log in to one of the exam's hosts as student, who may use sudo."""
    import subprocess

    from ironlab.console import tell
    from ironlab.errors import ExitCode
    from ironlab.exams import display, hosts, store
    from ironlab.labs import runner

    exam = store.at_work()
    typer.echo(display.clock(exam), err=True)
    code = subprocess.run(hosts.login(exam, host, command), check=False).returncode
    if code == runner.SSH_FAILED:
        tell("ssh did not get in: mend a machine by `./ironlab exam console`, or grade it as it is")
        code = ExitCode.UNREACHABLE
    raise typer.Exit(code)


@app.command(epilog="Example: ./ironlab exam console")
def console(
    host: Annotated[str | None, typer.Option(help="Which machine; default: `machine`.")] = None,
) -> None:
    """Sit at a machine's serial console: also while it boots, or can't."""
    from ironlab.exams import hosts, store

    hosts.console(store.at_work(), host)()


@app.command(epilog="Examples: ./ironlab exam grade · ./ironlab exam grade --json")
def grade(*, as_json: Json = False) -> None:
    """End the exam: grade it, reboot every host once, grade again."""
    from ironlab.console import ask, tell
    from ironlab.errors import ExitCode
    from ironlab.exams import running, store

    exam = store.current()
    if exam.state != "graded":
        if not ask("This ends the exam. Grade it now?", default=False):
            raise typer.Exit(ExitCode.OK)
        exam = running.grade(exam, tell)
    score = _graded(exam)
    _show_score(exam, score, as_json=as_json)
    raise typer.Exit(ExitCode.OK if score.passed else ExitCode.FAILED)


@app.command(epilog="Examples: ./ironlab exam report · ./ironlab exam report --output ~/exam")
def report(
    output: Annotated[
        Path | None, typer.Option(help="The folder; default: in Ironlab's state folder.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Write the last exam's result as a page and as JSON, by task and by objective."""
    from ironlab.errors import ExitCode, IronlabError
    from ironlab.exams import report as reports
    from ironlab.exams import store

    exam = store.last()
    if exam is None:
        message, remedy = "there was no exam yet", "begin one: ./ironlab exam start"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    score = _graded(exam)
    if exam.state == "running":
        message, remedy = "the kit could not grade the exam", "./ironlab exam grade tries again"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    page, data = reports.write(exam, score, output)
    _show_score(exam, score, as_json=as_json)
    if not as_json:
        typer.echo(f"{page}\n{data}")


@app.command(epilog="Example: ./ironlab exam finish")
def finish() -> None:
    """Remove the exam's hosts; an exam that wasn't graded has no result then."""
    from ironlab.exams import running, store

    gone = running.finish(store.current(half_made=True))
    typer.echo(f"removed: {', '.join(gone)}" if gone else "there was no host left")


def _machine_possible() -> bool:
    """Whether there can be a virtual machine here: without asking to install anything."""
    from ironlab import kvm
    from ironlab.process import run

    return kvm.qemu(run).state == "ok"


def _graded(exam: Exam) -> Score:
    from ironlab.errors import ExitCode, IronlabError

    if exam.score is None:
        message = f"the exam with seed {exam.paper.seed} is not graded"
        remedy = "grade it: ./ironlab exam grade"
        if exam.state == "finished":
            remedy = "it was ended without: ./ironlab exam start begins another"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    return exam.score


def _show_score(exam: Exam, score: Score, *, as_json: bool) -> None:
    from ironlab.exams import report as reports

    if as_json:
        typer.echo(json.dumps(reports.content(exam, score)))
    else:
        reports.show(exam, score)
