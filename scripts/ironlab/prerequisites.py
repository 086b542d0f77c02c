"""System packages that Ironlab needs: say which and why, ask, install."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ironlab import backports, files, kvm, paths
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
OLD_QEMU = "bookworm"  # the Debian whose own QEMU is older than what runs machines


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
MACHINE_NEEDS = (
    Need("qemu-system-x86", "qemu-system-x86", "runs virtual machines"),
    Need("qemu-utils", "qemu-img", "the disks of virtual machines"),
    Need("e2fsprogs", "e2fsprogs", "the file system on such a disk"),
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
    if lacking:
        _offer(run, manager, lacking, assume_yes=assume_yes)


def ensure_machines(*, assume_yes: bool = False, run: Run = run_as_root) -> None:
    """Install what virtual machines need, in the same way.

    Debian 12's own QEMU is too old: there it comes from Debian's backports, which are switched on
    for it, from where the machine gets its Debian; apt takes from them only what it is told to and
    what that needs.

    Args:
        assume_yes: don't ask.
        run: starts programs as root.

    Raises:
        IronlabError: it can't be installed, or the answer was no.
    """
    manager = package_manager()
    version = kvm.version(run)
    old = version is not None and version[0] < kvm.OLDEST
    if manager is None:
        return  # another system: what is missing is said when a machine is started
    names = [str(need.name(manager)) for need in MACHINE_NEEDS]
    installed = _installed(run, manager, names)
    lacking = [need for need in MACHINE_NEEDS if need.name(manager) not in installed]
    if old:
        lacking = [*MACHINE_NEEDS[:2], *(need for need in lacking if need is MACHINE_NEEDS[2])]
    if lacking:
        _offer(run, manager, lacking, assume_yes=assume_yes, release=_backports(manager))


def _backports(manager: Manager) -> str:
    """The release whose backports have the QEMU; empty where the machine's own is new enough."""
    release = backports.codename() if manager == "apt" else ""
    return release if release == OLD_QEMU else ""


def _offer(
    run: Run, manager: Manager, lacking: list[Need], *, assume_yes: bool, release: str = ""
) -> None:
    """Say what is missing and why, ask, install."""
    tell("Ironlab needs system packages that are missing:")
    for need in lacking:
        tell(f"  {need.name(manager):16} {need.why}")
    if release:
        tell(f"They come from Debian's {release}-backports: {release} has a QEMU that is too old")
    names = [str(need.name(manager)) for need in lacking]
    if not assume_yes and not ask("Install them now?", default=True):
        remedy = f"install {' '.join(names)}, then run the same again"
        raise IronlabError("system packages are missing", remedy, ExitCode.PREREQUISITE)
    if release:
        _switch_on(run, release)
    _install(run, manager, names, f"{release}-backports" if release else "")


def _switch_on(run: Run, release: str) -> None:
    """Add the backports to apt's sources, unless they are among them."""
    suites = run(["apt-get", "indextargets", "--format", "$(RELEASE)", "Created-By: Packages"])
    if f"{release}-backports" in suites.out.split():
        return
    entry = backports.source(release)
    if entry is None:
        message = f"apt's sources name no {release}, so there is no telling where its backports are"
        remedy = f"add {release}-backports to /etc/apt/sources.list"
        raise IronlabError(message, remedy, ExitCode.PREREQUISITE)
    path = backports.APT / backports.FILE
    done = run(["tee", str(path)], stdin=entry.encode())
    if not done.ok:
        remedy = "add the backports by hand"
        raise IronlabError(f"cannot write {path}: {done.reason}", remedy, ExitCode.PREREQUISITE)
    tell(f"  {path} added")


def _install(run: Run, manager: Manager, names: list[str], suite: str = "") -> None:
    if manager == "apt":
        apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]
        target = ["-t", suite] if suite else []
        install = ["install", "-y", "--no-install-recommends", *target, *names]
        steps = [[*apt, "update"], [*apt, *install]]
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
