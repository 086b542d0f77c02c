"""Find the lab that is meant, its session and its hosts."""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ironlab.console import tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import catalogue, places, places_remote, variants
from ironlab.labs.sessions import Store
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ironlab.labs.model import Lab
    from ironlab.labs.places import Place
    from ironlab.labs.sessions import Session
    from ironlab.labs.variants import Variant


@dataclass(frozen=True)
class Work:
    """A session that is open, with its lab and values."""

    store: Store
    session: Session
    lab: Lab
    variant: Variant

    @property
    def hint_cost(self) -> int:
        """What the hints that were taken cost."""
        return sum(event.data["cost"] for event in self.store.events(self.session, "hint"))

    @property
    def solved(self) -> bool:
        """Whether the kit has solved it, so that its score says nothing of the learner."""
        return bool(self.store.events(self.session, "solved"))


def locked(lab: Lab) -> contextlib.AbstractContextManager[None]:
    """One command at a time on a lab."""
    return lock(f"lab-{lab.number}", wait=False, doing=f"command on lab {lab.number}")


def chosen(store: Store, name: str | None) -> Lab:
    """The lab that is meant: without a name, the only one that is in progress."""
    if name is not None:
        return catalogue.find(name)
    under_way = store.under_way()
    if not under_way:
        remedy = "start one: ./ironlab lab start LAB; `./ironlab lab list` shows them"
        raise IronlabError("no lab is in progress", remedy, ExitCode.USAGE)
    if len(under_way) > 1:
        numbers = ", ".join(str(session.number) for session in under_way)
        remedy = "say which one is meant"
        raise IronlabError(f"labs {numbers} are in progress", remedy, ExitCode.USAGE)
    return catalogue.find(under_way[0].lab)


@contextmanager
def working(name: str | None, *, exclusive: bool = True) -> Iterator[Work]:
    """The session of a lab in progress.

    Args:
        name: the lab's number or name; None when there is only one in progress.
        exclusive: keep other commands from the lab meanwhile.

    Raises:
        IronlabError: when the lab is not in progress, or its start was interrupted.
    """
    with Store() as store:
        lab = chosen(store, name)
        with locked(lab) if exclusive else contextlib.nullcontext():
            session = store.of(lab.name)
            if session is None:
                message = f"lab {lab.number} is not in progress"
                remedy = f"./ironlab lab start {lab.number}"
                raise IronlabError(message, remedy, ExitCode.USAGE)
            if session.state == "starting":
                message = f"the start of lab {lab.number} was interrupted or still goes on"
                remedy = f"./ironlab lab start {lab.number} begins again, `finish` clears it away"
                raise IronlabError(message, remedy, ExitCode.USAGE)
            yield Work(store, session, lab, variants.draw(lab, session.seed))


def attach(session: Session, *, start: bool = True) -> Place:
    """The hosts of a session.

    Args:
        session: the session.
        start: start those that the learner has switched off.
    """
    if session.kind == "remote":
        return places_remote.attach(session.hosts)
    place = places.attach(session.kind, session.hosts)
    if start:
        for alias, name in session.hosts.items():
            if alias not in place.targets:
                _switch_on(session, place, alias, name)
    return place


def _switch_on(session: Session, place: places.MadePlace, alias: str, name: str) -> None:
    if place.states()[alias] == "missing":
        message = f"host {name} of lab {session.number} is gone: removed by hand or a broken reset"
        remedy = f"./ironlab lab reset {session.number} makes it anew"
        raise IronlabError(message, remedy, ExitCode.UNREACHABLE)
    tell(f"{alias} is switched off: switching it on")
    place.switch_on(alias)
