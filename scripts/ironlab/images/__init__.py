"""Host images: real Rocky from a registry, or a stand-in made of re-packed Debian packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ironlab.images import registry, standin, store
from ironlab.images.recipe import image_names, load_recipe
from ironlab.images.store import ImageInfo

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SYSTEM_PACKAGES", "ImageInfo", "Source", "build", "image_names", "listing"]

Source = Literal["auto", "registry", "stand-in"]

# What the controller needs beside a Python, as Debian names it: `./ironlab up` installs these.
SYSTEM_PACKAGES = (
    "podman",
    "runc",
    "crun",
    "netavark",
    "aardvark-dns",
    "nftables",
    "iptables",
    "rpm",
    "createrepo-c",
    "zstd",
)


def build(name: str, progress: Callable[[str], None], source: Source = "auto") -> ImageInfo:
    """Build an image, unless podman has one of the same recipe."""
    recipe = load_recipe(name)
    kind = {"registry": "rocky", "stand-in": "stand-in"}.get(source)
    have = store.image(name)
    if have and have.recipe == recipe.digest and kind in {None, have.kind}:
        return have
    if source == "registry" or (source == "auto" and registry.answers(recipe.release.registry)):
        registry.build(recipe, progress)
    else:
        standin.build(recipe, progress)
    built = store.image(name)
    if built is None:
        message = f"podman does not show {name} after its build"
        raise RuntimeError(message)
    return built


def listing() -> list[ImageInfo]:
    """List the images that are built."""
    found = (store.image(name) for name in image_names())
    return [image for image in found if image is not None]
