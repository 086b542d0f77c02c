"""`./ironlab bench labs`: what a learner waits for, and what a proof takes.

Measured on hosts of its own with the calls that the commands make; the command line itself adds
about as much as `./ironlab --version` takes.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from rich.console import Console

from ironlab import kvm, prerequisites
from ironlab.bench.labs_report import HostReport, LabsReport, Span, show
from ironlab.bench.memory import tree_pss
from ironlab.errors import ExitCode
from ironlab.hosts.machine import spec as machine
from ironlab.labs import applying, catalogue, places, variants
from ironlab.labs.grading import Grader
from ironlab.locks import lock
from ironlab.process import run as run_here
from ironlab.progress import display
from ironlab.proofs import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ironlab.labs.model import Lab
    from ironlab.labs.places import Kind, MadePlace

ROUNDS: dict[Kind, int] = {"container": 7, "machine": 3}
START = "start"


def run(image: str, as_json: bool, containers_only: bool) -> int:  # noqa: FBT001 - as the CLI does
    """Measure starting, grading, resetting and rebooting a lab on each kind of host.

    Args:
        image: the image of the hosts.
        as_json: print JSON to standard output, and nothing else there.
        containers_only: leave the machine out.

    Returns:
        The exit code.
    """
    prerequisites.ensure(assume_yes="CI" in os.environ)
    console = Console(stderr=as_json)
    labs = catalogue.all_labs()
    hosts: dict[str, HostReport] = {}
    with lock("bench", wait=False, doing="`./ironlab bench`"):
        hosts["container"] = measured(labs, "container", image)
        if containers_only:
            hosts["machine"] = HostReport(note="left out")
        else:
            prerequisites.ensure_machines(assume_yes="CI" in os.environ)
            hosts["machine"] = measured(labs, "machine", image)
    proofs = {
        name: entries[image].seconds for name, entries in ledger.read().items() if image in entries
    }
    report = LabsReport(
        image=image,
        cores=os.cpu_count() or 1,
        accelerator="KVM" if kvm.works(run_here).state == "ok" else "emulation",
        hosts=hosts,
        proofs=proofs,
    )
    if as_json:
        Console(soft_wrap=True).print_json(report.model_dump_json())
    else:
        show(console, report)
    return ExitCode.OK


def measured(labs: Sequence[Lab], kind: Kind, image: str) -> HostReport:
    """Measure on one kind of host, with the lab of that kind that has the most checks."""
    able = [lab for lab in labs if lab.needs.host == kind and len(lab.needs.hosts) == 1]
    if not able:
        return HostReport(note=f"no lab runs on a {kind}")
    lab = max(able, key=lambda each: len(each.checks))
    bench = _Bench(lab, kind, image)
    try:
        spans = bench.spans(ROUNDS[kind])
        memory = bench.memory()
    finally:
        places.attach(kind, bench.names).destroy()
    return HostReport(lab=lab.name, checks=len(lab.checks), spans=spans, memory=memory)


class _Bench:
    """One lab on hosts that are there for the benchmark only."""

    def __init__(self, lab: Lab, kind: Kind, image: str) -> None:
        self.lab = lab
        self.kind = kind
        self.image = image
        self.names = places.host_names(lab, "bench")
        self.variant = variants.draw(lab, 1)
        self.baseline: dict[str, Any] = {}

    def spans(self, rounds: int) -> dict[str, Span]:
        """Start over and over; then grade, reset and reboot what was started last."""
        self._start()  # the first one builds what is missing
        starts = []
        for _ in range(rounds):
            places.attach(self.kind, self.names).destroy()
            starts.append(timed(self._start))
        place = places.attach(self.kind, self.names)
        with Grader() as grader, applying.Applier() as applier:
            script = next(path for path in self.lab.solutions if path.suffix == ".sh")
            applier.answer(self.lab, self.variant, place, script)

            def grade() -> object:
                return grader.grade(self.lab, self.variant, place.targets, self.baseline)

            grade()
            return {
                "start": Span(seconds=starts),
                "grade": Span(seconds=[timed(grade) for _ in range(rounds)]),
                "reset": Span(seconds=[timed(lambda: place.reset(START)) for _ in range(rounds)]),
                "reboot": Span(seconds=[timed(place.reboot) for _ in range(rounds)]),
            }

    def _start(self) -> None:
        with Grader() as grader:
            place: MadePlace = places.open_(self.lab, image=self.image, names=self.names)
            applying.setup(self.lab, self.variant, place, display())
            self.baseline = grader.baseline(self.lab, self.variant, place.targets)
        place.snapshot(START)

    def memory(self) -> int:
        """Bytes that the machine takes on this one."""
        if self.kind != "machine":
            return 0
        pid = machine.process(machine.folder(self.names["box"]))
        return tree_pss(pid) if pid else 0


def timed(action: Callable[[], object]) -> float:
    """Seconds that it took."""
    start = time.monotonic()
    action()
    return time.monotonic() - start
