"""The page: a bundle for people, one HTML file with nothing to load and no scripts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ironlab import files
from ironlab.labs.grading.display import word
from ironlab.labs.progress import in_between

if TYPE_CHECKING:
    from ironlab.labs.grading import CheckResult, Probe, Verdict
    from ironlab.labs.report.bundle import Bundle
    from ironlab.labs.report.chain import Entry

LINES = 60  # of a probe; the bundle has all of them
WIDTH = 1000

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def render(bundle: Bundle, bundle_name: str) -> str:
    """The page's text."""
    verdict, session = bundle.verdict, bundle.session
    gradings = [each for each in (verdict.before, verdict.after) if each]
    problems = [
        text
        for grading in gradings
        for access in grading.access.values()
        for text in (*access.notes, *([] if access.ok else [access.message]))
    ]
    rows = [_row(verdict, result) for result in verdict.before.results]
    return _ENVIRONMENT.get_template("page.html.j2").render(
        session=session,
        number=session["lab"].partition("-")[0],
        verdict=verdict,
        solved=bundle.solved,
        look=in_between(verdict),
        score="no verdict" if verdict.void else f"{verdict.score} of 100",
        problems=list(dict.fromkeys(problems)),
        checks=[row for row in rows if row["kind"] == "check"],
        kept=[row for row in rows if row["kind"] != "check"],
        events=[event for entry in bundle.entries if (event := _event(entry))],
        seal=bundle.seal,
        bundle_name=bundle_name,
        moment=moment,
    )


def write(bundle: Bundle, path: Path, bundle_name: str) -> None:
    """Only its owner may read it, as the bundle."""
    files.write(path, render(bundle, bundle_name))


def moment(at: datetime) -> str:
    """In the reader's own time zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def _row(verdict: Verdict, result: CheckResult) -> dict[str, Any]:
    parts = [("before the reboot", result)]
    if verdict.after is not None:
        parts.append(("after the reboot", verdict.after.result(result.id)))
    passed = verdict.passed(result)
    if result.kind == "check":
        points = f"{result.points if passed else 0} of {result.points}"
    else:
        points = "" if passed or verdict.void else f"-{result.points}"
    return {
        "kind": result.kind,
        "title": result.title,
        "objective": result.objective,
        "points": points,
        "word": word(verdict, result),
        "parts": [
            {
                "when": when,
                "message": each.message,
                "expectations": each.expectations,
                "fine": each.outcome == "passed",
                "probes": [_probe(probe) for probe in each.probes],
            }
            for when, each in parts
        ],
    }


def _probe(probe: Probe) -> str:
    said = [*probe.stdout.splitlines(), *probe.stderr.splitlines()]
    lines = [f"{probe.host}# {probe.command}", *said[:LINES]]
    if len(said) > LINES:
        lines.append(f"... {len(said) - LINES} more lines are in the bundle")
    if probe.rc:
        lines.append(f"exit code {probe.rc}")
    return "\n".join(line if len(line) <= WIDTH else f"{line[:WIDTH]}..." for line in lines)


def _event(entry: Entry) -> dict[str, str] | None:
    if entry.kind in {"session", "baseline", "verdict"}:
        return None
    data = dict(entry.data)
    if entry.kind == "graded":
        from ironlab.labs.grading import Verdict  # noqa: PLC0415 - a model, for this kind only

        verdict = Verdict.model_validate(data["verdict"])
        text = "no verdict" if verdict.void else f"{verdict.score} of 100"
    else:
        text = ", ".join(f"{key} {value}" for key, value in data.items())
    return {"when": moment(datetime.fromisoformat(entry.at)), "kind": entry.kind, "text": text}
