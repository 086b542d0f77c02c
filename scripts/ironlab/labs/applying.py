"""Apply playbooks and scripts to a lab's hosts: set-ups, solutions, wrong answers."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ironlab import inventory, paths, play
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity
from ironlab.labs.applying_kept import TIMED_OUT, Ansible
from ironlab.process import run as run_here
from ironlab.recorder import ERROR, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ironlab.labs.model import Lab
    from ironlab.labs.places import Place
    from ironlab.labs.variants import Variant
    from ironlab.process import Run
    from ironlab.progress import Display
    from ironlab.recorder import Outcome

LAB_HOST = paths.REPO / "playbooks" / "lab-host.yml"
SECONDS = 600.0  # an answer that takes longer hangs
ANSIBLE_UNREACHABLE = 4
SSH_FAILED = 255
TASK = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(.+)\] \**$", re.MULTILINE)


class AnswerFailed(IronlabError):  # noqa: N818 - the answer failed, not this program
    """An answer did not run to its end.

    Attributes:
        output: all that it said.
    """

    def __init__(self, message: str, output: str, code: ExitCode = ExitCode.FAILED) -> None:
        """Keep what it said."""
        super().__init__(message, "", code)
        self.output = output


@dataclass(frozen=True)
class Applied:
    """An answer that ran to its end."""

    seconds: float
    output: str


class Applier:
    """Applies answers quickly: one kept process runs its playbooks. Not for two threads at once."""

    def __init__(self, run: Run = run_here) -> None:
        """Start nothing yet."""
        self._ansible = Ansible()
        self._run = run

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the kept process."""
        self.close()

    def close(self) -> None:
        """End the kept process; the next answer starts another."""
        self._ansible.close()

    def setup(self, lab: Lab, variant: Variant, place: Place) -> Applied:
        """Set the lab up, without a display: for proofs.

        Raises:
            AnswerFailed: when the set-up did not take.
        """
        values = _host_values(place, str(lab.number), lab.title) | {"lab": variant.values}
        with _files(place, values) as folder:
            return self._playbook(lab, folder, [LAB_HOST, lab.setup])

    def answer(self, lab: Lab, variant: Variant, place: Place, path: Path) -> Applied:
        """Apply a solution or a wrong answer.

        Args:
            lab: whose answer it is.
            variant: whose values it gets.
            place: where it is applied.
            path: a playbook (.yml), or a script (.sh) that runs as root on box.

        Raises:
            AnswerFailed: when it did not run to its end.
        """
        if path.suffix == ".sh":
            return self._script(lab, variant, place, path)
        with _files(place, {"lab": variant.values}) as folder:
            return self._playbook(lab, folder, [path])

    def _playbook(self, lab: Lab, folder: Path, playbooks: list[Path]) -> Applied:
        started, log = time.monotonic(), folder / "log"
        arguments = [
            *("-i", str(folder / "inventory.yml")),
            *("-e", f"@{folder / 'values.json'}"),
            *map(str, playbooks),
        ]
        code = self._ansible.playbook(arguments, log, SECONDS)
        output = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        name = f"lab {lab.number}: {playbooks[-1].name}"
        if code == TIMED_OUT:
            raise AnswerFailed(f"{name} did not end within {SECONDS:g} s", output)
        if code:
            raise AnswerFailed(f"{name}: {_cause(output, code)}", output, _code(code))
        return Applied(time.monotonic() - started, output)

    def _script(self, lab: Lab, variant: Variant, place: Place, path: Path) -> Applied:
        started = time.monotonic()
        values = [f"LAB_{name.upper()}={value}" for name, value in variant.values.items()]
        command = shlex.join(["sudo", "-n", "env", *values, "bash", "-s"])
        argv = [*place.targets["box"].ssh(), "--", command]
        done = self._run(argv, stdin=path.read_bytes(), timeout=SECONDS)
        output = f"{done.out}{done.err}"
        if not done.ok:
            code = ExitCode.UNREACHABLE if done.code == SSH_FAILED else ExitCode.FAILED
            name, reason = f"lab {lab.number}: {path.name}", one_line(done.reason)
            message = f"{name} ended with exit code {done.code}: {reason}"
            raise AnswerFailed(message, output, code)
        return Applied(time.monotonic() - started, output)


def setup(lab: Lab, variant: Variant, place: Place, display: Display) -> None:
    """Set a lab up, telling `display` of each task; the log stays."""
    setup_all([(lab, variant)], place, display, name=str(lab.number), title=lab.title)


