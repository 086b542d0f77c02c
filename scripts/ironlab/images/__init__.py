"""Host images: real Rocky from a registry, or a stand-in made of re-packed Debian packages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from ironlab.errors import ExitCode, IronlabError
from ironlab.images import asroot, registry, standin, store
from ironlab.images.describe import ImageDescription, describe
from ironlab.images.recipe import image_names, load_recipe
from ironlab.images.store import ImageInfo
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "SYSTEM_PACKAGES",
    "ImageDescription",
    "ImageInfo",
    "Source",
    "build",
    "describe",
    "image_names",
    "listing",
]

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
    """Build an image, unless podman has one of the same recipe.

    Args:
        name: which.
        progress: told each step in one line.
        source: auto takes real Rocky where a registry answers, else makes a stand-in.
    """
    recipe = load_recipe(name)
    wanted = {"registry": "rocky", "stand-in": "stand-in"}.get(source)
    with lock(f"building-{name}", wait=True):
        have = store.image(name)
        if have and have.recipe == recipe.digest and wanted in {None, have.kind}:
            return have
        if os.geteuid() != 0:
            asroot.build(name, source, progress)
        elif source == "registry" or (
            source == "auto" and registry.answers(recipe.release.registry)
        ):
            registry.build(recipe, progress)
        else:
            standin.build(recipe, progress)
        built = store.image(name)
    if built is None:
        raise IronlabError(
            f"podman does not show image {name} after its build",
            "see `podman info` and the free space of its storage",
            ExitCode.PREREQUISITE,
        )
    return built


def listing() -> list[ImageInfo]:
    """List the images that are built."""
    found = (store.image(name) for name in image_names())
    return [image for image in found if image is not None]
