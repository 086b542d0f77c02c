"""Install RPMs into an empty root and finish it as an installer would."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.images.recipe import Recipe

REPOSITORIES = "usr/share/ironlab/repos"
FACT = "etc/ansible/facts.d/ironlab.fact"
# Scriptlets and dnf want these; the image carries none, its container runtime makes them.
_DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}
_BUILD_ONLY = ("var/lib/systemd/random-seed", "var/log/dnf*.log", "var/log/hawkey.log")


def install(recipe: Recipe, rpms: list[Path], root: Path, progress: Callable[[str], None]) -> None:
    """Have rpm install the packages, scriptlets and all, into an empty root."""
    (root / "dev").mkdir(parents=True)
    for name, (major, minor) in _DEVICES.items():
        os.mknod(root / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        (root / "dev" / name).chmod(0o666)
    (root / "dev" / "shm").mkdir(mode=0o1777)
    dbpath = f"_dbpath {recipe.release.dbpath}"
    command = ["rpm", "--root", str(root), "--define", dbpath, "--nosignature", "-iv"]
    process = subprocess.Popen(
        [*command, *map(str, rpms)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    said, done = [], 0
    with process:
        for line in process.stdout or ():
            said.append(line.strip())
            if len(line.split()) == 1:
                done += 1
                progress(f"install {done}/{len(rpms)} {line.strip()}")
    trouble = [line for line in said if line.startswith(("warning:", "error:"))]
    if process.returncode != 0 or trouble:
        cause = " / ".join(trouble[:8]) or "\n".join(said[-5:])
        raise IronlabError(f"rpm cannot install the image's packages ({cause})", "mend the recipe")


def finish(recipe: Recipe, repositories: Path, root: Path, progress: Callable[[str], None]) -> None:
    """Do what EL's installer does after the packages, and what the stand-in adds."""
    release = recipe.release
    progress("finish: repositories")
    shutil.copytree(repositories, root / REPOSITORIES, copy_function=shutil.copyfile)
    progress("finish: library cache, byte code, presets")
    _in(root, "ldconfig")
    python = f"/usr/lib/{release.python}"
    _in(root, "python3", "-m", "compileall", "-q", "-j2", python, "/usr/lib/python3/dist-packages")
    _in(root, "systemctl", "preset-all")
    _in(root, "systemctl", "set-default", "multi-user.target")
    progress("finish: account, marker")
    _in(root, "useradd", "-u", "1000", "-m", "-G", "wheel", "-c", "Administrator", "admin")
    _write(root, "etc/sudoers.d/admin", "admin ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    fact = {
        "stand_in": True,
        "image": release.image,
        "recipe": recipe.digest[:12],
        "cannot": {lack.what: lack.why for lack in release.cannot},
    }
    _write(root, FACT, json.dumps(fact, indent=2) + "\n", 0o644)
    progress("finish: dnf metadata")
    _in(root, "dnf", "-q", "makecache")
    _write(root, "etc/machine-id", "", 0o444)
    for pattern in _BUILD_ONLY:
        for path in root.glob(pattern):
            path.unlink()
    shutil.rmtree(root / "dev")
    (root / "dev").mkdir()
    shutil.rmtree(root / "tmp", ignore_errors=True)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)


def _write(root: Path, name: str, text: str, mode: int) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _in(root: Path, *command: str) -> None:
    environment = {"PATH": "/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "SYSTEMD_OFFLINE": "1"}
    outcome = subprocess.run(
        ["chroot", str(root), *command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if outcome.returncode != 0:
        cause = (outcome.stderr or outcome.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise IronlabError(f"{command[0]} failed in the new root ({cause[0]})", "mend the recipe")
