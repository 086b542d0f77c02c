"""Work on labs: start, grade, hint, solve, reset and finish, each safe to interrupt and repeat."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from ironlab.console import tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import applying, places, places_remote, rendering, variants
from ironlab.labs import places_backends as backends
from ironlab.labs.grading import Grader, Verdict
from ironlab.labs.runner_work import Work, attach, locked
from ironlab.labs.sessions import New, Store
from ironlab.progress import display
from ironlab.version import version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ironlab.labs.grading import Grading, Target
    from ironlab.labs.model import Hint, Lab
    from ironlab.labs.places import Place
    from ironlab.labs.sessions import Session
    from ironlab.labs.variants import Variant

START = "start"  # the snapshot that a reset goes back to
STUDENT = "student"
SSH_FAILED = 255  # ssh's own exit code: not the command's


@contextlib.contextmanager
def grading(place: Place | None = None) -> Iterator[Grader]:
    """A grader; with a place it can tell a host that does not run from one that lets nobody in."""

    def running(target: Target) -> bool:
        states = place.states() if place else {}
        return any(
            states.get(alias) == "running"
            for alias, known in (place.targets if place else {}).items()
            if known.name == target.name
        )

    warm_up()
    with Grader(running) if place else Grader() as grader:
        yield grader


def warm_up() -> None:
    """Have the process that gradings are forked from import what it needs, while others work."""
    # it inherits this: Ctrl-C is for the one who asked for the grading, who then ends it
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        Grader().__enter__()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


def start(
    lab: Lab, *, seed: int | None = None, image: str = "el9", host: str | None = None
) -> tuple[Session, Place]:
    """Make the hosts, set the lab up, and remember how it was.

    Args:
        lab: the lab.
        seed: which variant; by default a new one.
        image: what its hosts are made from.
        host: NAME@INVENTORY instead of hosts made for it; the caller has asked the user.

    Raises:
        IronlabError: when it can't be started; no host is left then.
    """
    variant = variants.draw(lab, variants.fresh_seed() if seed is None else seed)
    with Store() as store, locked(lab):
        _clear(store, lab)
        if host:
            kind: places.Kind = "remote"
            names = places_remote.check(lab, host)
        else:
            kind = places.choose(lab, None)
            names = places.host_names(lab, "lab")
        new = New(lab.name, lab.number, variant.seed, image, kind, names, version())
        session = store.begin(new)
        try:
            return _set_up(store, session, lab, variant)
        except BaseException:  # Ctrl-C too: nothing half made may stay
            if kind != "remote":
                places.attach(kind, names).destroy()
            store.ended(session, "failed")
            raise


def _clear(store: Store, lab: Lab) -> None:
    """See that nothing is in the way: neither a session nor what a killed run has left."""
    session = store.of(lab.name)
    if session is None:
        return
    if session.state == "open":
        message = f"lab {lab.number} is in progress (seed {session.seed})"
        remedy = f"go on: ./ironlab lab shell {lab.number}; or end it: finish {lab.number}"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    tell(f"the last start of lab {lab.number} did not come to its end: clearing it away")
    if session.kind != "remote":
        places.attach(session.kind, session.hosts).destroy()
    store.ended(session, "failed")


def _set_up(store: Store, session: Session, lab: Lab, variant: Variant) -> tuple[Session, Place]:
    place: Place
    with grading() as grader:  # imports what it needs while the hosts are made
        if session.kind == "remote":
            place = places_remote.attach(session.hosts)
        else:
            tell(f"making {', '.join(session.hosts)} from image {session.image}")
            place = places.open_(lab, image=session.image, names=session.hosts)
        applying.setup(lab, variant, place, display())
        baseline = grader.baseline(lab, variant, place.targets)
    place.snapshot(START)
    return store.opened(session, baseline), place


def grade(work: Work, *, reboot: bool | None = None) -> Verdict:
    """Grade, reboot, grade again; what came of it is written down.

    Args:
        work: the session.
        reboot: whether to reboot; by default where the lab claims persistence, and something
            passed that could be lost.
    """
    lab, session = work.lab, work.session
    place = attach(session)
    with grading(place) as grader:
        baseline = work.store.baseline(session)

        def look() -> Grading:
            return grader.grade(lab, work.variant, place.targets, baseline)

        tell(f"grading lab {lab.number} (seed {session.seed})")
        before, after = look(), None
        if wants_reboot(lab, before, asked=reboot):
            _reboot(work, place)
            tell("grading again")
            after = look()
    verdict = Verdict(
        lab=lab.name,
        seed=session.seed,
        kit_version=session.kit_version,
        before=before,
        after=after,
        hint_cost=work.hint_cost,
    )
    work.store.add(session, "graded", verdict=verdict.model_dump(mode="json"), solved=work.solved)
    return verdict


def wants_reboot(lab: Lab, before: Grading, *, asked: bool | None) -> bool:
    """Whether a reboot would say more."""
    if before.fault != "none":
        return False
    if asked is not None:
        return asked
    claimed = any(lab.persists(check) for check in lab.checks)
    passed = any(each.kind == "check" and each.outcome == "passed" for each in before.results)
    if claimed and not passed:
        tell("no check passed, so there is nothing that a reboot could lose: not rebooting")
    return claimed and passed


def _reboot(work: Work, place: Place) -> None:
    tell(f"rebooting {', '.join(place.targets)}")
    work.store.add(work.session, "rebooted")
    try:
        place.reboot()
    except IronlabError as error:
        if error.code != ExitCode.UNREACHABLE:
            raise
        tell(f"it did not come back as it should: {error.message}")  # the grading says whose fault


def next_hint(work: Work) -> Hint | None:
    """The hint that comes next, if there is one."""
    taken = len(work.store.events(work.session, "hint"))
    hints = rendering.hints(work.lab, work.variant)
    return hints[taken] if taken < len(hints) else None


def take(work: Work, hint: Hint) -> None:
    """Write down that a hint was taken: before it is shown."""
    work.store.add(work.session, "hint", title=hint.title, cost=hint.cost)


def solution(lab: Lab, name: str | None) -> Path:
    """A solution by its name or its number; without one, the first."""
    if name is None:
        return lab.solutions[0]
    for path in lab.solutions:
        if name in {path.name, path.stem, path.name.partition("-")[0]}:
            return path
    remedy = f"it has {', '.join(path.name for path in lab.solutions)}"
    raise IronlabError(f"lab {lab.number} has no solution {name}", remedy, ExitCode.USAGE)


def solve(work: Work, path: Path) -> None:
    """Apply a solution; that comes first into the book, so that a score can't be won by it."""
    place = attach(work.session)
    work.store.add(work.session, "solved", solution=path.name)
    applying.solve(work.lab, work.variant, place, path, display())


