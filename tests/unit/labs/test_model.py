"""The model and its schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ironlab.labs import catalogue
from ironlab.labs.model import SCHEMA, Lab, schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_schema_in_the_repository_is_the_model_s() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "python -m ironlab.labs.model writes it"


def _content(folder: Path) -> Any:  # noqa: ANN401 - YAML can be anything
    return yaml.safe_load((folder / "lab.yml").read_text(encoding="utf-8"))


def test_the_schema_accepts_a_right_lab_and_refuses_an_unknown_key(sample: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    content = _content(sample)
    validator.validate(content)
    for wrong in (content | {"unknown": 1}, content | {"minutes": "ten"}):
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(wrong)


def test_a_lab_can_t_be_changed(sample: Path) -> None:
    lab = catalogue.load(sample)
    with pytest.raises(ValueError, match="frozen"):
        setattr(lab, "title", "Another")  # noqa: B010 - mypy knows as well


def test_checks_persist_as_the_lab_says(sample: Path, change: Callable[..., Path]) -> None:
    change("lab.yml", "points: 40, ", "points: 40, persists: false, ")
    change("wrong/in-memory.sh", "loses: content, mode", "loses: content")
    lab = catalogue.load(sample)
    assert [lab.persists(check) for check in lab.checks] == [True, False]


@pytest.mark.parametrize(("number", "series"), [(101, "rhcsa"), (203, "infrastructure")])
def test_the_number_says_the_series(number: int, series: str, sample: Path) -> None:
    lab = Lab.model_validate(_content(sample) | {"number": number})
    assert lab.series == series
