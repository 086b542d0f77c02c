"""Build a stand-in: Debian's files as EL's RPMs, installed into a root of their own."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.images import root as roots
from ironlab.images import rpmbuild, stage, store
from ironlab.images.mirror import KEYRING, Archive
from ironlab.images.plan import Rpm, install_set, plan
from ironlab.images.recipe import ENGINE
from ironlab.images.repo import make_repositories
from ironlab.paths import cache_dir

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.images.recipe import Recipe

TOOLS = ("apt-get", "dpkg-deb", "rpm", "rpmbuild", "createrepo_c", "modifyrepo_c", "podman", "zstd")
NEEDED_BYTES = 3 * 1024**3
WORKERS = 2


def check_machine(image: str) -> None:
    """Refuse at once, with the remedy, what would fail after minutes."""
    if shutil.which("apt-get") is None or not KEYRING.exists():
        raise IronlabError(
            f"image {image}: no container registry answers, and a stand-in can only be built on Debian",
            "connect to a registry (docker.io) or run this on Debian 12 or newer",
            ExitCode.PREREQUISITE,
        )
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise IronlabError(
            f"image {image} needs {', '.join(missing)}",
            "run `./ironlab up`, or apt-get install rpm createrepo-c zstd podman",
            ExitCode.PREREQUISITE,
        )
    cache_dir().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache_dir()).free
    if free < NEEDED_BYTES:
        raise IronlabError(
            f"image {image} needs 3 GiB and {cache_dir()} has {free / 1024**3:.1f} GiB free",
            "free some space or point XDG_CACHE_HOME elsewhere",
            ExitCode.PREREQUISITE,
        )


def build(recipe: Recipe, progress: Callable[[str], None]) -> None:
    """Build the image and hand it to podman."""
    release, start = recipe.release, time.monotonic()
    check_machine(release.image)
    (cache_dir() / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=cache_dir() / "images") as folder:
        work = Path(folder)
        progress(f"read the index of Debian {release.suite}")
        archive = Archive(release.suite, work / "apt")
        archive.update()
        rpms = plan(recipe, archive)
        names = dict.fromkeys(deb.name for rpm in rpms for deb in rpm.debs)
        debs = archive.download(names, cache_dir() / "debs", progress)
        built = _pack_all(recipe, rpms, debs, work, progress)
        progress("index the repositories")
        make_repositories(recipe, built, work / "repos")
        chosen = {rpm.name for rpm in install_set(rpms, release.install)}
        paths = {rpm.name: path for rpm, path in built if ".module+" not in path.name}
        root = work / "root"
        roots.install(recipe, [paths[name] for name in paths if name in chosen], root, progress)
        roots.finish(recipe, work / "repos", root, progress)
        progress("hand the image to podman")
        labels = {
            "recipe": recipe.digest,
            "kind": "stand-in",
            "packages": str(len(chosen)),
            "build-seconds": f"{time.monotonic() - start:.0f}",
        }
        store.import_root(release.image, root, labels)


def _pack_all(
    recipe: Recipe, rpms: list[Rpm], debs: dict[str, Path], work: Path, progress: Callable[[str], None]
) -> list[tuple[Rpm, Path]]:
    """Build every RPM that the cache lacks, two at a time."""
    jobs = [(rpm, release) for rpm in rpms for release in _releases(recipe, rpm)]
    ground = _ground(recipe)
    done = 0

    def pack(job: tuple[Rpm, str]) -> tuple[Rpm, Path]:
        nonlocal done
        path = _pack(recipe, *job, debs, work, ground)
        done += 1
        progress(f"package {done}/{len(jobs)} {job[0].name}")
        return job[0], path

    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(pack, job) for job in jobs]
        try:
            return [future.result() for future in futures]
        except BaseException:
            with contextlib.suppress(RuntimeError):
                pool.shutdown(wait=True, cancel_futures=True)
            raise


def _releases(recipe: Recipe, rpm: Rpm) -> list[str]:
    major = recipe.release.major
    plain = f"{rpm.package.release}.el{major}"
    streams = {(module.name, module.stream) for module in recipe.release.modules}
    module = rpm.package.module
    if module is None or (module.name, module.stream) not in streams:
        return [plain]
    return [plain, f"{rpm.package.release}.module+el{major}"]


def _pack(  # noqa: PLR0913, PLR0917 - what one RPM is made from
    recipe: Recipe, rpm: Rpm, release: str, debs: dict[str, Path], work: Path, ground: str
) -> Path:
    key = hashlib.sha256(
        "\0".join(
            [
                ground,
                release,
                recipe.digest_of(rpm.package),
                *(f"{deb.name}={deb.version}" for deb in rpm.debs),
                *rpm.requires,
            ]
        ).encode()
    ).hexdigest()[:16]
    name = f"{rpm.name}-{rpm.version}-{release}.{rpm.arch}.rpm"
    cached = cache_dir() / "rpms" / recipe.release.image / key / name
    if cached.exists():
        return cached
    trees = {
        deb.name: stage.unpack(debs[deb.name], work / "debs" / debs[deb.name].stem)
        for deb in rpm.debs
    }
    tree = work / "stage" / f"{rpm.name}-{release}"
    entries = stage.Stage(recipe, rpm.package, tree).fill(trees)
    return rpmbuild.build(rpm, entries, release, tree, cached)


def _ground(recipe: Recipe) -> str:
    """Sum up what bears on every RPM: the engine, the names, what is dropped everywhere."""
    total = hashlib.sha256(recipe.names.model_dump_json().encode())
    for source in ("stage.py", "rpmbuild.py"):
        total.update((ENGINE / source).read_bytes())
    total.update(repr((recipe.release.drop, recipe.release.dbpath)).encode())
    total.update("".join(p.model_dump_json() for p in recipe.packages if p.name == "filesystem").encode())
    return total.hexdigest()
