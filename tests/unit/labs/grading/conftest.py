"""A grader whose hosts are this machine: the real worker, the real agent, no ssh."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.labs.grading import Grader, Grading, Target
from ironlab.labs.grading.connection import START, Connection
from ironlab.labs.model import Lab
from ironlab.labs.variants import Variant
from ironlab.paths import REPO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HEADER = "from ironlab.labs.grading import expect, not_checked\n"
TARGET = Target("lab-901-box", "127.0.0.1", 1, "admin", "/dev/null", "/dev/null")
BASELINE: dict[str, Any] = {
    "kit": {
        "box": {
            "selinux": [],
            "units": {"enabled": [], "active": [], "failed": []},
            "ports": [],
            "data": [],
        }
    }
}
AGENT = [sys.executable, "-IBS", "-c", START]


def local(target: Target) -> Connection:
    """An agent on this machine."""
    return Connection(target, argv=AGENT)


@pytest.fixture(scope="session", autouse=True)
def _preloading() -> Iterator[None]:
    """Let the process that is kept import the package, which here only pytest.ini's path tells."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPO / "scripts"))
        yield


@pytest.fixture
def targets() -> dict[str, Target]:
    return {"box": TARGET}


@pytest.fixture
def baseline() -> dict[str, Any]:
    return BASELINE


@pytest.fixture
def variant() -> Variant:
    return Variant(7, {"user": "anna", "port": 8081})


@pytest.fixture
def make_lab(tmp_path: Path) -> Callable[..., Lab]:
    """A lab of these check ids whose grade.py is this text."""

    def make(grade: str, *checks: str, **more: Any) -> Lab:  # noqa: ANN401 - fields of a lab.yml
        share, rest = divmod(100, len(checks))
        lab = Lab.model_validate(
            {
                "number": 901,
                "title": "A sample",
                "objectives": ["4.8"],
                "minutes": 5,
                "checks": [
                    {
                        "id": check,
                        "title": f"Check {check}",
                        "points": share + (rest if index == 0 else 0),
                        "objective": "4.8",
                    }
                    for index, check in enumerate(checks)
                ],
            }
            | more
        )
        lab._folder = tmp_path / "901-sample"  # noqa: SLF001 - as the catalogue sets it
        lab.folder.mkdir(exist_ok=True)
        lab.grader.write_text(HEADER + grade, encoding="utf-8")
        return lab

    return make


@pytest.fixture
def grader() -> Iterator[Grader]:
    with Grader(connect=local) as grader:
        yield grader


@pytest.fixture
def grade(
    make_lab: Callable[..., Lab],
    variant: Variant,
    targets: dict[str, Target],
    baseline: dict[str, Any],
) -> Callable[..., Grading]:
    """Grade this grade.py with these checks; patient only as long as a test may be."""

    def run(
        text: str,
        *checks: str,
        connect: Callable[[Target], Connection] = local,
        running: bool = True,
        silent_seconds: float = 2,
        grading_seconds: float = 20,
    ) -> Grading:
        with Grader(
            lambda _: running,
            connect=connect,
            silent_seconds=silent_seconds,
            grading_seconds=grading_seconds,
        ) as grader:
            return grader.grade(make_lab(text, *checks), variant, targets, baseline)

    return run
