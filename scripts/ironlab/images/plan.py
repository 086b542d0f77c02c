"""From recipe and archive to the list of RPMs: which there are, and which needs which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.images.manifest import Package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ironlab.images.mirror import Archive, Deb
    from ironlab.images.recipe import Recipe

# What every package stands on: directories first, then the accounts that own files.
GROUND = ("setup", "filesystem", "rocky-release", "rocky-repos", "rocky-gpg-keys")


@dataclass
class Rpm:
    """One RPM to be built."""

    package: Package
    debs: list[Deb]
    requires: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The EL name."""
        return self.package.name

    @property
    def version(self) -> str:
        """EL's version where the manifest gives one, else that of the first Debian package."""
        if self.package.version:
            return self.package.version
        return self.debs[0].upstream if self.debs else "1"

    @property
    def arch(self) -> str:
        """Architecture-independent Debian packages become noarch."""
        return "noarch" if all(deb.arch == "all" for deb in self.debs) else "x86_64"


def plan(recipe: Recipe, archive: Archive) -> list[Rpm]:
    """Work out every RPM of the image's repositories."""
    release = recipe.release
    entries = [_followed(entry, archive) for entry in recipe.packages]
    left_out = set(release.leave_out)
    ignored = _ignored(recipe, entries)
    wanted = [deb for entry in entries for deb in entry.debs]
    closure = archive.closure(wanted, left_out, ignored)
    owner = _owners(recipe, entries, closure, left_out)
    rpms = [Rpm(entry, [archive.debs[name] for name in entry.debs]) for entry in entries]
    rpms += _unnamed(recipe, entries, archive, closure, left_out)
    for rpm in rpms:
        needed = dict.fromkeys(_requires(rpm, archive, owner, ignored, closure, left_out))
        if rpm.name not in GROUND:
            needed.setdefault("filesystem")
        for name in (rpm.name, *rpm.package.ignore_requires):
            needed.pop(name, None)
        rpm.requires = [*needed, *rpm.package.requires]
    _check_names(rpms)
    return rpms


def _followed(entry: Package, archive: Archive) -> Package:
    """Put what `via` leads to in its place: Debian's kernel has its version in its name."""
    if not entry.via:
        return entry
    if missing := [name for name in entry.via if name not in archive.debs]:
        raise IronlabError(
            f"Debian {archive.suite} has no package {', '.join(missing)}",
            f"mend the via of {entry.name}",
            ExitCode.USAGE,
        )
    found = [archive.resolve(archive.debs[name].depends[0], ()) for name in entry.via]
    return entry.model_copy(update={"debs": [*entry.debs, *(deb for deb in found if deb)]})


def _ignored(recipe: Recipe, entries: list[Package]) -> dict[str, set[str]]:
    """List, by Debian package, the dependencies that are not followed."""
    ignored = {name: set(names) for name, names in recipe.release.ignore.items()}
    for entry in entries:
        for deb in entry.debs:
            ignored.setdefault(deb, set()).update(entry.ignore_requires)
    return ignored


def _owners(
    recipe: Recipe, entries: list[Package], closure: Iterable[str], left_out: set[str]
) -> dict[str, str]:
    """Say which RPM answers for a Debian package in others' dependencies."""
    owner: dict[str, str] = {}
    for entry in entries:
        for deb in entry.debs:
            owner.setdefault(deb, entry.name)
    for name in closure:
        owner.setdefault(name, recipe.names.packages.get(name, name))
    owner.update({deb: el for deb, el in recipe.names.packages.items() if deb in owner})
    return {deb: name for deb, name in owner.items() if deb not in left_out}


def _unnamed(
    recipe: Recipe,
    entries: list[Package],
    archive: Archive,
    closure: Iterable[str],
    left_out: set[str],
) -> list[Rpm]:
    """Make entries for what no entry names: libraries, mostly."""
    named = {deb for entry in entries for deb in entry.debs}
    entry_names = {entry.name for entry in entries}
    grouped: dict[str, list[Deb]] = {}
    for deb in closure:
        if deb not in named and deb not in left_out:
            grouped.setdefault(recipe.names.packages.get(deb, deb), []).append(archive.debs[deb])
    if clash := entry_names & set(grouped):
        name = min(clash)
        raise IronlabError(
            f"{name} has an entry, yet {grouped[name][0].name} is mapped to it by names.yml only",
            "add the Debian package to the debs of the entry",
            ExitCode.USAGE,
        )
    return [
        Rpm(
            Package(
                name=name,
                debs=[deb.name for deb in debs],
                source="Debian's files; the name by images/names.yml, else Debian's own",
            ),
            debs,
        )
        for name, debs in grouped.items()
    ]


def _requires(  # noqa: PLR0913, PLR0917 - one pass over what plan() knows
    rpm: Rpm,
    archive: Archive,
    owner: dict[str, str],
    ignored: dict[str, set[str]],
    closure: Iterable[str],
    left_out: set[str],
) -> Iterable[str]:
    for deb in rpm.debs:
        dropped = left_out | ignored.get(deb.name, set())
        for alternatives in deb.depends:
            if dropped & set(alternatives):
                continue
            found = archive.resolve(alternatives, closure)
            if found in owner:
                yield owner[found]


def _check_names(rpms: list[Rpm]) -> None:
    """Everything required must be in the repositories."""
    known = {rpm.name for rpm in rpms} | {
        provided.split()[0] for rpm in rpms for provided in rpm.package.provides
    }
    known |= {path for rpm in rpms for path in (*rpm.package.files, *rpm.package.links)}
    for rpm in rpms:
        for needed in rpm.requires:
            if needed.split()[0] not in known and not needed.startswith("/"):
                raise IronlabError(
                    f"{rpm.name} requires {needed}, which no entry provides",
                    "add the entry or list it in ignore_requires",
                    ExitCode.USAGE,
                )


def install_set(rpms: Iterable[Rpm], wanted: Iterable[str]) -> list[Rpm]:
    """List the RPMs that an installation of `wanted` brings in."""
    by_name: dict[str, Rpm] = {}
    for rpm in rpms:
        by_name.setdefault(rpm.name, rpm)
    for rpm in list(by_name.values()):
        for provided in rpm.package.provides:
            by_name.setdefault(provided.split()[0], rpm)
    queue, found = list(wanted), dict[str, Rpm]()
    while queue:
        name = queue.pop(0).split()[0]
        if name.startswith("/"):
            continue
        if name not in by_name:
            raise IronlabError(
                f"the release installs {name}, which no entry makes",
                "mend the install list of the release",
                ExitCode.USAGE,
            )
        rpm = by_name[name]
        if rpm.name not in found:
            found[rpm.name] = rpm
            queue += rpm.requires
    return list(found.values())
