"""Jinja as a lab's texts use it: an unknown name is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError, meta

if TYPE_CHECKING:
    from collections.abc import Mapping

# Markdown and values for Ansible: nothing here is HTML.
_ENVIRONMENT = Environment(  # noqa: S701
    undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
)


class TextError(ValueError):
    """A text that can't be rendered; `line` counts within the text."""

    def __init__(self, message: str, line: int = 1) -> None:
        """Keep the line apart: the text may begin anywhere in its file."""
        super().__init__(message)
        self.line = line


def render(text: str, values: Mapping[str, object]) -> str:
    """Put the values into a text."""
    try:
        return _ENVIRONMENT.from_string(text).render(values)
    except TemplateSyntaxError as error:
        raise TextError(str(error.message), error.lineno) from None
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise TextError(str(error)) from None


def unknown(text: str, known: set[str]) -> list[tuple[str, int]]:
    """The names that a text uses and `known` lacks, each with the line of its first use."""
    try:
        names = meta.find_undeclared_variables(_ENVIRONMENT.parse(text)) - known
    except TemplateSyntaxError as error:
        raise TextError(str(error.message), error.lineno) from None
    found = []
    for name in sorted(names):
        lines = [number for number, line in enumerate(text.splitlines(), 1) if name in line]
        found.append((name, lines[0] if lines else 1))
    return found
