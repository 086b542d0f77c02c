"""Lay out one package's files as EL has them."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.images.layout import Selection, at_home, matcher, merged, relocated, walk
from ironlab.images.manifest import Attr, Package

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ironlab.images.recipe import Recipe

_LOCKS: dict[str, Lock] = {}


@dataclass(frozen=True)
class Entry:
    """A path of the package with what rpm has to know about it."""

    path: str
    kind: str  # file, link, dir
    attr: Attr
    config: str = "none"
    varies: bool = False


def unpack(deb: Path, into: Path) -> Path:
    """Unpack a Debian package once; the tree is shared by all who take from it."""
    with _LOCKS.setdefault(str(into), Lock()):
        if into.exists():
            return into
        into.parent.mkdir(parents=True, exist_ok=True)
        partial = into.with_name(f"{into.name}.part")
        shutil.rmtree(partial, ignore_errors=True)
        command = ["dpkg-deb", "--raw-extract", str(deb), str(partial)]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            deb.unlink(missing_ok=True)
            raise IronlabError(
                f"{deb.name} cannot be unpacked ({outcome.stderr.strip()})",
                "build again: it is downloaded anew",
            )
        partial.rename(into)
    return into


class Stage:
    """The tree that rpmbuild packs, and the list of what is in it."""

    def __init__(self, recipe: Recipe, package: Package, root: Path) -> None:
        """Start with an empty tree."""
        self.recipe = recipe
        self.package = package
        self.root = root
        self.entries: dict[str, Entry] = {}
        self._config: set[str] = set()
        self._foreign = {"/"}
        for ground in recipe.ground:
            if ground.name != package.name:
                self._foreign |= {at_home(path) for path in (*ground.dirs, *ground.links)}

    def fill(self, trees: Mapping[str, Path]) -> list[Entry]:
        """Take from the unpacked Debian packages, then lay EL's own files over it."""
        self.root.mkdir(parents=True)
        selection = Selection(self.recipe, self.package)
        for tree in trees.values():
            self._take(tree, selection)
        self._edit()
        self._lay_own()
        self._mark()
        self._check_pam()
        return [self.entries[path] for path in sorted(self.entries)]

    def _take(self, tree: Path, selection: Selection) -> None:
        config = self._conffiles(tree)
        for source in walk(tree):
            old = merged("/" + str(source.relative_to(tree)))
            path = selection.place(old)
            if path is None:
                continue
            if old in config:
                self._config.add(path)
            if source.is_symlink():
                self._take_link(source, old, path)
            elif source.is_dir():
                self._take_directory(source, path)
            else:
                self._take_file(source, path)

    def _conffiles(self, tree: Path) -> set[str]:
        """Read which files Debian lets the administrator edit, unless the entry says it all."""
        listed = tree / "DEBIAN" / "conffiles"
        if self.package.config is not None or not listed.exists():
            return set()
        return {merged(line) for line in listed.read_text().splitlines() if line.startswith("/")}

    def _take_directory(self, source: Path, path: str) -> None:
        if path not in self._foreign and path not in self.entries:
            self._at(path).mkdir(parents=True, exist_ok=True)
            self.entries[path] = Entry(path, "dir", self._debian_attr(source))

    def _take_link(self, source: Path, old: str, path: str) -> None:
        """Take a link, unless there is a file in its place or it would point to itself."""
        target = relocated(str(source.readlink()), old, path)
        there = self._at(path)
        itself = os.path.normpath(Path(path).parent / target) == path
        if not (itself or there.is_symlink() or there.exists()):
            self._link(path, target)

    def _take_file(self, source: Path, path: str) -> None:
        target = self._at(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        os.link(source, target)
        self.entries[path] = Entry(path, "file", self._debian_attr(source))

    def _edit(self) -> None:
        for raw, edits in self.package.edit.items():
            path = at_home(raw)
            target = self._at(path)
            if not target.is_file():
                raise self._wrong(f"edits {path}, which it has not")
            text = target.read_text(encoding="utf-8")
            for edit in edits:
                if (times := text.count(edit.find)) != 1:
                    raise self._wrong(f"'{edit.find}' occurs {times} times in {path}, not once")
                text = text.replace(edit.find, edit.put)
            target.unlink()  # a hard link into the tree that others take from
            target.write_text(text, encoding="utf-8")

    def _lay_own(self) -> None:
        """Lay EL's directories, files and links over what Debian gave."""
        for raw, directory in self.package.dirs.items():
            path = at_home(raw)
            self._at(path).mkdir(parents=True, exist_ok=True)
            self.entries[path] = Entry(path, "dir", directory)
        for raw, file in self.package.files.items():
            path = at_home(raw)
            target = self._at(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_text(self.recipe.content(file, self.package), encoding="utf-8")
            config = file.config or ("noreplace" if path.startswith("/etc/") else "none")
            self.entries[path] = Entry(path, "file", file, config, file.varies)
        for raw, where in self.package.links.items():
            path = at_home(raw)
            self._at(path).unlink(missing_ok=True)
            self._link(path, where)

    def _mark(self) -> None:
        """Set what the entry and names.yml say about owners, modes and configuration files."""
        config = {at_home(path) for path in self.package.config or ()} | self._config
        for path in config & set(self.entries):
            entry = self.entries[path]
            if entry.kind == "file" and entry.config == "none":
                self.entries[path] = replace(entry, config="noreplace")
        for raw, attr in {**self.recipe.names.attrs, **self.package.attrs}.items():
            pattern = matcher([at_home(raw)])
            hit = [path for path in self.entries if pattern.fullmatch(path)]
            if not hit and raw in self.package.attrs:
                raise self._wrong(f"gives attributes to {raw}, which it has not")
            for path in hit:
                entry = self.entries[path]
                own = attr.model_copy(update={"mode": attr.mode or entry.attr.mode})
                self.entries[path] = replace(entry, attr=own)

    def _check_pam(self) -> None:
        """Refuse a PAM file of Debian's own: what it includes is not there on EL."""
        for path, entry in self.entries.items():
            if entry.kind != "file" or "/pam.d/" not in path:
                continue
            if "@include" in self._at(path).read_text(encoding="utf-8"):
                raise self._wrong(f"has Debian's {path}: give EL's in files")

    def _link(self, path: str, where: str) -> None:
        self._at(path).parent.mkdir(parents=True, exist_ok=True)
        self._at(path).symlink_to(where)
        self.entries[path] = Entry(path, "link", Attr())

    def _at(self, path: str) -> Path:
        return self.root / path[1:]

    def _debian_attr(self, source: Path) -> Attr:
        """Turn Debian's static ids into EL's names."""
        status = source.lstat()
        names = self.recipe.names
        try:
            owner, group = names.users[status.st_uid], names.groups[status.st_gid]
        except KeyError as error:
            raise self._wrong(
                f"has {source.name} of Debian's id {error}, which names.yml does not know"
            ) from error
        return Attr(mode=f"{stat.S_IMODE(status.st_mode):04o}", owner=owner, group=group)

    def _wrong(self, what: str) -> IronlabError:
        return IronlabError(f"{self.package.name} {what}", "mend its entry", ExitCode.USAGE)
