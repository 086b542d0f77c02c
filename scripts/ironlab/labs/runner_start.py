"""Begin a lab, put it back to its start, end it: each safe to interrupt and to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.console import tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import applying, places, places_remote, variants
from ironlab.labs.runner_grade import grading
from ironlab.labs.runner_work import attach, locked
from ironlab.labs.sessions import New, Store
from ironlab.progress import display
from ironlab.version import version

if TYPE_CHECKING:
    from ironlab.labs.model import Lab
    from ironlab.labs.places import Place
    from ironlab.labs.runner_work import Work
    from ironlab.labs.sessions import Session
    from ironlab.labs.variants import Variant

START = "start"  # the snapshot that a reset goes back to


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
            places.refuse_others(kind, names)
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
    _end(store, session)


def _end(store: Store, session: Session) -> None:
    """End a session; what was reached in it counts, unless it never was set up."""
    store.ended(session, "finished" if store.baseline(session) else "failed")


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
    _end(store, session)
    return removed
