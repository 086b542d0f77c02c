"""Grades labs: runs a lab's checks and the kit's invariants against its hosts."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, Self

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.grading import plan
from ironlab.labs.grading.answering import Live, Replayed
from ironlab.labs.grading.connection import Connection
from ironlab.labs.grading.diagnosis import answers
from ironlab.labs.grading.entry import enter
from ironlab.labs.grading.model import Grading
from ironlab.labs.grading.serving import GRADING_SECONDS, SILENT_SECONDS, Serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ironlab.labs.grading.answering import Answers
    from ironlab.labs.grading.model import Access, Target
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant

PRELOADED = ["ironlab.labs.grading.worker"]


class Grader:
    """Keeps a process that has imported pytest and testinfra; each grading is a fork of it."""

    def __init__(
        self,
        is_running: Callable[[Target], bool] = answers,
        *,
        connect: Callable[[Target], Connection] = Connection,
        silent_seconds: float = SILENT_SECONDS,
        grading_seconds: float = GRADING_SECONDS,
    ) -> None:
        """Ask `is_running` about a host that lets nobody in, to tell whose fault that is."""
        self._is_running = is_running
        self._connect = connect
        self._silent_seconds = silent_seconds
        self._grading_seconds = grading_seconds
        self._context = multiprocessing.get_context("forkserver")

    def __enter__(self) -> Self:
        """Start the process, so that it imports while the caller gets its hosts."""
        self._context.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()
        return self

    def __exit__(self, *_: object) -> None:
        """No login outlives its grading, and the kept process ends with this one."""

    def grade(
        self,
        lab: Lab,
        variant: Variant,
        targets: Mapping[str, Target],
        baseline: Mapping[str, Any],
    ) -> Grading:
        """Grade the lab's hosts as they are now."""
        source = Live(targets, self._is_running, self._connect)
        return self._run(lab, variant, baseline, source, plan.items(lab), list(targets))[0]

    def replay(
        self, lab: Lab, variant: Variant, recorded: Grading, baseline: Mapping[str, Any]
    ) -> Grading:
        """Grade once more from what was recorded; no host is needed."""
        source, aliases = Replayed(recorded), list(recorded.access)
        again = self._run(lab, variant, baseline, source, plan.items(lab), aliases)[0]
        return again.model_copy(update={"at": recorded.at})

    def baseline(self, lab: Lab, variant: Variant, targets: Mapping[str, Target]) -> dict[str, Any]:
        """Remember how the hosts are after set-up, for what must not change.

        Raises:
            IronlabError: when they can't be read: nobody has worked on them yet.
        """
        source, items = Live(targets, self._is_running, self._connect), plan.memory_items(lab)
        grading, returned = self._run(lab, variant, {}, source, items, list(targets))
        for access in grading.access.values():
            if not access.ok:
                raise IronlabError(access.message, "start the lab again", ExitCode.UNREACHABLE)
        for result in grading.results:
            if result.outcome != "passed":
                message = f"lab {lab.number}: the state after set-up can't be read"
                raise IronlabError(f"{message}: {result.message}", "this is a defect of the lab")
        own = returned.get("remember") or {}
        return {**own, "kit": returned["remember_kit"]}

    def _run(  # noqa: PLR0913, PLR0917 - all that a grading depends on
        self,
        lab: Lab,
        variant: Variant,
        baseline: Mapping[str, Any],
        source: Answers,
        items: list[plan.Item],
        aliases: list[str],
    ) -> tuple[Grading, dict[str, Any]]:
        job = plan.job(lab, variant, aliases, baseline, items)
        serving = Serving(items, source, self._silent_seconds, self._grading_seconds)
        access: dict[str, Access] = {}
        mine, theirs = self._context.Pipe()
        process = self._context.Process(target=enter, args=(job, theirs), daemon=True)
        at = datetime.now(UTC)
        try:
            process.start()
            theirs.close()
            access = source.open()  # while the process gets to its first question
            if source.answering:
                serving.serve(mine)
        finally:
            theirs.close()
            mine.close()
            if process.pid is not None:  # None: interrupted while it started; it ends with the pipe
                process.kill()
                process.join()
            source.close()
        grading = Grading(
            at=at,
            access=access,
            results=serving.results(access),
            values=job.values,
            sources=plan.sources(lab),
        )
        return grading, serving.returned
