"""GRUB on a disk image: the sectors before the first partition, and its menu.

`grub2-install` wants a disk that is attached to a running kernel. The image is a file, so the two
pieces that it would write are put where it would put them.
"""

from __future__ import annotations

import re
import shutil
import struct
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from ironlab import paths
from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.process import Run

SECTOR = 512
PARTITION_SECTOR = 2048  # the first partition begins at 1 MiB, as on every disk of today
PARTITION_BYTES = PARTITION_SECTOR * SECTOR
LINUX = 0x83
BOOT_CODE = 440  # what of the first sector is code: the disk's id and its partitions follow
RECIPE = paths.REPO / "images" / "machine"
MODULES = "usr/lib/grub/i386-pc"
FOLDER = "boot/grub2"
IN_CORE = ("biosdisk", "part_msdos", "ext2", "search_fs_uuid", "normal", "serial", "linux")


def render(name: str, **values: object) -> str:
    """A file of the recipe."""
    environment = Environment(  # noqa: S701 - configuration files, and no HTML among them
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    text = (RECIPE / name).read_text(encoding="utf-8")
    return environment.from_string(text).render(**values)


def write_menu(root: Path, uuid: str) -> None:
    """Write the menu into a root file system, newest kernel first, by its /etc/default/grub."""
    settings = (root / "etc/default/grub").read_text(encoding="utf-8")
    kernels = sorted(
        (path.name.removeprefix("vmlinuz-") for path in (root / "boot").glob("vmlinuz-*")),
        reverse=True,
    )
    if not kernels:
        raise IronlabError(f"there is no kernel in {root}/boot", "mend `machine_install`")
    text = render(
        "grub.cfg",
        uuid=uuid,
        kernels=kernels,
        title=_setting(r'^PRETTY_NAME="?([^"\n]*)', (root / "etc/os-release").read_text()),
        timeout=_setting(r"^GRUB_TIMEOUT=(\d+)", settings),
        arguments=_setting(r'^GRUB_CMDLINE_LINUX="([^"]*)"', settings),
    )
    (root / FOLDER / "grub.cfg").write_text(text, encoding="utf-8")
    (root / FOLDER / "grub.cfg").chmod(0o600)


def _setting(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise IronlabError(f"/etc/default/grub of the image lacks {pattern}", "mend the recipe")
    return found[1]


def make_core(run: Run, root: Path) -> bytes:
    """The sectors of GRUB that find its folder; the modules go where it looks for them."""
    shutil.copytree(root / MODULES, root / FOLDER / "i386-pc", dirs_exist_ok=True)
    core = root / FOLDER / "i386-pc" / "core.img"
    prefix = f"(,msdos1)/{FOLDER}"
    inside = f"/{core.relative_to(root)}"
    argv = ["grub2-mkimage", "--format=i386-pc", f"--output={inside}", f"--prefix={prefix}"]
    done = run(["chroot", str(root), *argv, *IN_CORE])
    if not done.ok:
        raise IronlabError(f"grub2-mkimage in the image: {done.reason}", "mend the recipe")
    return (root / MODULES / "boot.img").read_bytes()[:BOOT_CODE] + core.read_bytes()


def install(disk: Path, code: bytes) -> None:
    """Write GRUB and the partition table to the beginning of a disk image.

    Args:
        disk: the image; its one partition begins at `PARTITION_BYTES`.
        code: `make_core`'s: what goes into the first sector, then what goes behind it.
    """
    core = code[BOOT_CODE:]
    if SECTOR + len(core) > PARTITION_BYTES:
        raise IronlabError("GRUB is too large for the gap before the partition", "mend IN_CORE")
    sectors = disk.stat().st_size // SECTOR - PARTITION_SECTOR
    beyond = b"\xfe\xff\xff"  # no cylinder, head and sector: count in blocks
    entry = struct.pack("<B3sB3sII", 0x80, beyond, LINUX, beyond, PARTITION_SECTOR, sectors)
    with disk.open("r+b") as stream:
        stream.write(code[:BOOT_CODE])
        stream.seek(446)
        stream.write(entry)
        stream.seek(SECTOR - 2)
        stream.write(b"\x55\xaa")
        stream.write(core)
