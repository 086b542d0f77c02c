"""The page and the bundle, and what becomes of a bundle that somebody touched."""

from __future__ import annotations

import html.parser
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.errors import IronlabError
from ironlab.labs.grading import Access, Verdict
from ironlab.labs.report import bundle as bundles
from ironlab.labs.report import chain, page
from ironlab.labs.report.regrade import regrade
from ironlab.labs.sessions import Event, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.labs.grading import Grading
    from ironlab.labs.model import Lab

    Grade = Callable[..., Grading]
    MakeLab = Callable[..., Lab]

TEXT = """
def test_a(host):
    expect("state", host.run("echo '<b>is</b>'").stdout, "<b>is</b>\\n")
def test_b(host):
    expect("more", host.run("seq 200; exit 3").rc, 0)
"""
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
SESSION = Session(
    1, "901-sample", 901, 7, "el9", "container", {"box": "n"}, "open", "0.1", NOW, None
)


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    return make_lab(TEXT, "a", "b")


@pytest.fixture
def verdict(grade: Grade) -> Verdict:
    before = grade(TEXT, "a", "b")
    other = {"box": Access(ok=True, boot_id="the-next")}
    after = grade(TEXT, "a", "b").model_copy(update={"access": other})
    return Verdict(lab="901-sample", seed=7, kit_version="0.1", before=before, after=after)


@pytest.fixture
def bundle(lab: Lab, verdict: Verdict, baseline: dict[str, Any]) -> bundles.Bundle:
    events = [
        Event(NOW, "started", {"seed": 7}),
        Event(NOW, "hint", {"title": "Look <here>", "cost": 5}),
        Event(NOW, "graded", {"verdict": verdict.model_dump(mode="json")}),
    ]
    return bundles.build(lab, SESSION, baseline, events)


@pytest.fixture
def path(bundle: bundles.Bundle, tmp_path: Path) -> Path:
    file = tmp_path / "bundle.json"
    bundles.write(bundle, file)
    return file


