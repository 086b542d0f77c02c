"""Runs jobs, a few at a time, and stops them all when asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol

from ironlab.paths import REPO
from ironlab.testing import junit
from ironlab.testing.model import Job, Result, Status, Tally, skipped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GRACE = 10  # seconds that a program has to end by itself once it was asked to


class Display(Protocol):
    """Shows a run while it goes on."""

    def started(self, job: Job, log: Path) -> None:
        """A job began; called from a worker's thread."""

    def finished(self, result: Result) -> None:
        """A job ended or was passed over."""

    def tick(self) -> None:
        """Time has passed."""


class Runner:
    """Runs jobs as child processes, each in a process group of its own.

    Args:
        logs: the folder that gets one log a job.
        display: shows what goes on.
    """

    def __init__(self, logs: Path, display: Display) -> None:
        """Make the folder; nothing runs yet."""
        self.logs = logs
        self.display = display
        self._running: dict[str, tuple[Job, subprocess.Popen[bytes]]] = {}
        self._lock = threading.Lock()
        self._stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def run(self, jobs: Sequence[Job], workers: int) -> list[Result]:
        """Run the jobs in their order, so many at a time.

        Args:
            jobs: what to run.
            workers: how many at a time.

        Returns:
            The results, in the order in which the jobs ended.
        """
        results = []
        with ThreadPoolExecutor(workers) as pool:
            order = [pool.submit(self._one, job) for job in jobs]
            pending: set[Future[Result]] = set(order)
            try:
                while pending:
                    done, pending = wait(pending, timeout=0.25, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=order.index):  # ended between two looks
                        results.append(future.result())
                        self.display.finished(results[-1])
                    self.display.tick()
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                self.stop()
                raise
        return results

    def stop(self) -> None:
        """End what runs, then let each interrupted job's `undo` clean up behind it."""
        with self._lock:
            self._stopping = True
            cut = list(self._running.values())
        for _, child in cut:
            _signal(child, signal.SIGTERM)
        for _, child in cut:
            _end(child)
        undoing = [
            subprocess.Popen(
                job.undo,
                cwd=REPO,
                env={**os.environ, **job.env},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a second Ctrl-C must not cut the cleaning-up short
            )
            for job, _ in cut
            if job.undo
        ]
        for child in undoing:
            child.wait()

    def _one(self, job: Job) -> Result:
        if job.skip:
            return skipped(job, job.skip)
        log = self.logs / f"{job.name.replace(' ', '-')}.log"
        if job.junit:
            job.junit.unlink(missing_ok=True)
        start = time.monotonic()
        with log.open("wb") as out:
            with self._lock:
                if self._stopping:
                    return skipped(job, "interrupted")
                child = subprocess.Popen(
                    job.argv,
                    cwd=REPO,
                    env={**os.environ, **job.env},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches us alone; stop() ends the whole group
                )
                self._running[job.name] = (job, child)
            self.display.started(job, log)
            try:
                code = child.wait(timeout=job.limit)
                reason = f"exit code {code}" if code else ""
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGTERM)
                _end(child)
                reason = f"still running after {job.limit:.0f} s"
        with self._lock:
            if not self._stopping:
                del self._running[job.name]
        return _judged(job, reason, time.monotonic() - start, log)


def _judged(job: Job, reason: str, seconds: float, log: Path) -> Result:
    tally, skips = junit.read(job.junit) if job.junit else (Tally(), Counter[str]())
    if not reason and job.judge:
        reason = job.judge(log.read_text(encoding="utf-8", errors="replace"))
    status = Status.FAILED if reason else Status.PASSED
    if job.counts_itself or (status is Status.FAILED and not tally.failed):
        tally += Tally.one(status)
    return Result(job, status, seconds, tally, reason, skips, log)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return  # it has ended by itself, and so has all that it started


def _end(child: subprocess.Popen[bytes]) -> None:
    """Wait for all of a job's processes, and kill those that don't heed the first signal."""
    deadline = time.monotonic() + GRACE
    while _group_lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(child, signal.SIGKILL)
    child.wait()


def _group_lives(child: subprocess.Popen[bytes]) -> bool:
    child.poll()  # a dead child that nobody waited for would count
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    return True
