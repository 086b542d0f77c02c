"""Entries of the manifest: what is read, and what is refused with a line that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.images.manifest import for_major, load_packages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"version": {9: "1", 10: "2"}}, {"version": "2"}),
        ({"version": {9: "1"}}, {}),
        ({"debs": ["a", {9: "b", 10: "c"}, {9: "d"}]}, {"debs": ["a", "c"]}),
        ({"files": {"/a": {"mode": {10: "0600"}}}}, {"files": {"/a": {"mode": "0600"}}}),
        ({"names": {0: "root", 9: "nine"}}, {"names": {0: "root", 9: "nine"}}),
        ({"empty": {}}, {"empty": {}}),
    ],
)
def test_a_map_of_majors_is_resolved_at_any_depth(value: object, expected: object) -> None:
    assert for_major(value, 10) == expected


def _load(tmp_path: Path, text: str, major: int = 9) -> list[str]:
    path = tmp_path / "some.yml"
    path.write_text(text)
    return [package.name for package in load_packages([path], major)]


def test_entries_of_another_major_are_left_out(tmp_path: Path) -> None:
    text = "- {name: a, source: x}\n- {name: b, el: [10], source: x}\n"
    assert _load(tmp_path, text) == ["a"]
    assert _load(tmp_path, text, 10) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("- {name: a, source: x, colour: red}", "some.yml: a: colour"),
        ("- {name: a}", "some.yml: a: source: Field required"),
        ("- {name: a, source: ''}", "some.yml: a: source"),
        ("- {name: a, source: x, drop: [etc/x]}", "not an absolute path"),
        ("- {name: a, source: x, files: {/a: {mode: '0644'}}}", "either src or content"),
        ("- {name: a, source: x, files: {/a: {content: '', mode: '0999'}}}", "mode"),
        ("- {name: a, source: x}\n- {name: a, source: x}", "described twice"),
        ("- {name: a, source: [}", "cannot read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, cause: str) -> None:
    with pytest.raises(IronlabError, match=r".+") as caught:
        _load(tmp_path, text)
    assert cause in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.code == ExitCode.USAGE
