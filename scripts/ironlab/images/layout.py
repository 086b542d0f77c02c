"""Where Debian's files go: the paths of EL, and what of a package is left out."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ironlab.images.manifest import Package
    from ironlab.images.recipe import Recipe

MULTIARCH = "/usr/lib/x86_64-linux-gnu"
_MERGED = re.compile(r"^/(bin|sbin|lib)(?=/.)")
_COPYRIGHT = re.compile(r"^/usr/share/doc/([^/]+)/copyright$")


def merged(path: str) -> str:
    """Put a path where /bin, /sbin and /lib are links into /usr."""
    path = _MERGED.sub(r"/usr/\1", path)
    return re.sub(r"^/lib64(?=/.)", "/usr/lib64", path)


def at_home(path: str) -> str:
    """Put a path where EL has libraries: /usr/lib64, to which Debian's directory is a link."""
    return re.sub(rf"^{MULTIARCH}(?=/.)", "/usr/lib64", merged(path))


def matcher(patterns: Iterable[str]) -> re.Pattern[str]:
    """Compile globs in which `*` stays within a directory and `**` does not."""
    parts = []
    for pattern in patterns:
        pieces = merged(pattern).split("**")
        parts.append(".*".join(translate(piece)[4:-3].replace(".*", "[^/]*") for piece in pieces))
    return re.compile("|".join(f"(?:{part})" for part in parts) or r"(?!)")


def relocated(target: str, old: str, new: str) -> str:
    """Say where a link points to after it moved from one path to another."""
    absolute = merged(os.path.normpath(Path(old).parent / target))
    home = at_home(absolute)
    if old == new and home == absolute:
        return target
    return home if target.startswith("/") else os.path.relpath(home, Path(new).parent)


def walk(tree: Path) -> Iterator[Path]:
    """List everything below a tree, parents first; links are not followed."""
    for folder, folders, files in os.walk(tree):
        folders.sort()
        for name in sorted(folders + files):
            yield Path(folder, name)


class Selection:
    """Which of its Debian packages' files an entry has, and where."""

    def __init__(self, recipe: Recipe, package: Package) -> None:
        """Compile the entry's patterns."""
        self._licences = f"/usr/share/licenses/{package.name}"
        self._take = matcher(package.take if package.take is not None else ["/**"])
        self._literal = {merged(path) for path in package.take or ()}
        self._drop = matcher([*package.drop, *recipe.claims(package), "/DEBIAN", "/DEBIAN/**"])
        self._standard = matcher(recipe.release.drop)
        moves = ((merged(old), new) for old, new in package.move.items())
        self._moves = sorted(moves, key=lambda move: -len(move[0]))

    def place(self, path: str) -> str | None:
        """Say where a Debian path goes; None leaves it out."""
        if licence := _COPYRIGHT.match(path):
            return f"{self._licences}/{licence[1]}"
        if self._drop.fullmatch(path) or not self._take.fullmatch(path):
            return None
        if self._standard.fullmatch(path) and path not in self._literal:
            return None
        return at_home(self._moved(path))

    def _moved(self, path: str) -> str:
        for old, new in self._moves:
            stem = old.rstrip("/")
            if path == stem or (old.endswith("/") and path.startswith(old)):
                return new.rstrip("/") + path[len(stem) :]
        return path
