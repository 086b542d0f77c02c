"""Make the RPMs of a plan, two at a time, each kept in the cache under the sum of its making."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ironlab.images import rpmbuild, stage
from ironlab.images.recipe import ENGINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ironlab.images.plan import Rpm
    from ironlab.images.recipe import Recipe

WORKERS = 2
KEEP_DAYS = 14
# What of the engine decides what is in an RPM.
_MAKERS = ("layout.py", "stage.py", "rpmbuild.py")


class Packer:
    """Packs the RPMs of one image."""

    def __init__(self, recipe: Recipe, debs: dict[str, Path], work: Path, cache: Path) -> None:
        """Remember where things are.

        Args:
            recipe: the image's recipe.
            debs: the downloaded Debian packages by name.
            work: a folder that goes away with the build.
            cache: where finished RPMs stay.
        """
        self.recipe = recipe
        self.debs = debs
        self.work = work
        self.cache = cache
        self._ground = self._sum_up_ground()

    def pack(self, rpms: Iterable[Rpm], progress: Callable[[str], None]) -> list[tuple[Rpm, Path]]:
        """Build every RPM that the cache lacks."""
        jobs = [(rpm, release) for rpm in rpms for release in self.releases(rpm)]
        done = 0

        def work(job: tuple[Rpm, str]) -> tuple[Rpm, Path]:
            nonlocal done
            path = self._pack_one(*job)
            done += 1
            progress(f"package {done}/{len(jobs)} {job[0].name}")
            return job[0], path

        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(work, job) for job in jobs]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def releases(self, rpm: Rpm) -> list[str]:
        """Name the releases an RPM is built as: plain, and once more in its module stream."""
        major = self.recipe.release.major
        plain = f"{rpm.package.release}.el{major}"
        streams = {(module.name, module.stream) for module in self.recipe.release.modules}
        module = rpm.package.module
        if module is None or (module.name, module.stream) not in streams:
            return [plain]
        return [plain, f"{rpm.package.release}.module+el{major}"]

    def prune(self, used: Iterable[Path]) -> None:
        """Forget RPMs that no build has used for a while."""
        for path in used:
            os.utime(path.parent)
        limit = time.time() - KEEP_DAYS * 86400
        for folder in self.cache.iterdir():
            if folder.stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)

    def _pack_one(self, rpm: Rpm, release: str) -> Path:
        name = f"{rpm.name}-{rpm.version}-{release}.{rpm.arch}.rpm"
        cached = self.cache / self._key(rpm, release) / name
        if cached.exists():
            return cached
        trees = {deb.name: self._unpack(self.debs[deb.name]) for deb in rpm.debs}
        tree = self.work / "stage" / f"{rpm.name}-{release}"
        entries = stage.Stage(self.recipe, rpm.package, tree).fill(trees)
        return rpmbuild.build(rpm, entries, release, tree, cached)

    def _unpack(self, deb: Path) -> Path:
        return stage.unpack(deb, self.work / "debs" / deb.stem)

    def _key(self, rpm: Rpm, release: str) -> str:
        parts = [self._ground, release, self.recipe.digest_of(rpm.package), *rpm.requires]
        parts += [f"{deb.name}={deb.version}" for deb in rpm.debs]
        parts += self.recipe.claims(rpm.package)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def _sum_up_ground(self) -> str:
        """Sum up what bears on every RPM."""
        names = self.recipe.names
        parts = [repr((names.groups, names.users, names.attrs, self.recipe.release.drop))]
        parts += [package.model_dump_json() for package in self.recipe.ground]
        total = hashlib.sha256("\0".join(parts).encode())
        for source in _MAKERS:
            total.update((ENGINE / source).read_bytes())
        return total.hexdigest()
