"""Build a stand-in: Debian's files as EL's RPMs, installed into a root of their own."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.images import root as roots
from ironlab.images import store
from ironlab.images.archives import ARCHIVE_DEBS, ARCHIVE_SUITE, build_archives
from ironlab.images.mirror import KEYRING, Archive
from ironlab.images.packer import Packer
from ironlab.images.plan import install_set, plan
from ironlab.images.repo import make_repositories
from ironlab.paths import cache_dir

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.images.recipe import Recipe

TOOLS = ("apt-get", "dpkg-deb", "rpm", "rpmbuild", "createrepo_c", "modifyrepo_c", "podman")
NEEDED_BYTES = 3 * 1024**3


def build(recipe: Recipe, progress: Callable[[str], None]) -> None:
    """Build the image and hand it to podman; a build that fails or is stopped leaves no trace."""
    image, start = recipe.release.image, time.monotonic()
    check_machine(image)
    builds = cache_dir() / "images"
    builds.mkdir(parents=True, exist_ok=True)
    for left in builds.glob(f"build-{image}-*"):  # of a build that was killed: we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"build-{image}-", dir=builds) as folder:
        packages = _build_in(Path(folder), recipe, progress)
        labels = {
            "recipe": recipe.digest,
            "kind": "stand-in",
            "packages": str(packages),
        }
        progress("hand the image to podman")
        store.import_root(image, Path(folder) / "root", labels, start)


def check_machine(image: str) -> None:
    """Refuse at once, with the remedy, what would fail after minutes."""
    if shutil.which("apt-get") is None or not KEYRING.exists():
        raise IronlabError(
            f"no container registry answers, and the stand-in for {image} needs a Debian machine",
            "connect to a registry (docker.io) or run this on Debian 12 or newer",
            ExitCode.PREREQUISITE,
        )
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise IronlabError(
            f"image {image} needs {', '.join(missing)}",
            "run `./ironlab up`, or `apt-get install rpm createrepo-c zstd podman`",
            ExitCode.PREREQUISITE,
        )
    for folder in (cache_dir(), Path("/var/lib")):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        if free < NEEDED_BYTES:
            raise IronlabError(
                f"image {image} needs 3 GiB and {there} has {free / 1024**3:.1f} GiB free",
                "free some space (XDG_CACHE_HOME says where the cache is)",
                ExitCode.PREREQUISITE,
            )


def _build_in(work: Path, recipe: Recipe, progress: Callable[[str], None]) -> int:
    release = recipe.release
    progress(f"read the index of Debian {release.suite}")
    archive = Archive(release.suite, work / "apt")
    archive.update()
    rpms = plan(recipe, archive)
    install_set(rpms, release.machine_install)
    names = dict.fromkeys(deb.name for rpm in rpms for deb in rpm.debs)
    debs = archive.download(names, cache_dir() / "debs", progress)
    packer = Packer(recipe, debs, work, cache_dir() / "rpms" / release.image)
    built = packer.pack(rpms, progress)
    packer.prune(path for _, path in built)
    progress("index the repositories")
    make_repositories(recipe, built, work / "repos")
    chosen = {rpm.name for rpm in install_set(rpms, release.install)}
    paths = {rpm.name: path for rpm, path in built if ".module+" not in path.name}
    root = work / "root"
    roots.install(recipe, [paths[name] for name in paths if name in chosen], root, progress)
    roots.finish(recipe, work / "repos", root, progress)
    _archives(archive, work, recipe, progress)
    return len(chosen)


def _archives(
    archive: Archive, work: Path, recipe: Recipe, progress: Callable[[str], None]
) -> None:
    """Make the release archives that a stand-in's hosts can't download from upstream."""
    if archive.suite != ARCHIVE_SUITE:
        archive = Archive(ARCHIVE_SUITE, work / "apt-archives")
        archive.update()
    debs = archive.download(ARCHIVE_DEBS, cache_dir() / "debs", progress)
    image = recipe.release.image
    progress(f"archives for {image}")
    build_archives(image, debs, cache_dir() / "archives" / image)
