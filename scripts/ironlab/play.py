"""Run a playbook through ansible-runner and follow its events.

What runs is `ansible-playbook -i INVENTORY PLAYBOOK` with the repository's own ansible.cfg: the
same as by hand. Verdicts come from events and from the play's own recap, never from its text; the
text goes to a log, whole.
"""

from __future__ import annotations

import shlex
import signal
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ironlab import inventory as inventories
from ironlab import paths, tasks
from ironlab.errors import ExitCode, IronlabError
from ironlab.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from ironlab.progress import Display
    from ironlab.recorder import Outcome

KEPT_LOGS = 20


@dataclass(frozen=True)
class Play:
    """One run of a playbook."""

    playbook: str
    inventory: Path
    check: bool = False
    tags: str | None = None
    limit: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    extra_files: tuple[Path, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    """More of Ansible's environment variables."""

    @property
    def options(self) -> list[str]:
        """What ansible-playbook is told besides the inventory and the playbook."""
        return [
            *(["--check"] if self.check else []),
            *(["--tags", self.tags] if self.tags else []),
            *(["--limit", self.limit] if self.limit else []),
            *(part for name, value in self.extra.items() for part in ("-e", f"{name}={value}")),
            *(part for path in self.extra_files for part in ("-e", f"@{path}")),
        ]


def perform(play: Play, name: str, display: Display) -> Outcome:
    """Run the play to its end.

    Args:
        play: what to run.
        name: what the log is called after.
        display: told of each task.

    Returns:
        What came of it: also when tasks failed.

    Raises:
        KeyboardInterrupt: Ctrl-C; ansible and its children have ended.
    """
    import ansible_runner  # noqa: PLC0415 - it takes its time to load

    log = new_log(name)
    with (
        log.open("w", encoding="utf-8") as stream,
        tempfile.TemporaryDirectory(prefix="ironlab-") as private,
        _cancelled_by_signal() as cancelled,
    ):
        recorder = Recorder(log, stream, display)
        display.total(tasks.estimate(paths.REPO / play.playbook, play.tags))
        started = time.monotonic()
        with display:
            runner = ansible_runner.run(
                private_data_dir=private,
                project_dir=str(paths.REPO),
                playbook=play.playbook,
                inventory=str(play.inventory),
                cmdline=_cmdline(play),
                envvars={
                    **inventories.environment(),
                    **play.environment,
                    "ANSIBLE_HOST_KEY_CHECKING": "True",  # ansible-runner would switch it off
                    "ANSIBLE_NOCOLOR": "1",
                },
                event_handler=recorder.take,
                cancel_callback=cancelled,
                settings={"pexpect_timeout": 1},  # how long Ctrl-C may go unnoticed
                suppress_env_files=True,
                quiet=True,
            )
        seconds = time.monotonic() - started
    if runner.status == "canceled":
        raise KeyboardInterrupt
    return recorder.outcome(runner.rc, seconds)


def require(outcome: Outcome) -> None:
    """Turn a failed play into an error of one line."""
    if outcome.failure is None:
        return
    code = ExitCode.UNREACHABLE if outcome.unreachable else ExitCode.FAILED
    raise IronlabError(outcome.failure, f"full log: {outcome.log}", code)


def new_log(name: str) -> Path:
    """A new log file's path; the oldest ones go."""
    folder = paths.state_dir() / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in sorted(folder.glob(f"{name}-*.log"))[: 1 - KEPT_LOGS]:
        old.unlink()
    log = folder / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.log"
    log.touch(mode=0o600)
    return log


def _cmdline(play: Play) -> str:
    return shlex.join(play.options)


@contextmanager
def _cancelled_by_signal() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask ansible-runner to end its children, then the old handlers return."""
    event = threading.Event()

    def set_event(_number: int, _frame: FrameType | None) -> None:
        event.set()

    old: dict[int, Any] = {
        number: signal.signal(number, set_event) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield event.is_set
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
