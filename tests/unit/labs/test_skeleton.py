"""`ironlab lab new`: whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import catalogue, skeleton

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_lab_passes_the_format_check(root: Path) -> None:
    lab = skeleton.create(150, "my-lab", 'Say "no": 100 %', machine=True, root=root)
    assert catalogue.find("150", root) == lab
    assert lab.title == 'Say "no": 100 %'
    assert lab.needs.host == "machine"
    assert "NNN" not in "".join(
        path.read_text(encoding="utf-8") for path in lab.folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    ("number", "slug", "title", "says"),
    [
        (901, "other", "Other", "901-sample has the number 901"),
        (100, "low", "Low", "`100-low` is no name"),
        (1000, "high", "High", "`1000-high` is no name"),
        (150, "My_Lab", "x", "`150-My_Lab` is no name"),
        (150, "../up", "x", "`150-../up` is no name"),
        (150, "fine", " ", "no line of text"),
        (150, "fine", "a\nb", "no line of text"),
    ],
)
def test_what_can_t_be_a_lab_is_refused(  # noqa: PLR0913, PLR0917 - one case, one line
    sample: Path, root: Path, number: int, slug: str, title: str, says: str
) -> None:
    with pytest.raises(IronlabError, match=says) as caught:
        skeleton.create(number, slug, title, root=root)
    assert caught.value.code == ExitCode.USAGE
    assert list(root.iterdir()) == [sample]


def test_ctrl_c_leaves_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "load", interrupt)
    with pytest.raises(KeyboardInterrupt):
        skeleton.create(150, "mine", "Mine", root=root)
    assert list(root.iterdir()) == []
