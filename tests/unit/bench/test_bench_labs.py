"""What the benchmark of labs makes of its figures."""

from __future__ import annotations

import io
import json

from rich.console import Console

from ironlab.bench.labs_report import HostReport, LabsReport, Span, show


def report() -> LabsReport:
    spans = {"start": Span(seconds=[4.0, 5.0, 9.0]), "grade": Span(seconds=[1.5])}
    return LabsReport(
        image="el9",
        cores=2,
        accelerator="emulation",
        hosts={
            "container": HostReport(lab="101-users", checks=9, spans=spans),
            "machine": HostReport(note="needs QEMU 8"),
        },
        proofs={"101-users": 58},
    )


def test_percentiles() -> None:
    span = Span(seconds=[4.0, 5.0, 9.0])
    assert span.p50 == 5.0
    assert 8.0 < span.p95 <= 9.0
    assert Span(seconds=[1.5]).p95 == 1.5
    found = json.loads(report().model_dump_json())
    assert found["hosts"]["container"]["spans"]["start"]["p50"] == 5.0


def test_the_table_names_aims_and_what_is_missing() -> None:
    console = Console(file=io.StringIO(), width=120, record=True)
    show(console, report())
    text = console.export_text()
    assert "grade (9 checks)" in text
    assert "5 s" in text
    assert "needs QEMU 8" in text
    assert "proof of 101-users: 58 s" in text
