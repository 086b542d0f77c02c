"""Lay out one package's files as EL has them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from dataclasses import dataclass, replace
from fnmatch import translate
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.images.manifest import Attr, Package

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ironlab.images.recipe import Recipe

MULTIARCH = "/usr/lib/x86_64-linux-gnu"
_MERGED = re.compile(r"^/(bin|sbin|lib)(?=/.)")
_LOCKS: dict[str, Lock] = {}
_COPYRIGHT = re.compile(r"^/usr/share/doc/([^/]+)/copyright$")


@dataclass(frozen=True)
class Entry:
    """A path of the package with what rpm has to know about it."""

    path: str
    kind: str  # file, link, dir
    attr: Attr
    config: str = "none"
    varies: bool = False


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
        one = [translate(piece)[4:-3].replace(".*", "[^/]*") for piece in pieces]
        parts.append(".*".join(one))
    return re.compile("|".join(f"(?:{part})" for part in parts) or r"(?!)")


def unpack(deb: Path, into: Path) -> Path:
    """Unpack a Debian package once; the tree is shared by all who take from it."""
    with _LOCKS.setdefault(deb.name, Lock()):
        return _unpack_once(deb, into)


def _unpack_once(deb: Path, into: Path) -> Path:
    if not into.exists():
        into.parent.mkdir(parents=True, exist_ok=True)
        partial = into.with_name(f"{into.name}.part")
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
        self._foreign = self._directories_of_filesystem()
        self._config: set[str] = set()

    def fill(self, trees: Mapping[str, Path]) -> list[Entry]:
        """Take from the unpacked Debian packages, then lay EL's own files over it."""
        self.root.mkdir(parents=True)
        for tree in trees.values():
            self._take(tree)
        self._own()
        self._attributes()
        return [self.entries[path] for path in sorted(self.entries)]

    def _take(self, tree: Path) -> None:
        package = self.package
        take = matcher(package.take) if package.take is not None else None
        claimed = matcher(() if take else self._claimed_by_others())
        literal = {merged(path) for path in package.take or ()}
        drop = matcher(package.drop)
        standard = matcher(self.recipe.release.drop)
        moves = sorted(
            ((merged(old), new) for old, new in package.move.items()), key=lambda move: -len(move[0])
        )
        conffiles = tree / "DEBIAN" / "conffiles"
        listed = conffiles.read_text().splitlines() if conffiles.exists() else []
        config = {merged(line) for line in listed if line.startswith("/")}
        if package.config is not None:
            config = set()
        for source in _walk(tree):
            old = merged("/" + str(source.relative_to(tree)))
            is_dir = source.is_dir() and not source.is_symlink()
            if old == "/DEBIAN" or old.startswith("/DEBIAN/"):
                continue
            new = old
            if licence := _COPYRIGHT.match(old):
                new = f"/usr/share/licenses/{package.name}/{licence[1]}"
            elif drop.fullmatch(old) or (standard.fullmatch(old) and old not in literal):
                continue
            elif claimed.fullmatch(old) or (take is not None and not take.fullmatch(old)):
                continue
            for before, after in moves:
                if old == before.rstrip("/") or (before.endswith("/") and old.startswith(before)):
                    new = after.rstrip("/") + old[len(before.rstrip("/")) :]
                    break
            new = at_home(new)
            if old in config:
                self._config.add(new)
            if is_dir:
                self._directory(source, new)
            else:
                self._file(source, old, new)

    def _directory(self, source: Path, path: str) -> None:
        if path in self._foreign or path in self.entries:
            return
        (self.root / path[1:]).mkdir(parents=True, exist_ok=True)
        self.entries[path] = Entry(path, "dir", self._debian_attr(source))

    def _file(self, source: Path, old: str, path: str) -> None:
        target = self.root / path[1:]
        if source.is_symlink():
            where = os.readlink(source)
            where = _link(where, old, path)
            if target.is_symlink() or target.exists():
                return
            if os.path.normpath(os.path.join(os.path.dirname(path), where)) == path:  # noqa: PTH118, PTH120
                return
            self._link(path, where)
            return
        self._parents(path)
        if target.is_symlink() or target.exists():
            target.unlink()
        os.link(source, target)
        self.entries[path] = Entry(path, "file", self._debian_attr(source))

    def _own(self) -> None:
        """Lay EL's directories, files, links and edits over what Debian gave."""
        package = self.package
        for raw, edits in package.edit.items():
            self._edit(at_home(raw), [(edit.find, edit.put) for edit in edits])
        for raw, directory in package.dirs.items():
            path = at_home(raw)
            (self.root / path[1:]).mkdir(parents=True, exist_ok=True)
            self.entries[path] = Entry(path, "dir", directory)
        for raw, file in package.files.items():
            path = at_home(raw)
            self._parents(path)
            target = self.root / path[1:]
            target.unlink(missing_ok=True)
            target.write_text(self.recipe.content(file, package), encoding="utf-8")
            config = file.config or ("noreplace" if path.startswith("/etc/") else "none")
            self.entries[path] = Entry(path, "file", file, config, file.varies)
        for raw, where in package.links.items():
            path = at_home(raw)
            (self.root / path[1:]).unlink(missing_ok=True)
            self._link(path, where)

    def _edit(self, path: str, edits: list[tuple[str, str]]) -> None:
        target = self.root / path[1:]
        if not target.is_file():
            raise self._wrong(f"edits {path}, which it has not")
        text = target.read_text(encoding="utf-8")
        for find, put in edits:
            if text.count(find) != 1:
                raise self._wrong(f"'{find}' occurs {text.count(find)} times in {path}, not once")
            text = text.replace(find, put)
        target.unlink()  # it is a hard link into the tree that others take from
        target.write_text(text, encoding="utf-8")

    def _attributes(self) -> None:
        package = self.package
        config = {at_home(path) for path in package.config or ()} | self._config
        for path in config & set(self.entries):
            entry = self.entries[path]
            if entry.kind == "file" and entry.config == "none":
                self.entries[path] = replace(entry, config="noreplace")
        chosen = {**self.recipe.names.attrs, **package.attrs}
        for raw, attr in chosen.items():
            pattern = matcher([at_home(raw)])
            hit = [path for path in self.entries if pattern.fullmatch(path)]
            if not hit and raw in package.attrs:
                raise self._wrong(f"gives attributes to {raw}, which it has not")
            for path in hit:
                entry = self.entries[path]
                mode = attr.mode or entry.attr.mode
                own = attr.model_copy(update={"mode": mode})
                self.entries[path] = replace(entry, attr=own)

    def _link(self, path: str, where: str) -> None:
        self._parents(path)
        (self.root / path[1:]).symlink_to(where)
        self.entries[path] = Entry(path, "link", Attr())

    def _parents(self, path: str) -> None:
        (self.root / path[1:]).parent.mkdir(parents=True, exist_ok=True)

    def _debian_attr(self, source: Path) -> Attr:
        status = source.lstat()
        names = self.recipe.names
        try:
            owner, group = names.users[status.st_uid], names.groups[status.st_gid]
        except KeyError as error:
            raise self._wrong(
                f"has a file of Debian's id {error}, which names.yml does not know: {source.name}"
            ) from error
        mode = stat.S_IMODE(status.st_mode)
        return Attr(mode=f"{mode:04o}", owner=owner, group=group)

    def _directories_of_filesystem(self) -> set[str]:
        if self.package.name == "filesystem":
            return set()
        ground = {"/"}
        for package in self.recipe.packages:
            if package.name == "filesystem":
                ground |= {at_home(path) for path in (*package.dirs, *package.links)}
        return ground

    def _claimed_by_others(self) -> list[str]:
        """List what other entries take from the same Debian packages: the rest is this one's."""
        return [
            pattern
            for other in self.recipe.packages
            if other.name != self.package.name and set(other.debs) & set(self.package.debs)
            for pattern in other.take or ()
        ]

    def _wrong(self, what: str) -> IronlabError:
        return IronlabError(f"{self.package.name} {what}", "mend its entry", ExitCode.USAGE)


def _walk(tree: Path) -> Iterable[Path]:
    """List everything below a tree, parents first; links are not followed."""
    for folder, folders, files in os.walk(tree):
        folders.sort()
        for name in sorted(folders + files):
            yield Path(folder, name)


def _link(where: str, old: str, new: str) -> str:
    """Say where a link points after it moved."""
    absolute = merged(os.path.normpath(os.path.join(os.path.dirname(old), where)))  # noqa: PTH118, PTH120
    home = at_home(absolute)
    if old == new and home == absolute:
        return where
    if where.startswith("/"):
        return home
    return os.path.relpath(home, os.path.dirname(new))  # noqa: PTH120
