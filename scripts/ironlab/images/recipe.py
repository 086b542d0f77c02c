"""A release's recipe: what the repository says an image is made of, and the sum of it all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path  # noqa: TC003 - pydantic and dataclasses need it at run time
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import Field, ValidationError

from ironlab.errors import ExitCode, IronlabError
from ironlab.images.manifest import (
    AbsolutePath,
    Attr,
    File,
    Package,
    Repo,
    Strict,
    for_major,
    load_packages,
    read_yaml,
    validation_error,
)
from ironlab.paths import REPO

IMAGES = REPO / "images"
ENGINE = REPO / "scripts" / "ironlab" / "images"
# What of the engine decides what is in an image; the rest can change without a new build.
MAKERS = ("plan.py", "layout.py", "stage.py", "rpmbuild.py", "packer.py", "repo.py", "root.py")


class Lack(Strict):
    """Something real EL has and the stand-in hasn't."""

    what: str
    why: str


class Repository(Strict):
    """A dnf repository that the image carries."""

    id: str
    title: str


class ModuleStream(Strict):
    """An AppStream module stream (EL 9 only)."""

    name: str
    stream: str
    summary: str
    profiles: dict[str, list[str]]


class Release(Strict):
    """images/releases/<image>.yml."""

    image: str
    major: int
    minor: int
    codename: str
    suite: str
    registry: str
    dbpath: AbsolutePath
    python: str
    support_end: str
    repositories: list[Repository]
    install: list[str]
    machine_install: list[str] = Field(default_factory=list)
    leave_out: list[str]
    ignore: dict[str, list[str]] = Field(default_factory=dict)
    drop: list[AbsolutePath]
    modules: list[ModuleStream] = Field(default_factory=list)
    cannot: list[Lack]

    @property
    def version(self) -> str:
        """As os-release has it."""
        return f"{self.major}.{self.minor}"


class Names(Strict):
    """images/names.yml: Debian's names in EL's terms."""

    packages: dict[str, str]
    plain: dict[Repo, dict[str, list[str]]]
    groups: dict[int, str]
    users: dict[int, str]
    attrs: dict[AbsolutePath, Attr] = Field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """Everything the repository decides about one image."""

    release: Release
    names: Names
    packages: list[Package]
    folder: Path

    @cached_property
    def digest(self) -> str:
        """Sum up everything that decides what is in the image."""
        total = hashlib.sha256(self.release.model_dump_json().encode())
        total.update(self.names.model_dump_json().encode())
        for package in self.packages:
            total.update(self.digest_of(package).encode())
        for maker in MAKERS:
            total.update((ENGINE / maker).read_bytes())
        for source in sorted(self.folder.glob("Containerfile*")):
            total.update(source.read_bytes())
        return total.hexdigest()

    def digest_of(self, package: Package) -> str:
        """Sum up one entry with the files it carries."""
        total = hashlib.sha256(package.model_dump_json().encode())
        for path, file in package.files.items():
            total.update(f"{path}\0{self.content(file, package)}".encode())
        return total.hexdigest()

    @property
    def ground(self) -> list[Package]:
        """The entries whose directories and links other packages do not own."""
        return [package for package in self.packages if package.name == "filesystem"]

    def claims(self, package: Package) -> list[str]:
        """List what other entries take from an entry's Debian packages; the rest is its own."""
        if package.take is not None:
            return []
        return [
            pattern
            for other in self.packages
            if other.name != package.name and set(other.debs) & set(package.debs)
            for pattern in other.take or ()
        ]

    @cached_property
    def _jinja(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(self.folder / "files"),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            comment_start_string="{=#",  # "${#" belongs to shell scripts
            comment_end_string="#=}",
            autoescape=False,  # noqa: S701 - configuration files, not HTML
        )

    def content(self, file: File, package: Package) -> str:
        """Render what EL has in a file."""
        variables: dict[str, Any] = {
            "el": self.release.major,
            "release": self.release,
            "version": package.version,
        }
        if file.src is not None:
            if not (self.folder / "files" / file.src).is_file():
                raise IronlabError(
                    f"{package.name}: images/files/{file.src} does not exist",
                    "mend the src in the manifest",
                    ExitCode.USAGE,
                )
            return self._jinja.get_template(file.src).render(variables)
        return self._jinja.from_string(file.content or "").render(variables)


def image_names(folder: Path = IMAGES) -> list[str]:
    """Name the images there is a recipe for."""
    return sorted(
        (path.stem for path in (folder / "releases").glob("*.yml")),
        key=lambda name: (len(name), name),
    )


def load_recipe(image: str, folder: Path = IMAGES) -> Recipe:
    """Read the recipe of an image."""
    path = folder / "releases" / f"{image}.yml"
    if not path.is_file():
        raise IronlabError(
            f"unknown image '{image}'",
            f"choose one of {', '.join(image_names(folder))}",
            ExitCode.UNREACHABLE,
        )
    own = read_yaml(path)
    common = for_major(read_yaml(folder / "base.yml"), own["major"])
    try:
        release = Release.model_validate(
            {**common, **own, "cannot": own["cannot"] + common["cannot"]}
        )
        names = Names.model_validate(for_major(read_yaml(folder / "names.yml"), release.major))
    except ValidationError as error:
        raise validation_error(path, image, error) from error
    packages = load_packages(sorted((folder / "packages").glob("*.yml")), release.major)
    packages += [
        Package(
            name=name, repo=repo, debs=debs, source="Debian's files under EL's name and repository"
        )
        for repo, entries in names.plain.items()
        for name, debs in entries.items()
    ]
    return Recipe(release, names, packages, folder)
