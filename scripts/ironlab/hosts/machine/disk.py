"""The disk that a virtual machine starts from: a host image, made bootable.

It has the ssh keys in it: it is its owner's, and all machines have one set of host keys.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ironlab import paths
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity, limits
from ironlab.hosts.machine import bootloader
from ironlab.images import asroot, store
from ironlab.images.recipe import load_recipe
from ironlab.locks import lock
from ironlab.process import privileged
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.process import Done

MIB = 1024**2
SIZE = 8 * 1024 * MIB  # what the guest sees; the file grows with what is written
CONTEXTS = "/etc/selinux/targeted/contexts/files/file_contexts"
PODMAN_LEAVES = ("etc/resolv.conf", "etc/hostname", "run/.containerenv", "run/secrets")


@dataclass(frozen=True)
class Disk:
    """A disk to start from, never written to."""

    path: Path
    stand_in: bool


def folder() -> Path:
    """Where disks and saved states are kept."""
    return paths.cache_dir() / "machines"


def find(image: str) -> Disk:
    """The disk of an image that is built; there may be no file yet."""
    info = store.image(image)
    if info is None:
        remedy = f"build it: ./ironlab image build {image}"
        raise IronlabError(f"there is no image {image}", remedy, ExitCode.UNREACHABLE)
    digest = hashlib.sha256(info.recipe.encode())
    ours = [Path(__file__), Path(bootloader.__file__)]  # the code that makes disks
    keys = [identity.public_key_file(), *identity.machine_keys()]
    for path in [*sorted(bootloader.RECIPE.iterdir()), *ours, *keys]:
        digest.update(path.name.encode() + path.read_bytes())
    file = folder() / f"{image}-{digest.hexdigest()[:12]}.qcow2"
    return Disk(file, info.kind == "stand-in")


def ensure(image: str, tell: Callable[[str], None]) -> Disk:
    """The disk of an image; it is made when the recipe has changed."""
    disk = find(image)
    if not disk.path.exists():
        with lock(f"disk-{image}", wait=True):
            if not disk.path.exists():
                tell(f"making the disk of {image} ...")
                _as_root(image, disk.path)
                _drop_others(image, disk.path)
    return disk


def _as_root(image: str, target: Path) -> None:
    """Owners, devices and SELinux labels need root."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = identity.archive(identity.MACHINES)
    if os.geteuid() == 0:
        make(image, target, keys)
        return
    folders = {"XDG_CACHE_HOME": paths.cache_dir().parent, "PYTHONPATH": paths.REPO / "scripts"}
    command = ["env", *(f"{key}={value}" for key, value in folders.items()), sys.executable]
    command += ["-m", "ironlab.hosts.machine.disk", image, str(target), f"{os.getuid()}"]
    done = run_here(privileged(command), stdin=keys)
    if not done.ok:
        cause, _, remedy = done.reason.removeprefix(asroot.MARK).rpartition("; ")
        message = cause or f"the disk of {image} cannot be made as root"
        raise IronlabError(message, remedy or "allow yourself sudo", ExitCode.PREREQUISITE)


def _drop_others(image: str, keep: Path) -> None:
    """Old disks go, unless a machine still stands on one."""
    used = {each.resolve() for each in _backing_files()}
    for path in folder().glob(f"{image}-*.qcow2"):
        if path != keep and path.resolve() not in used:
            path.unlink()


def _backing_files() -> list[Path]:
    machines = (paths.state_dir() / "machines").glob("*/base")
    return [path.readlink() for path in [*machines, *folder().glob("states/*/base")]]


def make(image: str, target: Path, keys: bytes) -> None:
    """Make the disk of an image, as root, with a tar of ssh keys on it."""
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as work:
        root = Path(work) / "root"
        root.mkdir()
        _unpack(image, root)
        _call(["tar", "-x", "-C", str(root), "--numeric-owner"], "the ssh keys", keys)
        _pack(root, Path(work), target)


