"""Run many playbooks quickly: one kept process that has Ansible imported and forks for each run.

A run of three tasks takes 1.1 s so, and 1.9 s as a program of its own.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ironlab import inventory, paths
from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

START_SECONDS = 60.0
END_SECONDS = 15.0
TIMED_OUT = 124

CONFIGURATION = Path(__file__).with_name("applying.cfg")


class Ansible:
    """ansible-playbook, kept warm. Not for two threads at once: give each its own."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[str] | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._busy = threading.Lock()

    def __enter__(self) -> Self:
        """Start nothing yet: the first run does."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def playbook(self, argv: Sequence[str], log: Path, timeout: float) -> int:
        """Run `ansible-playbook` and return its exit code; 124 when it took too long.

        Args:
            argv: its arguments.
            log: the file that its output is added to.
            timeout: seconds.
        """
        with self._busy:
            try:
                process = self._running()
                return self._ask(process, {"argv": list(argv), "log": str(log)}, timeout)
            except BaseException:  # Ctrl-C too: nothing may go on in the background
                self.close()
                raise

    def close(self) -> None:
        """End the process, and a playbook that it may be running."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin and process.stdout:
                process.stdin.close()
                process.stdout.close()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._temporary:
            self._temporary.cleanup()
            self._temporary = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process and self._process.poll() is None:
            return self._process
        self.close()
        self._temporary = tempfile.TemporaryDirectory(prefix="ironlab-ansible-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ironlab.labs.applying_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=paths.REPO,
            env={
                **os.environ,
                **inventory.environment(),
                "ANSIBLE_CONFIG": str(CONFIGURATION),
                "ANSIBLE_LOCAL_TEMP": self._temporary.name,
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            start_new_session=True,  # Ctrl-C reaches this process only, which then ends that one
        )
        self._answer(self._process, START_SECONDS)
        return self._process

    def _ask(self, process: subprocess.Popen[str], request: object, timeout: float) -> int:
        if process.stdin is None:
            raise AssertionError
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return self._answer(process, timeout)

    def _answer(self, process: subprocess.Popen[str], timeout: float) -> int:
        """Wait for one line: the process answers each request with one, and says no more."""
        if process.stdout is None:
            raise AssertionError
        deadline = time.monotonic() + timeout
        if not select.select([process.stdout], [], [], deadline - time.monotonic())[0]:
            self.close()
            return TIMED_OUT
        line = process.stdout.readline()
        if not line:
            message = "the process that runs playbooks has ended by itself"
            raise IronlabError(message, "what it said is above; try again")
        code: int = json.loads(line)["code"]
        return code
