"""Install programs out of upstream release archives (the part that runs on the controller)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.urls import open_url
from ansible.plugins.action import ActionBase

TIMEOUT = 30  # seconds without an answer; the length of a download is not limited


def is_address(source: str) -> bool:
    """Whether archives are fetched from there, rather than read from a folder."""
    return source.startswith(("http://", "https://"))


def checksum(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def default_cache() -> Path:
    """Fetched archives are kept for the next host."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ironlab" / "releases"


def fetch(release: dict[str, Any], cache: Path) -> Path:
    """Fetch an archive into the cache, once for all hosts, and return where it is."""
    target = cache / str(release["file"])
    address = f"{release['source'].rstrip('/')}/{release['file']}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:  # hosts run in parallel, and all want the same file
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists() and checksum(target) == release["sha256"]:
            return target
        partial = target.with_name(f"{target.name}.part")
        try:
            with open_url(address, timeout=TIMEOUT) as answer, partial.open("wb") as stream:
                shutil.copyfileobj(answer, stream)
        except OSError as error:
            raise AnsibleActionFail(
                f"can't fetch {address}: {error}; put {release['file']} into a folder on the "
                f"controller and name that folder as the source of {release['name']}",
            ) from error
        partial.replace(target)
    return target


def obtain(release: dict[str, Any], cache: Path) -> Path:
    """Return the archive on the controller, with its checksum verified."""
    source = str(release["source"])
    if is_address(source):
        archive = fetch(release, cache)
    else:
        archive = Path(source).expanduser() / str(release["file"])
        if not archive.is_file():
            raise AnsibleActionFail(
                f"{archive} is not there; put the release archive of {release['name']} "
                f"{release['version']} into that folder, or name another source",
            )
    found = checksum(archive)
    if found != release["sha256"]:
        raise AnsibleActionFail(
            f"the sha256 of {archive} is {found}, not {release['sha256']}; give version, file and "
            f"sha256 of {release['name']} as its release page lists them, or fetch it again",
        )
    return archive


def resolve(release: dict[str, Any], source: str | None) -> dict[str, Any]:
    """Say where the archive of this version is, in the source for all releases if there is one."""
    release = {**release, "source": source or release.get("source", "")}
    for key in ("file", "source"):
        release[key] = str(release.get(key, "")).replace("{version}", str(release.get("version")))
    return release


def check_releases(releases: list[dict[str, Any]]) -> None:
    """Refuse what would lead out of a folder or could never match, before anything is done."""
    for release in releases:
        for key in ("name", "file"):
            if not re.fullmatch(r"[\w.+-]+", str(release.get(key, ""))):
                raise AnsibleActionFail(
                    f"{key} of a release is {release.get(key)!r}; give a plain file name",
                )
        if not re.fullmatch(r"[0-9a-f]{64}", str(release.get("sha256", ""))):
            raise AnsibleActionFail(
                f"sha256 of {release['name']} is {release.get('sha256')!r}; "
                "give its 64 hexadecimal digits",
            )


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core is not typed
    """Ask the host what it lacks, bring the archives of that, and have them unpacked."""

    def run(
        self,
        tmp: str | None = None,
        task_vars: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """One short module run when nothing is to do; the archives travel only when needed."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments: dict[str, Any] = dict(self._task.args)
        wanted = [resolve(r, arguments.get("source")) for r in arguments.get("releases") or []]
        check_releases(wanted)
        arguments["releases"] = wanted
        releases = {r["name"]: r for r in wanted}
        result.update(self._ask(arguments, task_vars))
        missing = result.get("missing", [])
        if result.get("failed") or not missing or self._task.check_mode:
            return result
        cache = Path(arguments.get("cache_dir") or default_cache()).expanduser()
        found = {name: obtain(releases[name], cache) for name in missing}
        folder = self._make_tmp_path()
        remote = {name: f"{folder.rstrip('/')}/{archive.name}" for name, archive in found.items()}
        for name, archive in found.items():
            self._transfer_file(str(archive), remote[name])
        self._fixup_perms2((folder, *remote.values()))
        result.update(self._ask({**arguments, "archives": remote}, task_vars))
        return result

    def _ask(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(
            module_name="release_archive",
            module_args=arguments,
            task_vars=task_vars,
        )
        return answer
