"""`./ironlab bench converge`: what a converge costs on this machine, and which lever moves it.

Figures of different machines, or of different hours, don't compare: read the ratios.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from rich.console import Console

from ironlab import prerequisites, vault
from ironlab.bench import levers as lever_list
from ironlab.bench.playrun import Play, PlayRun, measure
from ironlab.bench.report import LeverResult, Report, compared, show
from ironlab.cli_host import backend
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity
from ironlab.locks import lock
from ironlab.paths import REPO, state_dir

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.bench.levers import Lever
    from ironlab.hosts import Host

HOST = "bench1"
INVENTORY = REPO / "inventory/single"
RESETS = 5
ROUNDS = 2


def run(levers: bool, image: str, as_json: bool) -> int:  # noqa: FBT001 - as the CLI passes them
    """Measure converges of the whole stack on a host of its own, which is removed afterwards.

    Args:
        levers: compare the levers on Ansible's overhead as well.
        image: the image to measure on.
        as_json: print JSON to standard output, and nothing else there.

    Returns:
        The exit code.
    """
    console = Console(stderr=as_json)
    prerequisites.ensure()
    with lock("bench", wait=False, doing="`./ironlab bench`"):
        hosts = backend()
        vault.ensure(INVENTORY)
        host = hosts.create(HOST, image)
        try:
            with console.status("reset") as status:
                resets = [_timed(lambda: hosts.reset(HOST)) for _ in range(RESETS)]
                bench = _Bench(host, status.update)
                runs = bench.converges()
                compare = bench.compare(lever_list.levers()) if levers else []
        finally:
            hosts.destroy(HOST)
    report = Report(
        image=image, cores=os.cpu_count() or 1, runs=runs, resets=resets, levers=compare
    )
    if as_json:
        Console(soft_wrap=True).print_json(report.model_dump_json())
    else:
        show(console, report)
    return ExitCode.OK


def _timed(action: Callable[[], object]) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


class _Bench:
    """Runs site.yml on one host over and over.

    Args:
        host: the host, fresh.
        say: shows what is being measured.
    """

    def __init__(self, host: Host, say: Callable[[str], None]) -> None:
        self.host = host
        self.say = say
        self.logs = state_dir() / "bench"

    def converges(self) -> dict[str, PlayRun]:
        """The three runs that a user feels."""
        with tempfile.TemporaryDirectory() as folder:
            return {
                name: self._measure(name, lever_list.BASELINE, Path(folder), check=check)
                for name, check in (
                    ("first converge", False),
                    ("second run", False),
                    ("check run", True),
                )
            }

    def compare(self, candidates: list[Lever]) -> list[LeverResult]:
        """Set each lever against the baseline, in turns, so that drift meets all of them."""
        everything = [lever_list.BASELINE, *candidates]
        runs: dict[str, list[PlayRun]] = {lever.name: [] for lever in everything}
        broken: dict[str, str] = {}
        with tempfile.TemporaryDirectory() as folder:
            for number in range(ROUNDS):
                for lever in everything:
                    if lever.name in broken:
                        continue
                    try:
                        label = f"{lever.name}, round {number + 1} of {ROUNDS}"
                        runs[lever.name].append(self._measure(label, lever, Path(folder)))
                    except IronlabError as error:
                        if lever is lever_list.BASELINE:
                            raise
                        broken[lever.name] = str(error)
        baseline = runs[lever_list.BASELINE.name]
        return [
            LeverResult(name=lever.name, note=broken[lever.name])
            if lever.name in broken
            else compared(lever.name, runs[lever.name], baseline)
            for lever in everything
        ]

    def _measure(self, label: str, lever: Lever, folder: Path, *, check: bool = False) -> PlayRun:
        self.say(label)
        play = Play(
            lever_list.playbook(lever, folder),
            [INVENTORY, self._inventory(folder)],
            HOST,
            check,
            lever.env,
        )
        return measure(play, self.logs / f"{label.replace(' ', '-').replace(',', '')}.log")

    def _inventory(self, folder: Path) -> Path:
        """An inventory file that adds the host to the groups of box1."""
        entry = {
            "ansible_host": self.host.address,
            "ansible_port": self.host.port,
            "ansible_user": self.host.user,
            "ansible_ssh_common_args": " ".join(identity.ssh_options()),
            "ironlab_image": self.host.image,
        }
        path = folder / "bench.yml"
        groups = {group: {"hosts": {self.host.name: entry}} for group in ("stack", "lab")}
        path.write_text(yaml.safe_dump(groups), encoding="utf-8")
        return path
