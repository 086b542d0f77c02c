"""Runs a lab's grade.py by pytest, in a process of its own that is forked for it.

The process holds no connection: it asks the grader to run each command and tells it each result,
so it may hang, leave or be killed at any moment, and a replay needs nothing but other answers.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ironlab.labs.grading import invariants
from ironlab.labs.grading.backend import UnreachableError, UnrecordedError
from ironlab.labs.grading.model import Probe
from ironlab.labs.grading.plugin import Plugin, where

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from ironlab.labs.grading.plan import Job

OPTIONS = (
    "--import-mode=importlib",
    "--noconftest",
    "--disable-plugin-autoload",
    *("-o", "enable_assertion_pass_hook=true"),
    *("-c", os.devnull),
    *(
        part
        for name in ("cacheprovider", "terminal", "junitxml", "pastebin", "doctest", "unittest")
        for part in ("-p", f"no:{name}")
    ),
    *("-p", "no:faulthandler", "-p", "no:logging", "-p", "no:capture", "-p", "no:warnings"),
)


def work(job: Job, pipe: Connection) -> None:
    """The life of the process."""
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what grade.py prints is for nobody
        os.dup2(silent, descriptor)
    sys.pycache_prefix = os.devnull  # no bytecode that pytest made under other options
    sys.dont_write_bytecode = True

    def ask(alias: str, command: str, limit: float) -> Probe:
        pipe.send(("ask", alias, command, limit))
        kind, content = pipe.recv()
        if kind == "probe":
            return Probe.model_construct(**content)
        raise (UnreachableError if kind == "unreachable" else UnrecordedError)(content)

    plugin = Plugin(job, ask, pipe.send)
    files = [str(job.grader), str(Path(invariants.__file__))]
    wanted = "python_functions=" + " ".join(dict.fromkeys(job.functions))
    try:
        pytest.main(
            [*files, f"--rootdir={job.grader.parent}", *OPTIONS, "-o", wanted], plugins=[plugin]
        )
    except (EOFError, BrokenPipeError):
        return  # the grader has gone
    except BaseException as error:  # noqa: BLE001 - also sys.exit() and what comes with it
        pipe.send(("broken", where(error, job.grader)))
    pipe.send(("done",))
