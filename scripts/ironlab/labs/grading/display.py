"""Shows a verdict on a terminal or in a pipe, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from ironlab.labs.grading.model import CheckResult, Probe
    from ironlab.labs.grading.verdict import Verdict
    from ironlab.labs.model import Lab

    Say = Callable[[str], None]

STYLES = {
    "passed": "green",
    "failed": "red",
    "lost": "red",
    "not checked": "yellow",
    "error": "magenta",
    "unreachable": "red",
}
WORD = max(map(len, STYLES))
OUTPUT_LINES = 6  # of a probe
OUTPUT_WIDTH = 160
INDENT = " " * (WORD + 2)


def word(verdict: Verdict, result: CheckResult) -> str:
    """How a check came out, in one of the words of STYLES."""
    if result.id in verdict.lost:
        return "lost"
    return telling(verdict, result).outcome.replace("_", " ")


def telling(verdict: Verdict, result: CheckResult) -> CheckResult:
    """The result that decided: after the reboot when the first one was fine."""
    fine = result.outcome in {"passed", "not_checked"}
    if verdict.after is None or not result.persists or not fine:
        return result
    return verdict.after.result(result.id)


def show(console: Console, lab: Lab, verdict: Verdict) -> None:
    """Print a verdict: each check with what was expected and found, then the sum."""

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    say(f"[bold]Lab {lab.number} {escape(lab.title)}[/] · seed {verdict.seed}")
    for result in verdict.before.results:
        if result.kind == "check":
            _result(say, verdict, result)
    say("")
    say("Must not change:")
    for result in verdict.before.results:
        if result.kind != "check":
            _result(say, verdict, result)
    say("")
    _reboot(say, verdict)
    for grading in (verdict.before, verdict.after):
        for access in grading.access.values() if grading else ():
            for note in access.notes:
                say(f"[yellow]note[/] {escape(note)}")
            if not access.ok:
                say(f"[red]{escape(access.message)}[/]; {escape(access.remedy)}")
    _sum(say, verdict)


def _result(say: Say, verdict: Verdict, result: CheckResult) -> None:
    label, decided = word(verdict, result), telling(verdict, result)
    if result.kind == "check":
        points = f"{result.points if verdict.passed(result) else 0:>3}/{result.points:<3}"
    else:
        free = verdict.void or verdict.passed(result)  # what is no verdict takes nothing off
        points = f"{'' if free else -result.points:>3}    "
    say(f"[{STYLES[label]}]{label:<{WORD}}[/]  {points}  {escape(result.title)}")
    if label == "unreachable":
        return  # said once, below
    for each in decided.expectations:
        wanted = "" if each.met else f", expected {each.wanted}"
        text = "; ".join(f"{each.what}: found {each.found}{wanted}".splitlines())
        say(f"{INDENT}[dim]{escape(text)}[/]")
    if label in {"not checked", "error"} or (label != "passed" and not _unmet(decided)):
        say(f"{INDENT}[dim]{escape(decided.message)}[/]")
    if label in {"failed", "lost"} and result.kind != "kit" and decided.probes:
        for line in output(decided.probes[-1]):
            say(f"{INDENT}[dim]  {escape(line)}[/]")


def _unmet(result: CheckResult) -> bool:
    return any(not each.met for each in result.expectations)


def output(probe: Probe) -> list[str]:
    """A probe's command and what it said, a few lines of it."""
    command = probe.command.strip().splitlines() or [""]
    lines = [f"{probe.host}# {command[0]}{' ...' if len(command) > 1 else ''}"]
    said = [*probe.stdout.splitlines(), *probe.stderr.splitlines()]
    lines += said[:OUTPUT_LINES]
    if len(said) > OUTPUT_LINES:
        lines.append(f"... {len(said) - OUTPUT_LINES} more lines: ./ironlab report has them")
    if probe.rc:
        lines.append(f"exit code {probe.rc}")
    return [line if len(line) <= OUTPUT_WIDTH else f"{line[:OUTPUT_WIDTH]}..." for line in lines]


def _reboot(say: Say, verdict: Verdict) -> None:
    if verdict.after is None:
        return
    for alias, boot_id in verdict.before.boot_ids.items():
        after = verdict.after.boot_ids.get(alias, "never reached again")
        say(f"{alias} rebooted: boot {boot_id} -> {after}")
    if verdict.lost:
        titles = ", ".join(verdict.before.result(name).title for name in verdict.lost)
        say(f"[red]lost in the reboot:[/] {escape(titles)}")


def _sum(say: Say, verdict: Verdict) -> None:
    if verdict.void:
        say("[magenta]No verdict:[/] the kit failed, not you.")
        for reason in verdict.void_reasons:
            say(f"  {escape(reason)}")
        return
    parts = [f"{verdict.earned} earned"]
    if verdict.deducted:
        parts.append(f"{verdict.deducted} off for what must not change")
    if verdict.hint_cost:
        parts.append(f"{verdict.hint_cost} off for hints")
    if verdict.not_checked:
        parts.append(f"{verdict.not_checked} not checked on this host")
    style = "green" if verdict.full else "yellow"
    say(f"[bold {style}]Score {verdict.score} of 100[/] ({', '.join(parts)})")


def as_json(lab: Lab, verdict: Verdict) -> dict[str, Any]:
    """A verdict for programs, probes and all."""
    after = verdict.after
    checks = [
        result.model_dump(mode="json")
        | {
            "earned": verdict.passed(result),
            "verdict": word(verdict, result),
            "after_reboot": after.result(result.id).model_dump(mode="json") if after else None,
        }
        for result in verdict.before.results
    ]
    return {
        "lab": lab.name,
        "title": lab.title,
        "seed": verdict.seed,
        "kit_version": verdict.kit_version,
        "score": verdict.score,
        "full": verdict.full,
        "void": verdict.void_reasons,
        "lost": verdict.lost,
        "broken": verdict.broken,
        "hint_cost": verdict.hint_cost,
        "boot_ids": {
            "before": verdict.before.boot_ids,
            "after": after.boot_ids if after else None,
        },
        "access": {
            "before": {k: v.model_dump(mode="json") for k, v in verdict.before.access.items()},
            "after": {k: v.model_dump(mode="json") for k, v in after.access.items()}
            if after
            else None,
        },
        "checks": checks,
    }
