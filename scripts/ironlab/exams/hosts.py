"""The hosts of an exam: a container, a machine, or both; each with all of its labs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.exams import sharing
from ironlab.exams.paper import variant
from ironlab.exams.text import host_name
from ironlab.labs import applying, catalogue, places, places_backends, runner
from ironlab.labs.model import Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ironlab.exams.paper import HostKind, Paper, Task
    from ironlab.exams.store import Exam
    from ironlab.labs.grading.model import Target as Plain
    from ironlab.labs.model import Lab
    from ironlab.labs.places import MadePlace
    from ironlab.labs.targets import Target
    from ironlab.progress import Display


def labs(paper: Paper, kind: HostKind) -> list[tuple[Task, Lab]]:
    """The tasks on hosts of that kind; each lab lets pass what any of them may change."""
    parts = [
        (task, sharing.Part(lab, variant(lab, task), task.disks))
        for task in paper.tasks
        if task.kind == kind
        for lab in [catalogue.find(task.lab)]
    ]
    may_change = sharing.allowed(part for _, part in parts)
    return [(task, part.lab.model_copy(update={"may_change": may_change})) for task, part in parts]


def names(paper: Paper) -> dict[HostKind, dict[str, str]]:
    """What each host is called on this machine: exam-container-box, exam-machine-peer, ...

    Machines whose names differ in the last part only share a network.
    """
    kinds: list[HostKind] = ["container", "machine"]
    return {
        kind: {alias: f"exam-{kind}-{alias}" for alias in _needs(paper, kind).hosts}
        for kind in kinds
        if labs(paper, kind)
    }


def _needs(paper: Paper, kind: HostKind) -> Needs:
    """What all labs of that kind need together."""
    found = [lab.needs for _, lab in labs(paper, kind)]
    return Needs(
        host=kind,
        hosts=["box", "peer"] if any("peer" in needs.hosts for needs in found) else ["box"],
        disks=_disks(paper, kind),
    )


def _disks(paper: Paper, kind: HostKind) -> list[int]:
    """Sizes in the order of the disks' names, which is the order in which labs were drawn."""
    sizes = {
        name: size
        for task, lab in labs(paper, kind)
        for name, size in zip(task.disks, lab.needs.disks, strict=True)
    }
    return [sizes[name] for name in sorted(sizes)]


def refuse_others(planned: dict[HostKind, dict[str, str]]) -> None:
    """See that no host of these names is there, with who knows what on it."""
    for kind, mine in planned.items():
        places.refuse_others(kind, mine)


def make(exam: Exam, kind: HostKind) -> MadePlace:
    """Make the hosts of that kind."""
    _, first = labs(exam.paper, kind)[0]
    wanted = first.model_copy(update={"needs": _needs(exam.paper, kind)})
    return places.open_(wanted, image=exam.image, kind=kind, names=exam.hosts[kind])


def set_up(exam: Exam, kind: HostKind, place: MadePlace, display: Display) -> None:
    """Set all labs of that kind up, in one run."""
    parts = [(lab, variant(lab, task)) for task, lab in labs(exam.paper, kind)]
    title = f"Exam, seed {exam.paper.seed}"
    show = "./ironlab exam show"
    applying.setup_all(parts, place, display, name="exam", title=title, show=show)


def find(exam: Exam, kind: HostKind) -> MadePlace:
    """The hosts that were made; one that was shut down is started."""
    place = places.attach(kind, exam.hosts[kind])
    states = place.states()
    for alias, state in states.items():
        if state == "missing":
            message = f"host {place.names[alias]} of the exam is gone"
            remedy = "it can't be graded any more: ./ironlab exam finish"
            raise IronlabError(message, remedy, ExitCode.UNREACHABLE)
    return place if set(states.values()) == {"running"} else make(exam, kind)


def is_running(found: Iterable[MadePlace], target: Plain) -> bool:
    """Whether the host runs, as its backend sees it."""
    return any(
        place.names[alias] == target.name and state == "running"
        for place in found
        for alias, state in place.states().items()
    )


def login(exam: Exam, host: str | None, command: list[str] | None = None) -> list[str]:
    """The ssh command by which the learner gets into a host.

    Args:
        exam: whose host it is.
        host: as the paper calls it; by default the first.
        command: instead of a shell.
    """
    kind, alias = _named(exam, host)
    return runner.student(find(exam, kind), alias, command)


def console(exam: Exam, host: str | None) -> Callable[[], None]:
    """What connects the terminal with a machine's serial console."""
    kind, alias = _named(exam, host or "machine")
    if kind != "machine":
        message = f"{host} is a container, which has no serial console"
        raise IronlabError(message, f"./ironlab exam shell --host {host}", ExitCode.USAGE)
    name = exam.hosts[kind][alias]
    return lambda: places_backends.machines().console(name)


def _named(exam: Exam, host: str | None) -> tuple[HostKind, str]:
    """The host of that name, as the paper calls it; by default the first."""
    known = {
        host_name(kind, alias): (kind, alias) for kind, mine in exam.hosts.items() for alias in mine
    }
    name = next(iter(known)) if host is None else host
    if name not in known:
        message = f"the exam has no host {name}"
        raise IronlabError(message, f"it has {', '.join(known)}", ExitCode.USAGE)
    return known[name]


def targets(lab: Lab, place: MadePlace) -> dict[str, Target]:
    """Those hosts of the place that the lab is about."""
    return {alias: place.targets[alias] for alias in lab.needs.hosts}


def destroy(hosts: dict[HostKind, dict[str, str]]) -> list[str]:
    """Remove the hosts; say which there were."""
    return [name for kind, mine in hosts.items() for name in places.attach(kind, mine).destroy()]
