"""The jobs of `./ironlab test --only roles`: one Molecule scenario a role."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.paths import REPO
from ironlab.testing.lint import tool_env
from ironlab.testing.model import Group, Job

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IMAGES = ("el9", "el10")
_STEP = re.compile(r"(?:➜|>) (\w+)[:\]] Executing\b")  # with colours, and without
_CLEANING_UP = re.compile(r"^.*An error occurred during the .* sequence", re.MULTILINE)
_RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+)", re.MULTILINE)


def names(root: Path = REPO) -> list[str]:
    """The roles that have a scenario."""
    return sorted(path.parent.name for path in root.glob("molecule/*/molecule.yml"))


def chosen(asked: Sequence[str], known: Sequence[str], what: str) -> list[str]:
    """Check names that the user gave.

    Args:
        asked: the names; none means all.
        known: what there is.
        what: what the names name, for the message.

    Returns:
        The names to work with, in the order of `known`.

    Raises:
        IronlabError: a name is not known.
    """
    for name in asked:
        if name not in known:
            message = f"no {what} is called {name!r}"
            raise IronlabError(message, f"choose from: {', '.join(known)}", ExitCode.USAGE)
    return [name for name in known if not asked or name in asked]


def changed_at_last_check(log: str) -> str:
    """Tell what a dry run on the converged hosts would still change.

    Molecule's `check` fails on an error, but not on a change.

    Args:
        log: what `molecule test` said.

    Returns:
        One line that names the hosts, or nothing when the roles' check mode tells the truth.
    """
    _, *steps = _STEP.split(log)
    checks = [said for name, said in zip(steps[::2], steps[1::2], strict=True) if name == "check"]
    if not checks:
        return "molecule ran no check"
    changes = [f"{count} on {host}" for host, count in _RECAP.findall(checks[-1]) if count != "0"]
    return f"check after converge reports changes: {', '.join(changes)}" if changes else ""


def cause(log: str) -> str:
    """Leave out what Molecule does after a failure: it cleans up, and tells the story again."""
    return _CLEANING_UP.split(log, maxsplit=1)[0]


def step_of(log: str) -> str:
    """The step that Molecule is at, from the end of its log."""
    steps = _STEP.findall(log)
    return steps[-1] if steps else ""


def role_jobs(
    roles: Sequence[str],
    images: Sequence[str],
    logs: Path,
    unusable: str = "",
) -> list[Job]:
    """One job a scenario on both images, or one an image when only one is asked for.

    Args:
        roles: which scenarios.
        images: which images.
        logs: where the test reports go.
        unusable: why none of them can run, if so.
    """
    only = ["--platform-name", images[0]] if len(images) == 1 else []
    jobs = []
    for role in roles:
        report = logs / f"{role}.xml"
        env = tool_env() | {
            "MOLECULE_COMMAND_BORDERS": "false",  # whole lines in the log
            "PYTEST_ADDOPTS": f"--junitxml={report}",
        }
        jobs.append(
            Job(
                role,
                Group.ROLES,
                ["molecule", "test", "--scenario-name", role, *only],
                env,
                limit=1200,
                junit=report,
                judge=changed_at_last_check,
                excerpt=cause,
                undo=["molecule", "destroy", "--scenario-name", role],
                skip=unusable,
            ),
        )
    return longest_first(jobs, durations(logs))


def image_jobs(images: Sequence[str]) -> list[Job]:
    """Build what is missing, before many scenarios ask for it at once."""
    return [
        Job(
            f"image {image}",
            Group.IMAGES,
            [sys.executable, "-m", "ironlab", "image", "build", image],
            tool_env() | {"PYTHONPATH": str(REPO / "scripts")},
            limit=1800,
        )
        for image in images
    ]


def longest_first(jobs: Sequence[Job], seconds: dict[str, float]) -> list[Job]:
    """Order jobs so that two workers end at about the same time; unknown ones count as long."""
    return sorted(jobs, key=lambda job: -seconds.get(job.name, float("inf")))


def durations(logs: Path) -> dict[str, float]:
    """How long each scenario took the last time."""
    try:
        loaded: dict[str, float] = json.loads((logs / "durations.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return loaded


def remember(logs: Path, seconds: dict[str, float]) -> None:
    """Keep how long scenarios took, for the order of the next run."""
    text = json.dumps(durations(logs) | seconds, indent=1)
    (logs / "durations.json").write_text(text, encoding="utf-8")
