"""What a proof holds for: the hashes of the lab, of the engine, and of the image's recipe."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from typing import TYPE_CHECKING

from ironlab.images.recipe import load_recipe
from ironlab.paths import REPO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# All that decides a verdict, and nothing that only shows one. A new file that does belongs here.
ENGINE = (
    "labs/names.yml",
    "playbooks/lab-host.yml",
    "scripts/ironlab/labs/applying.py",
    "scripts/ironlab/labs/grading",
    "scripts/ironlab/labs/model.py",
    "scripts/ironlab/labs/parameters.py",
    "scripts/ironlab/labs/templates.py",
    "scripts/ironlab/labs/variants.py",
    "scripts/ironlab/labs/pools.py",
    "scripts/ironlab/proofs/fingerprint.py",
    "scripts/ironlab/proofs/fingerprint.sh",
    "scripts/ironlab/proofs/judge.py",
    "scripts/ironlab/proofs/lane.py",
    "scripts/ironlab/proofs/mutate.py",
    "scripts/ironlab/proofs/states.py",
    "scripts/ironlab/proofs/twins.py",
    "scripts/ironlab/proofs/workshop.py",
)
# Only shown to people: nothing that a proof does depends on these.
SHOWN = frozenset({"task.md", "hints.md", "display.py"})


def engine(root: Path = REPO) -> str:
    """Hash the engine; a comment more or less leaves it the same."""
    return _digest(root, [path for name in ENGINE for path in _files(root / name)])


def lab(folder: Path) -> str:
    """Hash a lab, except for the texts that only its learners read."""
    return _digest(folder, list(_files(folder)))


def recipe(image: str) -> str:
    """Hash what the repository says the image is made of.

    On Rocky's own image this doesn't cover what Rocky shipped that day.
    """
    return load_recipe(image).digest


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    found = sorted(each for each in path.rglob("*") if each.is_file())
    if not found:
        message = f"{path} is named as a part of the engine, and isn't there"
        raise FileNotFoundError(message)
    yield from (
        each for each in found if "__pycache__" not in each.parts and each.name not in SHOWN
    )


def _digest(root: Path, paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        if path.suffix == ".py":
            content = code(content.decode()).encode()
        total.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def code(text: str) -> str:
    """A Python source without comments, docstrings and blank lines.

    Cut out of the text rather than written anew from its tree: that differs between Pythons.
    """
    lines = text.splitlines(keepends=True)
    cuts = [
        (token.start, token.end)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    cuts += list(_docstrings(ast.parse(text), lines))
    for (first, left), (last, right) in sorted(cuts, reverse=True):
        rest = lines[first - 1][:left] + lines[last - 1][right:]
        lines[first - 1 : last] = [rest] + ["\n"] * (last - first)
    return "".join(f"{line.rstrip()}\n" for line in lines if line.strip())


def _docstrings(
    tree: ast.Module, lines: list[str]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for found in node.body:
            if (
                isinstance(found, ast.Expr)
                and isinstance(found.value, ast.Constant)
                and isinstance(found.value.value, str)
                and found.end_lineno is not None
                and found.end_col_offset is not None
            ):
                first, last = found.lineno, found.end_lineno
                yield (
                    (first, _characters(lines[first - 1], found.col_offset)),
                    (last, _characters(lines[last - 1], found.end_col_offset)),
                )


def _characters(line: str, offset: int) -> int:
    """A column as tokenize counts it: ast counts bytes."""
    return len(line.encode()[:offset].decode())
