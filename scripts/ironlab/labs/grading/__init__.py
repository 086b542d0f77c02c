"""Grading: what a lab's grade.py is written with, and what runs it."""

from __future__ import annotations

from ironlab.labs.grading.author import Baseline, NotChecked, Unmet, Values, expect, not_checked
from ironlab.labs.grading.grader import Grader
from ironlab.labs.grading.model import (
    Access,
    CheckResult,
    Expectation,
    Grading,
    Probe,
    Target,
)
from ironlab.labs.grading.verdict import Verdict

__all__ = [
    "Access",
    "Baseline",
    "CheckResult",
    "Expectation",
    "Grader",
    "Grading",
    "NotChecked",
    "Probe",
    "Target",
    "Unmet",
    "Values",
    "Verdict",
    "expect",
    "not_checked",
]