def change(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_bundle_is_for_its_owner_and_reads_as_written(
    bundle: bundles.Bundle, path: Path, verdict: Verdict
) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert bundles.read(path) == bundle
    assert bundles.read(path).verdict == verdict
    kinds = ["session", "baseline", "started", "hint", "graded", "verdict"]
    assert [entry.kind for entry in bundle.entries] == kinds


def test_the_same_verdict_comes_out_offline(path: Path, lab: Lab, verdict: Verdict) -> None:
    found = regrade(path, lambda _: lab)
    assert found.same
    assert (found.changed, found.differences) == ([], [])
    assert found.again == verdict


def test_a_grader_that_changed_is_named_and_its_differences_too(path: Path, lab: Lab) -> None:
    text = lab.grader.read_text(encoding="utf-8")
    lab.grader.write_text(text.replace("rc, 0)", "rc, 3)"), encoding="utf-8")
    found = regrade(path, lambda _: lab)
    assert found.changed == ["grade.py"]
    assert not found.same
    assert [(each.id, each.recorded, each.again) for each in found.differences] == [
        ("b", "failed", "passed"),
        ("b", "failed", "passed"),
    ]
    assert found.again.score > found.recorded.score


@pytest.mark.parametrize("number", range(1, 7))
def test_a_changed_entry_is_named(number: int, path: Path) -> None:
    change(path, lambda content: content["entries"][number - 1]["data"].update(seed=8))
    with pytest.raises(IronlabError, match=rf"entry {number} \(\w+, .*\) was changed"):
        bundles.read(path)


def test_a_changed_probe_is_found(path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        results = content["entries"][4]["data"]["verdict"]["before"]["results"]
        results[1]["probes"][0]["rc"] = 0

    change(path, edit)
    with pytest.raises(IronlabError, match=r"entry 5 \(graded, .*\) was changed"):
        bundles.read(path)


@pytest.mark.parametrize("number", range(1, 6))
def test_a_removed_entry_is_found(number: int, path: Path) -> None:
    change(path, lambda content: content["entries"].pop(number - 1))
    with pytest.raises(IronlabError, match=rf"entry {number + 1} .* does not follow"):
        bundles.read(path)


def test_a_removed_end_is_found(path: Path) -> None:
    change(path, lambda content: content["entries"].pop())
    with pytest.raises(IronlabError, match=r"what came after entry 5 .* was removed"):
        bundles.read(path)


def sealed_again(path: Path, cut: slice) -> None:
    """Cut entries off, and seal what is left with its own last hash: nothing is computed."""

    def edit(content: dict[str, Any]) -> None:
        content["entries"] = content["entries"][cut]
        content["seal"] = content["entries"][-1]["sha256"]

    change(path, edit)


@pytest.mark.parametrize("last", [1, 2, 3, 4, 5])
def test_a_removed_end_is_found_under_a_seal_that_was_moved(last: int, path: Path) -> None:
    sealed_again(path, slice(last))
    with pytest.raises(IronlabError, match="entries are missing at its start or end"):
        bundles.read(path)


def test_the_end_says_what_the_last_grading_said(
    lab: Lab, baseline: dict[str, Any], verdict: Verdict
) -> None:
    events = [Event(NOW, "graded", {"verdict": verdict.model_dump(mode="json")})]
    bundle = bundles.build(lab, SESSION, baseline, events)
    better = verdict.model_copy(update={"hint_cost": 30}).model_dump(mode="json")
    entries = bundle.entries[:-1]
    chain.extend(entries, "graded", NOW.isoformat(), {"verdict": better})
    chain.extend(entries, "verdict", NOW.isoformat(), bundle.entries[-1].data)
    assert bundle.whole
    assert not bundle.model_copy(update={"entries": entries}).whole


def test_a_key_that_is_there_twice_makes_no_bundle(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"score":', '"score": 100, "score":'), encoding="utf-8")
    with pytest.raises(IronlabError, match="a key is there twice"):
        bundles.read(path)


def regraded(bundle: bundles.Bundle, data: dict[str, Any], path: Path) -> None:
    """Put another grading in the place of the bundle's own, and read it."""
    entries = bundle.entries[:4]
    chain.extend(entries, "graded", NOW.isoformat(), data)
    chain.extend(entries, "verdict", NOW.isoformat(), bundle.entries[5].data)
    bundles.write(bundle.model_copy(update={"entries": entries, "seal": entries[-1].sha256}), path)
    bundles.read(path)


def test_a_verdict_of_another_version_is_told(bundle: bundles.Bundle, tmp_path: Path) -> None:
    data = {"verdict": bundle.entries[4].data["verdict"] | {"mood": "good"}}
    with pytest.raises(IronlabError, match="its verdict is none that this kit can read"):
        regraded(bundle, data, tmp_path / "new.json")


@pytest.mark.parametrize("broken", ["no verdict", "no check after the reboot"])
def test_a_verdict_that_lacks_a_part_is_told(
    broken: str, bundle: bundles.Bundle, tmp_path: Path
) -> None:
    data = json.loads(json.dumps(bundle.entries[4].data))
    if broken == "no verdict":
        data["score"] = data.pop("verdict")["seed"]
    else:
        data["verdict"]["after"]["results"].pop(0)
    with pytest.raises(IronlabError, match="its verdict is none that this kit can read"):
        regraded(bundle, data, tmp_path / "new.json")


def test_a_session_of_before_whose_hosts_were_made_anew_reads(
    lab: Lab, verdict: Verdict, baseline: dict[str, Any]
) -> None:
    graded = Event(NOW, "graded", {"verdict": verdict.model_dump(mode="json")})
    anew = Event(NOW, "started", {"seed": 7, "baseline": baseline})
    events = [Event(NOW, "started", {"seed": 7}), graded, anew]
    assert bundles.build(lab, SESSION, baseline, events).whole


def test_each_grading_goes_with_the_hosts_that_it_saw(
    lab: Lab, verdict: Verdict, baseline: dict[str, Any]
) -> None:
    graded = Event(NOW, "graded", {"verdict": verdict.model_dump(mode="json")})
    first = Event(NOW, "started", {"seed": 7, "baseline": baseline | {"uuid": "old"}})
    anew = Event(NOW, "started", {"seed": 7, "baseline": baseline | {"uuid": "new"}})
    events = [first, graded, anew]
    assert bundles.build(lab, SESSION, baseline, events).baseline["uuid"] == "old"
    events.append(graded)
    assert bundles.build(lab, SESSION, baseline, events).baseline["uuid"] == "new"


def test_swapped_entries_are_found(path: Path) -> None:
    change(path, lambda content: content["entries"].insert(2, content["entries"].pop(3)))
    with pytest.raises(IronlabError, match=r"entry 4 \(hint, .*\) does not follow"):
        bundles.read(path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "ironlab-report-1"}', "\x00", '{"format": 1, "x": 2}']
)
def test_what_is_no_bundle(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IronlabError, match="is no bundle"):
        bundles.read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IronlabError, match="No such file"):
        bundles.read(tmp_path / "none.json")


def test_a_format_of_the_future(path: Path) -> None:
    change(path, lambda content: content.update(format="ironlab-report-2"))
    with pytest.raises(IronlabError, match="has the format ironlab-report-2"):
        bundles.read(path)


class Page(html.parser.HTMLParser):
    """Elements and attributes of a page, and whether each element that opens also closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(bundle: bundles.Bundle) -> None:
    text = page.render(bundle, "bundle.json")
    found = Page(text)
    assert not found.open
    assert not found.tags & {"script", "link", "img", "iframe", "object", "b", "here"}
    assert not found.attributes & {"src", "href", "style", "onclick", "onload"}
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_says_what_the_verdict_says(bundle: bundles.Bundle, verdict: Verdict) -> None:
    text = page.render(bundle, "bundle.json")
    assert f"{verdict.score} of 100" in text
    assert "&lt;b&gt;is&lt;/b&gt;" in text
    assert "Look &lt;here&gt;" in text
    assert "the-next" in text
    assert verdict.before.boot_ids["box"] in text
    assert "box# seq 200; exit 3" in text
    assert "140 more lines are in the bundle" in text
    assert "exit code 3" in text
    assert "user = <code>anna</code>" in text
    assert "./ironlab lab regrade bundle.json" in text
    assert bundle.seal in text


def test_a_score_that_the_kit_reached_is_called_so(
    bundle: bundles.Bundle, lab: Lab, baseline: dict[str, Any]
) -> None:
    assert not bundle.solved
    assert "does not count" not in page.render(bundle, "bundle.json")
    events = [
        Event(NOW, "solved", {"solution": "01.yml"}),
        Event(NOW, "graded", {"verdict": bundle.verdict.model_dump(mode="json")}),
    ]
    solved = bundles.build(lab, SESSION, baseline, events)
    assert "does not count" in page.render(solved, "bundle.json")


def test_a_session_without_a_grading_has_no_report(lab: Lab, baseline: dict[str, Any]) -> None:
    with pytest.raises(IronlabError, match="was not graded yet"):
        bundles.build(lab, SESSION, baseline, [Event(NOW, "started", {})])