def _pack(root: Path, work: Path, target: Path) -> None:
    """Make a root file system a disk that boots."""
    uuid = str(uuid4())
    _configure(root, uuid)
    code = bootloader.make_core(run_here, root)
    _label(root)
    raw = work / "raw"
    with raw.open("wb") as stream:
        stream.truncate(SIZE)
    place = f"offset={bootloader.PARTITION_BYTES},lazy_itable_init=1"
    kilobytes = (SIZE - bootloader.PARTITION_BYTES) // 1024
    form = ["mke2fs", "-q", "-t", "ext4", "-U", uuid, "-L", "root", "-E", place]
    _call([*form, "-d", str(root), str(raw), f"{kilobytes}k"], "the file system")
    bootloader.install(raw, code)
    ready = work / target.name
    _call(["qemu-img", "convert", "-O", "qcow2", str(raw), str(ready)], "the disk")
    ready.chmod(0o644)
    ready.replace(target)


def _label(root: Path) -> None:
    """Give each file its SELinux label; that takes no SELinux in this computer's kernel."""
    label = ["chroot", str(root), "setfiles", "-F", "-e", "/proc", CONTEXTS, "/"]
    proc = f"mount --bind /proc {shlex.quote(str(root / 'proc'))}"  # setfiles labels links by it
    within = ["unshare", "--mount", "--propagation", "private", "sh", "-c"]
    _call([*within, f"{proc} && exec {shlex.join(label)}"], "SELinux's labels")


def _unpack(image: str, root: Path) -> None:
    """The image with a machine's packages, as a folder."""
    recipe = load_recipe(image)
    facts = limits.detect(run_here)
    runtime = [f"--runtime={facts.runtime}"] if facts.runtime else []
    container = f"ironlab-disk-{image}"
    remove = ["podman", "rm", "--force", "--ignore", "--time", "0", container]
    _call(remove, "podman")
    options = ["--cap-add=MKNOD", "--cap-add=SYS_CHROOT", "--systemd=false", *facts.ulimits]
    run = ["podman", *runtime, "run", f"--name={container}", "--pull=never", "--no-hosts", *options]
    install = ["dnf", "-y", "--setopt=keepcache=0", "install", *recipe.release.machine_install]
    try:
        done = run_here([*run, f"localhost/ironlab/{image}:latest", *install])
        if not done.ok:
            said = [line for line in (done.out + done.err).splitlines() if "rror" in line]
            cause = said[-1].strip() if said else done.reason
            message = f"the packages of a machine cannot be installed on {image}: {cause}"
            raise IronlabError(message, "mend `machine_install` in images/base.yml")
        export = subprocess.Popen(["podman", "export", container], stdout=subprocess.PIPE)
        with export:
            tar = ["tar", "-x", "-C", str(root), "--numeric-owner", "--xattrs"]
            unpacked = subprocess.run(
                [*tar, "--xattrs-include=*"], stdin=export.stdout, check=False, capture_output=True
            )
        if export.returncode or unpacked.returncode:
            said_by_tar = unpacked.stderr.decode(errors="replace").strip()
            raise IronlabError(f"podman export: {said_by_tar}", "see the free space of the disk")
    finally:
        run_here(remove)


def _configure(root: Path, uuid: str) -> None:
    """What EL's installer writes, and what belongs to no container."""
    for name in PODMAN_LEAVES:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    (root / "etc/hostname").write_text("localhost.localdomain\n", encoding="ascii")
    (root / "etc/fstab").write_text(bootloader.render("fstab", uuid=uuid), encoding="ascii")
    connections = root / "etc/NetworkManager/system-connections"
    for card in ("ens3", "ens4"):
        path = connections / f"{card}.nmconnection"
        path.write_text(bootloader.render(path.name, uuid=uuid4()), encoding="ascii")
        path.chmod(0o600)
    bootloader.write_menu(root, uuid)


def _call(argv: list[str], what: str, stdin: bytes = b"") -> Done:
    done = run_here(argv, stdin=stdin)
    if not done.ok:
        raise IronlabError(f"{what}: {argv[0]}: {done.reason}", "see `./ironlab doctor`")
    return done


def main(arguments: list[str]) -> int:
    """Make a disk for a user who is not root: `python -m ... IMAGE FILE UID`."""
    image, target, owner = arguments
    try:
        make(image, Path(target), sys.stdin.buffer.read())
        os.chown(target, int(owner), -1)
    except IronlabError as error:
        sys.stderr.write(f"{asroot.MARK}{error}\n")
        return error.code
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
