"""The dnf repositories of an image: RPMs, their metadata and EL 9's module streams."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import yaml

from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.images.plan import Rpm
    from ironlab.images.recipe import ModuleStream, Recipe


def make_repositories(recipe: Recipe, built: list[tuple[Rpm, Path]], into: Path) -> None:
    """Sort the RPMs into their repositories and index each."""
    shutil.rmtree(into, ignore_errors=True)
    for repository in recipe.release.repositories:
        folder = into / repository.id / "Packages"
        folder.mkdir(parents=True)
        for rpm, path in built:
            if rpm.package.repo == repository.id:
                os.link(path, folder / path.name)
        _run("createrepo_c", "--quiet", "--no-database", "--workers=2", str(folder.parent))
    if recipe.release.modules:
        _add_modules(recipe, built, into)


def _add_modules(recipe: Recipe, built: list[tuple[Rpm, Path]], into: Path) -> None:
    documents = []
    for stream in recipe.release.modules:
        artifacts = [
            path.stem.replace(f"{rpm.name}-", f"{rpm.name}-{rpm.package.epoch or 0}:", 1)
            for rpm, path in built
            if (module := rpm.package.module)
            and (module.name, module.stream) == (stream.name, stream.stream)
            and ".module+" in path.name
        ]
        if artifacts:
            documents.append(_modulemd(recipe, stream, sorted(artifacts)))
    modules = into / "modules.yaml"
    modules.write_text(yaml.safe_dump_all(documents, explicit_start=True, sort_keys=False))
    repodata = into / "appstream" / "repodata"
    _run("modifyrepo_c", "--mdtype=modules", "--compress-type=gz", str(modules), str(repodata))
    modules.unlink()


def _modulemd(recipe: Recipe, stream: ModuleStream, artifacts: list[str]) -> dict[str, object]:
    platform = f"el{recipe.release.major}"
    return {
        "document": "modulemd",
        "version": 2,
        "data": {
            "name": stream.name,
            "stream": stream.stream,
            "version": recipe.release.major * 10000000000,
            "context": "ironlab",
            "arch": "x86_64",
            "summary": stream.summary,
            "description": stream.summary,
            "license": {"module": ["MIT"]},
            "dependencies": [
                {"buildrequires": {"platform": [platform]}, "requires": {"platform": [platform]}}
            ],
            "profiles": {name: {"rpms": rpms} for name, rpms in stream.profiles.items()},
            "artifacts": {"rpms": artifacts},
        },
    }


def _run(*command: str) -> None:
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise IronlabError(f"{command[0]} failed ({outcome.stderr.strip()})", "see its message")
