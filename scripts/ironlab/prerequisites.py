"""System packages that Ironlab needs: say which and why, ask, install."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ironlab import files, paths
from ironlab.console import ask, tell
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import limits
from ironlab.process import run_as_root

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ironlab.process import Done, Run

Manager = Literal["apt", "dnf"]
GIB = 1024**3
STORAGE = Path("/var/lib/containers")


@dataclass(frozen=True)
class Need:
    """A package, by its name on Debian and on EL, and what it is for."""

    apt: str | None
    dnf: str | None
    why: str

    def name(self, manager: Manager) -> str | None:
        """The package's name here; None where it is not needed."""
        return self.apt if manager == "apt" else self.dnf


NEEDS = (
    Need("podman", "podman", "runs the hosts"),
    Need("netavark", "netavark", "the network between the hosts"),
    Need("aardvark-dns", "aardvark-dns", "the hosts find each other by name"),
    Need("iptables", "iptables-nft", "podman's port and network rules"),
    Need("nftables", "nftables", "podman's port and network rules"),
    Need("openssh-client", "openssh-clients", "the way into the hosts"),
    # only Debian can build a stand-in image; elsewhere the image comes from a registry
    Need("rpm", None, "builds the host images' packages"),
    Need("createrepo-c", None, "builds the host images' package repositories"),
    Need("zstd", None, "compresses the host images' packages"),
)
RUNTIMES = {
    "v2": Need("crun", "crun", "starts the containers"),
    "v1": Need("runc", "runc", "starts the containers (this machine has cgroup v1)"),
    "hybrid": Need("runc", "runc", "starts the containers (this machine has hybrid cgroups)"),
}


def package_manager() -> Manager | None:
    """What installs packages here."""
    if shutil.which("apt-get"):
        return "apt"
    return "dnf" if shutil.which("dnf") else None


def missing(run: Run, manager: Manager, cgroup: limits.Cgroup) -> list[Need]:
    """The needed packages that are not installed."""
    needs = [need for need in (*NEEDS, RUNTIMES[cgroup]) if need.name(manager)]
    names = [str(need.name(manager)) for need in needs]
    installed = _installed(run, manager, names)
    return [need for need in needs if need.name(manager) not in installed]


def _installed(run: Run, manager: Manager, names: Iterable[str]) -> set[str]:
    if manager == "apt":
        form = "${binary:Package} ${db:Status-Status}\n"
        lines = run(["dpkg-query", "-W", "-f", form, *names]).out.splitlines()
        pairs = [line.split() for line in lines]
        return {pair[0].partition(":")[0] for pair in pairs if pair[1:] == ["installed"]}
    return {name for name in names if run(["rpm", "-q", "--whatprovides", "--quiet", name]).ok}


def ensure(*, assume_yes: bool = False, run: Run = run_as_root) -> None:
    """Install what is missing, after saying which and why, and asking where there is a terminal.

    Args:
        assume_yes: don't ask.
        run: starts programs as root.

    Raises:
        IronlabError: it can't be installed, or the answer was no.
    """
    manager = package_manager()
    if manager is None:
        if shutil.which("podman"):
            return  # another system, whose owner has seen to it
        message = "podman is missing, and this system has neither apt nor dnf"
        raise IronlabError(message, "install podman by hand", ExitCode.PREREQUISITE)
    lacking = missing(run, manager, limits.detect(run).cgroup)
    if not lacking:
        return
    tell("Ironlab needs system packages that are missing:")
    for need in lacking:
        tell(f"  {need.name(manager):16} {need.why}")
    names = [str(need.name(manager)) for need in lacking]
    if not assume_yes and not ask("Install them now?", default=True):
        remedy = f"install {' '.join(names)}, then run the same again"
        raise IronlabError("system packages are missing", remedy, ExitCode.PREREQUISITE)
    _install(run, manager, names)


def _install(run: Run, manager: Manager, names: list[str]) -> None:
    if manager == "apt":
        apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]
        steps = [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *names]]
    else:
        steps = [["dnf", "install", "-y", *names]]
    log = paths.state_dir() / "logs" / "packages.log"
    said: list[Done] = []
    for step in steps:
        tell(f"  {' '.join(step[step.index('install') :] if 'install' in step else step[-1:])} ...")
        said.append(run(step))
        files.write(log, "".join(done.out + done.err for done in said))
        if not said[-1].ok and "install" in step:  # an update may fail for one source among many
            message = f"cannot install {' '.join(names)}: {said[-1].reason}"
            raise IronlabError(message, f"see {log}", ExitCode.PREREQUISITE)


def require_space(needed: int) -> None:
    """Refuse at once what would run out of disk after minutes."""
    for folder in (STORAGE, paths.cache_dir()):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        if free < needed:
            message = f"{folder} has {free / GIB:.1f} GiB free, {needed / GIB:.1f} GiB are needed"
            remedy = "free some space; `podman system df` shows what containers use"
            raise IronlabError(message, remedy, ExitCode.PREREQUISITE)
