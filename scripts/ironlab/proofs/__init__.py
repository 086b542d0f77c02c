"""`./ironlab lab prove`: watch each lab's grader judge answers whose worth is known.

Nobody can trust a grader that was never seen to say no. So each lab's hosts are put into many
states, on purpose, and the grader has to be right about every one of them (see states, judge).
"""

from __future__ import annotations

import fnmatch
import tempfile
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.locks import lock
from ironlab.proofs.board import Board
from ironlab.proofs.collecting import Collector, proof_of
from ironlab.proofs.display import Progress
from ironlab.proofs.lane import Lane
from ironlab.proofs.states import FULL_SEEDS, State, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    from rich.console import Console

    from ironlab.labs.model import Lab
    from ironlab.proofs.results import LabProof
    from ironlab.proofs.workshop import EngineWorkshop

MOST_LANES = 32

__all__ = ["FULL_SEEDS", "Made", "Wish", "prove"]


@dataclass(frozen=True)
class Wish:
    """What to prove, and how.

    Attributes:
        labs: the labs.
        seeds: with these seeds.
        image: on hosts of this image.
        jobs: so many lanes at a time.
        states: only states whose name matches one of these patterns; none means all.
        keep: leave the hosts there.
        write: put whole green proofs into the ledger.
    """

    labs: Sequence[Lab]
    seeds: Sequence[int]
    image: str = "el9"
    jobs: int = 2
    states: Sequence[str] = ()
    keep: bool = False
    write: bool = True


@dataclass(frozen=True)
class Made:
    """What the image is made of, and by which recipe."""

    base: str
    recipe: str


def prove(
    wish: Wish,
    console: Console,
    workshop: Callable[[str], AbstractContextManager[EngineWorkshop]],
    made: Made | None = None,
) -> list[LabProof]:
    """Prove labs.

    Args:
        wish: which, and how.
        console: where progress goes.
        workshop: makes the hosts of a lane, given what their names begin with.
        made: what the image is made of; unknown in tests.

    Returns:
        The proofs, in the order of the labs.

    Raises:
        IronlabError: no state has such a name.
    """
    proofs = {
        lab.name: proof_of(
            lab, wish.seeds, wish.image, made.base if made else "", whole=not wish.states
        )
        for lab in wish.labs
    }
    with tempfile.TemporaryDirectory(prefix="ironlab-proofs-") as folder:
        board = Board(_groups(wish, Path(folder)))
        lanes = max(1, min(wish.jobs, board.left))
        with Progress(console, board.left) as progress:
            recipe = made.recipe if made and wish.write else ""
            collector = Collector(proofs, wish.labs, recipe, progress)
            _run(board, collector, workshop, lanes)
    return list(proofs.values())


def _groups(wish: Wish, folder: Path) -> list[list[State]]:
    groups = [group for lab in wish.labs for group in plan(lab, wish.seeds, folder)]
    if not wish.states:
        return groups
    names = {state.name for group in groups for state in group}
    wanted: set[str] = set()
    for pattern in wish.states:
        matching = {name for name in names if pattern == name or fnmatch.fnmatchcase(name, pattern)}
        if not matching:
            remedy = f"choose from: {'; '.join(sorted(names))}"
            raise IronlabError(f"no state is called `{pattern}`", remedy, ExitCode.USAGE)
        wanted |= matching
    return [[state for state in group if state.name in wanted] for group in groups]


def _run(
    board: Board,
    collector: Collector,
    workshop: Callable[[str], AbstractContextManager[EngineWorkshop]],
    lanes: int,
) -> None:
    """Let the lanes work; on Ctrl-C their hosts go at once, so that nothing waits for them."""
    stop = threading.Event()
    with ExitStack() as stack:
        prefixes = [stack.enter_context(_prefix()) for _ in range(lanes)]
        shops = [stack.enter_context(workshop(prefix)) for prefix in prefixes]
        pool = stack.enter_context(ThreadPoolExecutor(lanes))
        running = [pool.submit(Lane(shop, board, collector, stop).run) for shop in shops]
        try:
            _wait(running)
        except BaseException:
            stop.set()
            for shop in shops:
                shop.remove()
            raise


def _wait(running: list[Future[None]]) -> None:
    """Wait for all lanes; the first that fails ends the wait. A signal is heard meanwhile."""
    pending = set(running)
    while pending:
        done, pending = wait(pending, timeout=0.5, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()


@contextmanager
def _prefix() -> Iterator[str]:
    """What the names of a lane's hosts begin with: no other proof that goes on has the same."""
    with ExitStack() as held:
        for number in range(1, MOST_LANES + 1):
            try:
                held.enter_context(lock(f"prove-{number}", wait=False))
            except IronlabError as error:
                if error.code is not ExitCode.BUSY:
                    raise
            else:
                yield f"prove-{number}"
                return
        message = f"{MOST_LANES} lanes of proofs are going on already"
        raise IronlabError(message, "wait for them", ExitCode.BUSY)
