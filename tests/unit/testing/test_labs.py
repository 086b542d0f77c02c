"""The sample of labs that a test run proves again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from ironlab import testing
from ironlab.errors import ExitCode
from ironlab.finding import Finding, State
from ironlab.labs import catalogue, skeleton
from ironlab.testing import labs
from ironlab.testing.model import Group, Job

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.labs.model import Lab


@pytest.fixture
def shelf(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[Lab]:
    """Five labs, two of which need a machine."""
    made = [
        skeleton.create(900 + n, f"lab-{n}", "A lab", machine=n > 3, root=root) for n in range(1, 6)
    ]
    monkeypatch.setattr(catalogue, "all_labs", lambda: made)
    return made


def kvm_is(monkeypatch: pytest.MonkeyPatch, qemu: State, works: State) -> None:
    monkeypatch.delenv(labs.ASKED, raising=False)
    monkeypatch.setattr("ironlab.kvm.qemu", lambda _: Finding("qemu", qemu, ""))
    monkeypatch.setattr("ironlab.kvm.works", lambda _: Finding("kvm", works, ""))


def test_some_of_each_kind_by_chance(shelf: list[Lab], monkeypatch: pytest.MonkeyPatch) -> None:
    kvm_is(monkeypatch, "ok", "ok")
    seen = set()
    for number in range(40):
        chosen = labs.sample(shelf, random.Random(number))  # noqa: S311 - no secret
        assert [lab.needs.host for lab in chosen] == ["container", "container", "machine"]
        assert len({lab.number for lab in chosen}) == 3
        seen |= {lab.number for lab in chosen}
    assert seen == {lab.number for lab in shelf}


def test_a_job_can_be_repeated_by_its_name(
    shelf: list[Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    del shelf
    kvm_is(monkeypatch, "ok", "ok")
    job = labs.lab_jobs()[0]
    seed = job.name.rpartition(" ")[2]
    assert f"--seed={seed}" in job.argv
    assert "--no-write" in job.argv
    assert job.group is Group.LABS
    assert not job.skip


@pytest.mark.parametrize(
    ("qemu", "works", "asked", "why"),
    [
        ("warn", "ok", "1", "needs QEMU 8"),
        ("ok", "warn", "", "needs KVM"),
        ("ok", "warn", "1", ""),
        ("ok", "ok", "", ""),
    ],
)
@pytest.mark.usefixtures("shelf")
def test_where_no_machine_runs_its_lab_is_skipped(
    monkeypatch: pytest.MonkeyPatch, qemu: State, works: State, asked: str, why: str
) -> None:
    kvm_is(monkeypatch, qemu, works)
    if asked:
        monkeypatch.setenv(labs.ASKED, asked)
    *containers, machine = labs.lab_jobs()
    assert not any(job.skip for job in containers)
    assert machine.skip.startswith(why)
    assert bool(machine.skip) == bool(why)


@pytest.mark.parametrize(
    ("code", "end"), [("0", "2 passed, 0 failed"), ("1", "0 passed, 1 failed")]
)
def test_the_part_builds_its_image_and_counts(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: str,
    end: str,
) -> None:
    monkeypatch.setattr("ironlab.prerequisites.ensure", lambda **_: None)
    image = [Job("image el9", Group.IMAGES, ["/bin/sh", "-c", f"exit {code}"])]
    monkeypatch.setattr("ironlab.testing.scenarios.image_jobs", lambda _: image)

    def lab_jobs(unusable: str) -> list[Job]:
        return [Job("lab 101 with seed 4", Group.LABS, ["/bin/true"], skip=unusable)]

    monkeypatch.setattr("ironlab.testing.labs.lab_jobs", lab_jobs)
    ended = testing.run("labs", [], [])
    out = capsys.readouterr().out
    assert ended == (ExitCode.FAILED if code == "1" else ExitCode.OK)
    assert end in out.splitlines()[-1]
    assert ("image el9 could not be built" in out) == (code == "1")
