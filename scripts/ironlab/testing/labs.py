"""The jobs of `./ironlab test --only labs`: a few labs are proved again, with seeds never tried."""

from __future__ import annotations

import os
import random
import sys
from typing import TYPE_CHECKING

from ironlab import kvm
from ironlab.labs import catalogue, variants
from ironlab.paths import REPO
from ironlab.process import run
from ironlab.testing.lint import tool_env
from ironlab.testing.model import Group, Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.labs.model import Lab

IMAGE = "el9"
CONTAINERS, MACHINES = 2, 1  # how many labs of each kind
SECONDS = {"container": 900, "machine": 3600}
ASKED = "IRONLAB_TEST_MACHINES"


def sample(labs: Sequence[Lab], chance: random.Random) -> list[Lab]:
    """Choose labs, some of each kind."""
    kinds = {"container": CONTAINERS, "machine": MACHINES}
    chosen = []
    for kind, count in kinds.items():
        able = [lab for lab in labs if lab.needs.host == kind]
        chosen += chance.sample(able, min(count, len(able)))
    return chosen


def no_machine() -> str:
    """Why a lab that needs a machine isn't proved here; empty where it is."""
    qemu = kvm.qemu(run)
    if qemu.state != "ok":
        return f"needs QEMU {kvm.OLDEST}"
    if os.environ.get(ASKED) or kvm.works(run).state == "ok":
        return ""
    return f"needs KVM, for it takes long without ({ASKED}=1 runs it all the same)"


def lab_jobs(unusable: str = "", chance: random.Random | None = None) -> list[Job]:
    """One job a lab: all its states with one seed, which the job's name tells.

    Args:
        unusable: why none of them can run, if so.
        chance: what chooses; for tests.
    """
    labs = sample(catalogue.all_labs(), chance or random.SystemRandom())
    return [_job(lab, variants.fresh_seed(), unusable) for lab in labs]


def _job(lab: Lab, seed: int, unusable: str) -> Job:
    machine = lab.needs.host == "machine"
    command = [sys.executable, "-m", "ironlab", "lab", "prove", lab.name, f"--seed={seed}"]
    return Job(
        f"lab {lab.number} with seed {seed}",
        Group.LABS,
        [*command, f"--image={IMAGE}", "--jobs=1", "--no-write", "--no-mitogen"],
        tool_env() | {"PYTHONPATH": str(REPO / "scripts")},
        limit=SECONDS[lab.needs.host],
        skip=unusable or (no_machine() if machine else ""),
    )