def reset(work: Work) -> None:
    """Put the hosts back to the start, whatever was done to them: if need be, make them anew."""
    place = attach(work.session, start=False)
    gone = [alias for alias, state in place.states().items() if state == "missing"]
    try:
        if not gone:
            place.reset(START)
    except IronlabError as error:
        if error.code != ExitCode.UNREACHABLE:
            raise
        tell(error.message)
        gone = list(work.session.hosts)
    if gone:
        tell(f"{', '.join(gone)} can't be put back: making the lab's hosts anew")
        _remake(work, place)
    work.store.add(work.session, "reset")


def _remake(work: Work, place: Place) -> None:
    work.store.remaking(work.session)
    try:
        place.destroy()
        _set_up(work.store, work.session, work.lab, work.variant)
    except BaseException:  # Ctrl-C too: the next reset makes them anew again
        place.destroy()
        work.store.remaking(work.session, done=True)
        raise


def finish(store: Store, session: Session, *, keep: bool) -> list[str]:
    """End a session; the hosts that were removed."""
    removed: list[str] = []
    if not keep and session.kind != "remote":
        removed = places.attach(session.kind, session.hosts).destroy()
    store.ended(session, "finished" if session.state == "open" else "failed")
    return removed


def student(place: Place, alias: str = "box", command: list[str] | None = None) -> list[str]:
    """The ssh command that logs the learner in."""
    if alias not in place.targets:
        remedy = f"it has {', '.join(place.targets)}"
        raise IronlabError(f"the lab has no host {alias}", remedy, ExitCode.USAGE)
    target = replace(place.targets[alias], user=STUDENT)
    return ["ssh", *target.options, *target.where, *(["--", *command] if command else [])]


def console(work: Work, alias: str) -> Callable[[], None]:
    """What connects the terminal with a machine's serial console."""
    session = work.session
    if session.kind != "machine":
        message = f"lab {session.number} runs on a {session.kind}, which has no serial console"
        remedy = f"./ironlab lab shell {session.number}"
        raise IronlabError(message, remedy, ExitCode.USAGE)
    if alias not in session.hosts:
        remedy = f"it has {', '.join(session.hosts)}"
        raise IronlabError(f"the lab has no host {alias}", remedy, ExitCode.USAGE)
    name = session.hosts[alias]
    return lambda: backends.machines().console(name)
