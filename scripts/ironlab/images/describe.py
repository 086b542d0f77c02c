"""What an image holds, where each fact about EL is from, and what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from ironlab.images import store
from ironlab.images.recipe import Lack, Release, load_recipe

if TYPE_CHECKING:
    from ironlab.images.recipe import Recipe


class Described(BaseModel):
    """One package of the manifest."""

    name: str
    repo: str
    debs: list[str]
    source: str
    standin: str


class ImageDescription(BaseModel):
    """An image's recipe, for reading."""

    name: str
    title: str
    recipe: str
    built: str
    suite: str
    registry: str
    packages: list[Described]
    cannot: list[Lack]

    def as_text(self) -> str:
        """Lay it out for a terminal."""
        lines = [
            f"{self.name}: {self.title}",
            f"  registry   {self.registry}",
            f"  stand-in   from Debian {self.suite}, recipe {self.recipe[:12]}",
            f"  built      {self.built}",
            "",
            f"Packages of the manifest ({len(self.packages)}), each with the source of its facts:",
        ]
        for package in self.packages:
            lines.append(f"  {package.repo:9} {package.name}: {package.source}")
            if package.standin:
                lines.append(f"            differs: {package.standin}")
        lines += ["", "What real EL has and the stand-in has not:"]
        lines += [f"  {lack.what}: {lack.why}" for lack in self.cannot]
        return "\n".join(lines)


def describe(name: str) -> ImageDescription:
    """Describe an image by its recipe; it need not be built."""
    recipe = load_recipe(name)
    release = recipe.release
    return ImageDescription(
        name=name,
        title=f"Rocky Linux {release.version} ({release.codename})",
        recipe=recipe.digest,
        built=_built(recipe, release),
        suite=release.suite,
        registry=release.registry,
        packages=[
            Described(
                name=package.name,
                repo=package.repo,
                debs=package.debs,
                source=package.source,
                standin=package.standin,
            )
            for package in sorted(recipe.packages, key=lambda entry: (entry.repo, entry.name))
        ],
        cannot=release.cannot,
    )


def _built(recipe: Recipe, release: Release) -> str:
    image = store.image(release.image)
    if image is None:
        return f"no; ./ironlab image build {release.image}"
    if image.recipe != recipe.digest:
        return "from an older recipe; the next build makes it anew"
    return f"{image.kind}, {image.packages} packages, {image.size_bytes / 1e6:.0f} MB"
