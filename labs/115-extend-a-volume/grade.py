"""Grades lab 115: asks LVM and the kernel, and compares content and UUID with those before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Baseline, Values

_MIB = 1024 * 1024
_MOST_OVERHEAD = 0.15  # of the volume, for itself: inodes, and a log of 64 MiB for xfs


def _json(host: Host, command: str, *args: str) -> Any:  # noqa: ANN401 - each command has its own form
    """What a command says in JSON; nothing when it has nothing to say."""
    found = host.run(command, *args).stdout.strip()
    return json.loads(found) if found else {}


def _report(host: Host, command: str) -> list[dict[str, str]]:
    """The rows of an LVM report, sizes as bytes."""
    found = _json(host, f"{command} --reportformat json --units b --nosuffix")
    reports: list[dict[str, list[dict[str, str]]]] = found.get("report", [])
    return [row for report in reports for rows in report.values() for row in rows]


def _volume(host: Host, lab: Values, name: str) -> dict[str, str]:
    options = "vg_name,lv_name,lv_size,lv_uuid,lv_kernel_major,lv_kernel_minor"
    rows = _report(host, f"lvs --options {options}")
    found = [r for r in rows if (r["vg_name"], r["lv_name"]) == (lab.group, name)]
    expect.that(bool(found), f"logical volume {lab.group}/{name}", found=rows, wanted="there")
    return found[0]


def _content(host: Host, folder: str) -> str:
    """One checksum of all files, with names, modes and owners."""
    listed = "find . -xdev -type f -exec stat -c '%%n %%a %%U %%G' {} + -exec sha256sum {} +"
    return str(host.run(f"cd %s && {listed} | sort | sha256sum", folder).stdout)


def _mount(host: Host, name: str) -> dict[str, Any]:
    options = "MAJ:MIN,FSTYPE,UUID,SIZE"
    command = f"findmnt --json --bytes --output {options} --mountpoint %s"
    mounts: list[dict[str, Any]] = _json(host, command, f"/srv/{name}").get("filesystems", [])
    return mounts[-1] if mounts else {}


def remember(host: Host, lab: Values) -> dict[str, dict[str, Any]]:
    """What must stay."""
    return {name: _state(host, lab, name) for name in (lab.data, lab.other)}


def _state(host: Host, lab: Values, name: str) -> dict[str, Any]:
    mount, volume = _mount(host, name), _volume(host, lab, name)
    return {
        "volume": volume["lv_uuid"],
        "size": volume["lv_size"],
        "file system": mount.get("uuid", "not mounted"),
        "content": _content(host, f"/srv/{name}"),
    }


def test_group(host: Host, lab: Values) -> None:
    """The whole disk, beside the one that it had."""
    rows = _report(host, "pvs --options pv_name,vg_name")
    found = {row["pv_name"] for row in rows if row["vg_name"] == lab.group}
    expect(f"disks of {lab.group}", found=found, wanted={lab.disk, lab.spare})


def test_volume(host: Host, lab: Values) -> None:
    """Exactly that size."""
    size = int(_volume(host, lab, lab.data)["lv_size"]) / _MIB
    expect(f"size of {lab.group}/{lab.data}, MiB", found=size, wanted=lab.size)


def test_room(host: Host, lab: Values, baseline: Baseline) -> None:
    """Larger, and the same file system with the same files."""
    mount = _mount(host, lab.data)
    size = int(mount.get("size") or 0) / _MIB
    volume = int(_volume(host, lab, lab.data)["lv_size"]) / _MIB
    what, least = f"size of the file system at /srv/{lab.data}", volume * (1 - _MOST_OVERHEAD)
    expect.that(
        size >= least and volume > 400,
        what,
        found=f"{size:.0f} MiB of a volume of {volume:.0f} MiB",
        wanted="the whole of a larger volume",
    )
    before, now = baseline[lab.data], _state(host, lab, lab.data)
    for part in ("volume", "file system"):
        expect(f"UUID of the {part}", found=now[part], wanted=before[part])
    same = now["content"] == before["content"]
    expect(f"the files in /srv/{lab.data} are as they were", found=same, wanted=True)


def test_swap(host: Host, lab: Values) -> None:
    """The volume, its size, its use."""
    volume = _volume(host, lab, "swap")
    size = int(volume["lv_size"]) / _MIB
    expect(f"size of {lab.group}/swap, MiB", found=size, wanted=lab.swap)
    # The kernel's list has names as /dev/dm-3; numbers are the same everywhere.
    used = (
        "swapon --show=NAME --noheadings --raw |"
        " xargs -r lsblk --noheadings --nodeps --raw --output MAJ:MIN"
    )
    found = host.run(used).stdout.split()
    device = f"{volume['lv_kernel_major']}:{volume['lv_kernel_minor']}"
    what = "swap spaces in use, by number"
    expect.that(device in found, what, found=found, wanted=f"{device} among them")


def keep_other(host: Host, lab: Values, baseline: Baseline) -> None:
    """It belongs to somebody else."""
    before, now = baseline[lab.other], _state(host, lab, lab.other)
    differing = [part for part, value in before.items() if now[part] != value]
    expect(f"what is new of {lab.other}", found=differing, wanted=[])
