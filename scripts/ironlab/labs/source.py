"""Read a YAML file so that an error in it can be told with its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from ironlab.errors import ExitCode, IronlabError
from ironlab.paths import REPO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REMEDY = "labs/README.md describes the format"


def shown(path: Path) -> str:
    """A path as its reader would type it."""
    return str(path.relative_to(REPO)) if path.is_relative_to(REPO) else str(path)


def wrong(path: Path, line: int | None, message: str, remedy: str = REMEDY) -> IronlabError:
    """The error for something in a lab's folder that isn't as it has to be."""
    where = f"{shown(path)}:{line}" if line else shown(path)
    return IronlabError(f"{where}: {message}", remedy, ExitCode.USAGE)


def read_text(path: Path) -> str:
    """The text of a file that a lab must have."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise wrong(path, None, "the file is missing", "write it, or remove the folder") from None
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(path, None, f"can't be read as text: {error}") from None


@dataclass(frozen=True)
class Source:
    """The content of a YAML file, and where each part of it stands."""

    path: Path
    content: Any
    root: yaml.Node

    def line(self, location: Sequence[str | int]) -> int:
        """The line of the deepest part of `location` that the file has."""
        node, line = self.root, self.root.start_mark.line
        for step in location:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(step)]
                if not found:  # pydantic names the kind of a parameter too
                    continue
                line, node = found[0][0].start_mark.line, found[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                line = node.start_mark.line
        return int(line) + 1


def read_yaml(path: Path) -> Source:
    """Read a YAML mapping; a key that is there twice is an error too."""
    text = read_text(path)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise wrong(path, line, f"is no YAML: {error.problem}") from None
    if root is None or not isinstance(content, dict):
        raise wrong(path, 1, "has to be a mapping of keys to values")
    _refuse_twins(path, root)
    return Source(path, content, root)


def _refuse_twins(path: Path, node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise wrong(path, key.start_mark.line + 1, f"has the key {key.value} twice")
            seen.add(key.value)
            _refuse_twins(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_twins(path, item)
