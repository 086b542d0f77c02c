"""Reads the test report that pytest writes with `--junitxml`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

# The reports come from our own pytest run, moments ago: no hostile input to guard against.
from xml.etree import ElementTree as ET

from ironlab.testing.model import Tally

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> tuple[Tally, Counter[str]]:
    """Count the tests of a report, and the reasons for which tests were skipped.

    Args:
        path: the report; a run that broke off may not have written it.

    Returns:
        The numbers, and how many tests gave each reason.
    """
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))  # noqa: S314
    except (FileNotFoundError, ET.ParseError):
        return Tally(), Counter()
    failed = sum(
        case.find("failure") is not None or case.find("error") is not None for case in cases
    )
    skips = Counter(
        skip.get("message", "no reason given")
        for case in cases
        for skip in case.iter("skipped")
        if case.find("error") is None
    )
    count = sum(skips.values())
    return Tally(len(cases) - failed - count, failed, count), skips