def setup_all(  # noqa: PLR0913 - what the hosts are to say has three parts
    parts: Sequence[tuple[Lab, Variant]],
    place: Place,
    display: Display,
    *,
    name: str,
    title: str,
    show: str | None = None,
) -> None:
    """Set several labs up on the same hosts, in one run of Ansible.

    Args:
        parts: the labs with their values.
        place: their hosts.
        display: told of each task.
        name: the lab's number, or what else the hosts' prompt shows.
        title: what their message of the day says.
        show: the command that shows the task; by default that of lab `name`.

    Raises:
        IronlabError: when a set-up did not take: the kit's fault, never the learner's.
        KeyboardInterrupt: Ctrl-C; Ansible has ended.
    """
    imports = [(LAB_HOST, {}), *((lab.setup, {"lab": drawn.values}) for lab, drawn in parts)]
    values = _host_values(place, name, title, show)
    outcome = _perform(imports, place, values, f"lab-{name}-setup", display)
    if outcome.failure:
        message = f"the set-up of lab {name} did not take: {outcome.failure}"
        remedy = f"this is the kit's fault, not yours; full log: {outcome.log}"
        code = ExitCode.UNREACHABLE if outcome.unreachable else ExitCode.FAILED
        raise IronlabError(message, remedy, code)


def solve(lab: Lab, variant: Variant, place: Place, path: Path, display: Display) -> None:
    """Apply a solution as a learner sees it: with progress and a log.

    Raises:
        IronlabError: when it did not run to its end.
    """
    if path.suffix == ".sh":
        with Applier() as applier:
            applier.answer(lab, variant, place, path)
        return
    values = {"lab": variant.values}
    play.require(_perform([(path, {})], place, values, f"lab-{lab.number}-solve", display))


def _perform(
    imports: Sequence[tuple[Path, dict[str, Any]]],
    place: Place,
    values: dict[str, Any],
    name: str,
    display: Display,
) -> Outcome:
    with _files(place, values) as folder:
        both = folder / "playbook.yml"
        both.write_text(_imports(imports), encoding="utf-8")
        files = (folder / "values.json",)
        # a third of the time; on a host that is not ours Ansible goes its usual way
        faster = {} if place.kind == "remote" else inventory.mitogen()
        what = play.Play(str(both), folder / "inventory.yml", extra_files=files, environment=faster)
        return play.perform(what, name, display)


def _imports(playbooks: Sequence[tuple[Path, dict[str, Any]]]) -> str:
    plays = [
        {
            "name": f"Run {path.parent.name}/{path.name}",
            "ansible.builtin.import_playbook": str(path),
            "vars": values,
        }
        for path, values in playbooks
    ]
    return json.dumps(plays)


def _host_values(place: Place, name: str, title: str, show: str | None = None) -> dict[str, Any]:
    """What playbooks/lab-host.yml asks for."""
    key = identity.key_file().with_name(f"{identity.key_file().name}.pub")
    return {
        "lab_host_name": f"lab-{name}" if name.isdigit() else name,
        "lab_host_title": f"Lab {name}: {title}" if name.isdigit() else title,
        "lab_host_show": show or f"./ironlab lab show {name}",
        "lab_host_key": key.read_text(encoding="ascii").strip(),
        "lab_host_addresses": place.addresses(),
    }


@contextmanager
def _files(place: Place, values: dict[str, Any]) -> Iterator[Path]:
    """The run's inventory and values, for its time and this user only."""
    hosts = {alias: place.variables(alias) for alias in place.targets}
    with tempfile.TemporaryDirectory(prefix="ironlab-lab-") as name:
        folder = Path(name)
        _dump(folder / "inventory.yml", {"all": {"hosts": hosts}})
        _dump(folder / "values.json", values)
        yield folder


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")  # which is YAML too, and quicker


def _cause(output: str, code: int) -> str:
    """Why a playbook failed: its last error, under the name of its task."""
    errors = list(ERROR.finditer(output))
    if not errors:
        return f"ansible-playbook ended with exit code {code}"
    tasks = [found[1] for found in TASK.finditer(output) if found.start() < errors[-1].start()]
    return one_line(": ".join([*tasks[-1:], errors[-1][1]]))


def _code(code: int) -> ExitCode:
    return ExitCode.UNREACHABLE if code == ANSIBLE_UNREACHABLE else ExitCode.FAILED
