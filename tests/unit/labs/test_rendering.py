"""What a learner reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.labs import catalogue, rendering, variants
from ironlab.labs.templates import TextError, render, unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_task_has_the_values_the_points_and_what_must_stay(sample: Path) -> None:
    lab = catalogue.load(sample)
    variant = variants.draw(lab, 3)
    text = rendering.task(lab, variant)
    assert text.startswith("# 901 A sample\n\n")
    assert f"`{variant.values['note']}`" in text
    assert "- The note says what it should (60 points)" in text
    assert "- The file beside it is as it was (otherwise -10)" in text
    assert "rebooted and graded again" in text
    assert "{{" not in text


def test_a_lab_without_a_reboot_does_not_speak_of_one(
    sample: Path, change: Callable[..., Path]
) -> None:
    change("lab.yml", "host: container", "reboot: false")
    change("wrong/in-memory.sh", "loses: content, mode", "fails: content")
    lab = catalogue.load(sample)
    assert "reboot" not in rendering.task(lab, variants.draw(lab, 3))


def test_hints_have_the_values_too(sample: Path) -> None:
    lab = catalogue.load(sample)
    variant = variants.draw(lab, 3)
    first, second = rendering.hints(lab, variant)
    assert (first.cost, first.title) == (5, "Two steps")
    assert f"echo {variant.values['word']} | sudo tee" in second.text
    assert "## " not in first.text


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(TextError, match="'b' is undefined"):
        render("{{ a }}{{ b }}", {"a": 1})
    assert unknown("{{ a }}\n{% if c %}\n{{ b }}{% endif %}", {"a"}) == [("b", 3), ("c", 2)]


def test_broken_jinja_says_its_line() -> None:
    with pytest.raises(TextError) as caught:
        unknown("one\n{{ two }\n", set())
    assert caught.value.line == 2
