"""`ironlab lab new`: a small lab that works, to be changed into the one that is wanted."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import catalogue, source
from ironlab.locks import lock

if TYPE_CHECKING:
    from ironlab.labs.model import Lab

TEMPLATE = catalogue.LABS / "template"
_LOWEST, _HIGHEST = 101, 999


def create(
    number: int, slug: str, title: str, *, machine: bool = False, root: Path = catalogue.LABS
) -> Lab:
    """Write the lab's folder: whole, or not at all.

    Args:
        number: the lab's number; no other lab may have it.
        slug: the rest of the folder's name.
        title: the lab's title.
        machine: whether the lab needs a virtual machine.
        root: where labs are.
    """
    name = f"{number}-{slug}"
    if not _LOWEST <= number <= _HIGHEST or not catalogue.FOLDER.fullmatch(name):
        remedy = "a number from 101 to 999, and a slug of lower-case words joined by dashes"
        raise IronlabError(f"`{name}` is no name for a lab", remedy, ExitCode.USAGE)
    if not title.strip() or "\n" in title:
        raise IronlabError("the title is no line of text", "give one line", ExitCode.USAGE)
    with lock("labs", wait=True):
        for folder in catalogue.folders(root):
            if folder.name.startswith(f"{number}-"):
                message = f"{source.shown(folder)} has the number {number}"
                raise IronlabError(message, "take one that is free", ExitCode.USAGE)
        with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as aside:
            folder = Path(aside, name)
            shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
            for path in [each for each in folder.rglob("*") if each.is_file()]:
                _fill(path, number, title, "machine" if machine else "container")
            catalogue.load(folder)
            folder.rename(root / name)
    return catalogue.load(root / name)


def _fill(path: Path, number: int, title: str, host: str) -> None:
    text = path.read_text(encoding="utf-8").replace("NNN", str(number))
    if path.name == "lab.yml":
        text = text.replace("title: TITLE", f"title: {json.dumps(title, ensure_ascii=False)}")
        text = text.replace("host: HOST", f"host: {host}")
    path.write_text(text, encoding="utf-8")
