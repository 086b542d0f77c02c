"""Build an image on Rocky's own, where a container registry answers."""

from __future__ import annotations

import http.client
import subprocess
import time
from threading import Thread
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.images import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.images.recipe import Recipe

TIMEOUT = 3.0
_HOSTS = {"docker.io": "registry-1.docker.io"}


def answers(reference: str) -> bool:
    """Say whether the registry of an image answers within three seconds."""
    host = reference.split("/", 1)[0]
    said: list[bool] = []
    # a thread, because looking up the name has no time limit of its own
    asking = Thread(target=lambda: said.append(_asked(_HOSTS.get(host, host))), daemon=True)
    asking.start()
    asking.join(TIMEOUT)
    return said == [True]


def _asked(host: str) -> bool:
    connection = http.client.HTTPSConnection(host, timeout=TIMEOUT)
    try:
        connection.request("GET", "/v2/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return status in {http.client.OK, http.client.UNAUTHORIZED}


def build(recipe: Recipe, progress: Callable[[str], None]) -> None:
    """Put ssh, sudo and the admin user onto Rocky's image."""
    release, start = recipe.release, time.monotonic()
    progress(f"build on {release.registry}")
    tag = f"{store.PREFIX}/{release.image}:{recipe.digest[:12]}"
    command = store.podman(
        "build",
        "--pull=newer",
        f"--build-arg=BASE={release.registry}",
        f"--tag={tag}-layers",
        f"--file={recipe.folder / 'Containerfile.rocky'}",
        str(recipe.folder),
    )
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        last = ""
        for line in process.stdout or ():
            last = line.strip() or last
            progress(last)
    if process.returncode != 0:
        raise IronlabError(
            f"podman cannot build on {release.registry} ({last})",
            "check the network, or build with --source stand-in on Debian",
            ExitCode.PREREQUISITE,
        )
    packages = _count_packages(f"{tag}-layers")
    labels = {
        "recipe": recipe.digest,
        "kind": "rocky",
        "packages": str(packages),
    }
    store.label(f"{tag}-layers", tag, labels, start)
    store.point(release.image, tag)


def _count_packages(tag: str) -> int:
    command = store.podman("run", "--rm", "--entrypoint=/usr/bin/rpm", tag, "-qa")
    return len(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
