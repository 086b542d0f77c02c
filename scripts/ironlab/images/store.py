"""Images as podman keeps them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "localhost/ironlab"
LABEL = "ironlab"
Kind = Literal["stand-in", "rocky"]


class ImageInfo(BaseModel):
    """A built image."""

    name: str
    kind: Kind
    recipe: str
    tag: str
    size_bytes: int
    build_seconds: float
    built_at: datetime
    packages: int


def podman(*arguments: str) -> list[str]:
    """Name the command that speaks to the rootful podman."""
    return [*(() if os.geteuid() == 0 else ("sudo",)), "podman", *arguments]


def image(name: str) -> ImageInfo | None:
    """Look an image up; None when it is not built."""
    if shutil.which("podman") is None:
        return None
    command = podman("image", "inspect", f"{PREFIX}/{name}:latest")
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        return None
    found = json.loads(outcome.stdout)[0]
    labels = found.get("Labels") or {}
    if f"{LABEL}.recipe" not in labels:
        return None
    return ImageInfo(
        name=name,
        kind=labels[f"{LABEL}.kind"],
        recipe=labels[f"{LABEL}.recipe"],
        tag=f"{PREFIX}/{name}:latest",
        size_bytes=found["Size"],
        build_seconds=float(labels[f"{LABEL}.build-seconds"]),
        built_at=found["Created"],
        packages=int(labels[f"{LABEL}.packages"]),
    )


def import_root(name: str, root: Path, labels: dict[str, str], start: float) -> None:
    """Make a root file system an image and point the name at it.

    Args:
        name: the image's name.
        root: the finished root.
        labels: what to note on it.
        start: when the build began, by the monotonic clock.
    """
    changes = ['CMD ["/sbin/init"]', "STOPSIGNAL SIGRTMIN+3", "ENV container=oci"]
    command = podman("import", "--quiet")
    for change in changes:
        command += ["--change", change]
    tag = f"{PREFIX}/{name}:{labels['recipe'][:12]}"
    packing = [
        "tar",
        "-C",
        str(root),
        "--numeric-owner",
        "--xattrs",
        "--xattrs-include=*",
        "-c",
        ".",
    ]
    with subprocess.Popen(packing, stdout=subprocess.PIPE) as tar:
        outcome = subprocess.run(
            [*command, "-"], stdin=tar.stdout, capture_output=True, text=True, check=False
        )
    if outcome.returncode != 0 or tar.returncode != 0:
        raise IronlabError(
            f"podman cannot take the image in ({outcome.stderr.strip()})",
            "see `podman info` and the free space of its storage",
            ExitCode.PREREQUISITE,
        )
    label(outcome.stdout.strip(), tag, labels, start)
    point(name, tag)


def point(name: str, tag: str) -> None:
    """Make a tag the latest one, and drop older ones that no container uses."""
    subprocess.run(podman("tag", tag, f"{PREFIX}/{name}:latest"), check=True, capture_output=True)
    listing = podman("images", "--format={{.Tag}}", f"--filter=reference={PREFIX}/{name}")
    tags = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split()
    for old in set(tags) - {"latest", tag.rpartition(":")[2]}:
        # fails, and rightly so, while a container is made of it
        command = podman("rmi", f"{PREFIX}/{name}:{old}")
        subprocess.run(command, check=False, capture_output=True)


def label(source: str, tag: str, labels: dict[str, str], start: float) -> None:
    """Note on an image what is known only after it is built, its build time among it."""
    noted = labels | {"build-seconds": f"{time.monotonic() - start:.0f}"}
    text = f"FROM {source}\n" + "".join(f"LABEL {LABEL}.{k}={v}\n" for k, v in noted.items())
    with tempfile.TemporaryDirectory() as context:
        command = podman("build", f"--tag={tag}", "--file=-", "--pull=never", context)
        outcome = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if outcome.returncode != 0:
        raise IronlabError(
            f"podman cannot label the image ({outcome.stderr.strip().splitlines()[-1:]})",
            "see `podman info` and the free space of its storage",
            ExitCode.PREREQUISITE,
        )
