"""How the rules read the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
HIDDEN_BUT_OURS = frozenset({".ci", ".config", ".github"})


class Loader(yaml.SafeLoader):
    """Reads YAML that has Ansible's own tags in it."""


def _text(loader: Loader, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return None


Loader.add_constructor("!unsafe", _text)
Loader.add_constructor("!vault", _text)


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - YAML can be anything
    """The content of a YAML file; None when it is empty or missing."""
    if not path.is_file():
        return None
    # A SafeLoader with two more tags, both of which yield plain data.
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506


def walk(root: Path) -> Iterator[Path]:
    """Every file that belongs to the repository: no caches, no virtual environment."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if (not name.startswith(".") or name in HIDDEN_BUT_OURS)
            and name not in SKIPPED_FOLDERS
            and not Path(folder, name, "pyvenv.cfg").exists()
        )
        yield from (Path(folder, name) for name in sorted(names) if not name.endswith(".pyc"))


def roles(root: Path) -> list[Path]:
    """The folders of the roles."""
    return sorted(path for path in (root / "roles").glob("*") if path.is_dir())
