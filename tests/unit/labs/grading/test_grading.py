"""A lab's own checks: outcomes, what is recorded, what the host sees."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import IronlabError
from ironlab.labs.grading.connection import AGENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.grading import Grader, Grading, Target
    from ironlab.labs.model import Lab
    from ironlab.labs.variants import Variant

    MakeLab = Callable[..., Lab]
    Grade = Callable[..., Grading]


def test_what_was_expected_and_found_is_recorded(grade: Grade) -> None:
    grading = grade(
        "def test_a(host, lab):\n"
        "    out = host.run('echo found; echo said >&2; exit 3')\n"
        "    expect('exit code', found=out.rc, wanted=3)\n"
        "    expect('user', found=lab.user, wanted='berta')\n",
        "a",
    )
    result = grading.result("a")
    assert result.outcome == "failed"
    assert [(e.what, e.found, e.wanted, e.met) for e in result.expectations] == [
        ("exit code", "3", "3", True),
        ("user", "anna", "berta", False),
    ]
    assert result.message == "user: found anna, wanted berta"
    (probe,) = result.probes
    assert (probe.rc, probe.stdout, probe.stderr) == (3, "found\n", "said\n")
    assert grading.boot_ids["box"]


def test_outcomes(grade: Grade) -> None:
    grading = grade(
        "def test_met(host):\n    expect('x', found=1, wanted=1)\n"
        "def test_unmet(host):\n    expect.that(False, 'x', found=1, wanted='more')\n"
        "def test_plain(host):\n    assert host.run('false').rc == 0\n"
        "def test_holds(host):\n    assert host.run('true').rc == 0\n"
        "def test_cannot(host):\n    not_checked('needs SELinux')\n"
        "def test_vain(host):\n    host.run('true')\n"
        "def test_wrong(host):\n    {}['key']\n",
        *("met", "unmet", "plain", "holds", "cannot", "vain", "wrong"),
    )
    found = {result.id: result.outcome for result in grading.results if result.kind == "check"}
    assert found == {
        "met": "passed",
        "unmet": "failed",
        "plain": "failed",
        "holds": "passed",
        "cannot": "not_checked",
        "vain": "error",
        "wrong": "error",
    }
    assert grading.result("wrong").message == "grade.py line 15: KeyError: 'key'"
    assert "expects nothing" in grading.result("vain").message


def test_results_come_in_the_order_of_lab_yml_with_its_points(grade: Grade) -> None:
    functions = "".join(f"def test_{name}():\n    assert {name!r}\n" for name in "cab")
    results = grade(functions, "a", "b", "c").results
    assert [(r.id, r.points) for r in results if r.kind == "check"] == [
        ("a", 34),
        ("b", 33),
        ("c", 33),
    ]


def test_modules_never_mix(grade: Grade) -> None:
    text = "seen = []\ndef test_a():\n    seen.append(1)\n    expect('calls', len(seen), {})\n"
    assert grade(text.format(1), "a").result("a").outcome == "passed"
    assert grade(text.format(1), "a").result("a").outcome == "passed"
    assert grade(text.format(2), "a").result("a").outcome == "failed"


def test_testinfra_modules_work(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("grüße\n", encoding="utf-8")
    grading = grade(
        "def test_a(host):\n"
        f"    expect('text', host.file('{tmp_path}/seen').content_string, 'grüße\\n')\n"
        "    expect('root', host.user('root').uid, 0)\n",
        "a",
    )
    assert grading.result("a").outcome == "passed", grading.result("a").message


def test_output_that_is_no_text_is_kept_readable(grade: Grade) -> None:
    text = (
        "def test_a(host):\n"
        "    expect('x', host.run(r\"printf '\\377\\n'\").stdout, '\\\\xff\\n')\n"
    )
    assert grade(text, "a").result("a").outcome == "passed"


def test_baseline_reaches_the_keeps(
    grader: Grader, make_lab: MakeLab, variant: Variant, targets: dict[str, Target], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text("old", encoding="utf-8")
    lab = make_lab(
        "def remember(host, lab):\n"
        f"    return {{'text': host.check_output('cat {kept}'), 'user': lab.user}}\n"
        "def test_a():\n    assert True\n"
        "def keep_text(host, baseline):\n"
        f"    expect('text', host.check_output('cat {kept}'), baseline['text'])\n",
        "a",
        keeps=[{"id": "text", "title": "The text stays", "costs": 20}],
    )
    baseline = grader.baseline(lab, variant, targets)
    assert baseline["text"] == "old"
    assert baseline["user"] == "anna"
    assert baseline["kit"]["box"]["ports"] is not None

    assert grader.grade(lab, variant, targets, baseline).result("text").outcome == "passed"
    kept.write_text("new", encoding="utf-8")
    result = grader.grade(lab, variant, targets, baseline).result("text")
    assert (result.outcome, result.kind, result.points) == ("failed", "keep", 20)


def test_a_baseline_that_fails_is_the_labs_defect(
    grader: Grader, make_lab: MakeLab, variant: Variant, targets: dict[str, Target]
) -> None:
    lab = make_lab("def remember(host):\n    return {}['x']\ndef test_a():\n    assert True\n", "a")
    with pytest.raises(IronlabError, match=r"grade\.py line 3: KeyError"):
        grader.baseline(lab, variant, targets)


def test_nothing_a_command_starts_outlives_it(grade: Grade, tmp_path: Path) -> None:
    late = tmp_path / "late"
    text = (
        "def test_a(host):\n"
        f"    out = host.run('(sleep 1; touch {late}) >/dev/null 2>&1 & echo started')\n"
        "    expect('said', out.stdout, 'started\\n')\n"
        "    host.run('sleep 1.5')\n"
    )
    assert grade(text, "a").result("a").outcome == "passed"
    assert not late.exists()


def test_what_runs_on_in_the_background_is_not_waited_for(grade: Grade) -> None:
    text = "def test_a(host):\n    expect('said', host.run('sleep 60 & echo 1').stdout, '1\\n')\n"
    result = grade(text, "a").result("a")
    assert result.outcome == "passed"
    assert result.probes[0].seconds < 10


def test_a_command_gets_no_input(grade: Grade) -> None:
    text = "def test_a(host):\n    expect('read', host.run('cat').stdout, '')\n"
    assert grade(text, "a").result("a").outcome == "passed"


def test_a_command_may_have_a_limit_of_its_own(grade: Grade) -> None:
    text = "def test_a(host):\n    expect('rc', host.run('sleep 5', limit=0.3).rc, 124)\n"
    assert grade(text, "a").result("a").outcome == "passed"


def test_the_agent_is_for_the_python_of_el_9() -> None:
    ast.parse(AGENT.read_text(encoding="utf-8"), feature_version=(3, 9))
    with pytest.raises(SyntaxError):
        ast.parse("match 1:\n    case 1:\n        pass\n", feature_version=(3, 9))
