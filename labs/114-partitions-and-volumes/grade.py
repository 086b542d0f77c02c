"""Grades lab 114: asks the kernel, LVM and the boot's own list what is in use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Baseline, Values

_MIB = 1024 * 1024
_TOLERANCE = 2
_TAGS = ("UUID", "LABEL", "PARTUUID", "PARTLABEL")
_STABLE = tuple(f"{tag}=" for tag in _TAGS) + tuple(f"/dev/disk/by-{t.lower()}/" for t in _TAGS)


def _json(host: Host, command: str, *args: str) -> Any:  # noqa: ANN401 - each command has its own form
    """What a command says in JSON; nothing when it has nothing to say."""
    found = host.run(command, *args).stdout.strip()
    return json.loads(found) if found else {}


def _partitions(host: Host, lab: Values) -> list[dict[str, Any]]:
    """The partitions of the disk as the kernel has them: name and size."""
    found = _json(host, "lsblk --json --bytes --output PATH,TYPE,SIZE,PTTYPE %s", lab.disk)
    every = [one for one in _flat(found.get("blockdevices", [])) if one["type"] == "part"]
    return sorted(every, key=lambda one: str(one["path"]))


def _flat(devices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [d for device in devices for d in (device, *_flat(device.get("children", [])))]


def test_table(host: Host, lab: Values) -> None:
    """The kernel's view; that it is on the disk shows after the reboot."""
    found = _partitions(host, lab)
    kinds = {one["pttype"] for one in found}
    expect(f"kind of partition table on {lab.disk}", found=kinds, wanted={"gpt"})
    names = [one["path"] for one in found]
    expect("partitions", found=names, wanted=[f"{lab.disk}1", f"{lab.disk}2"])
    size = int(found[0]["size"]) / _MIB
    near = abs(size - int(lab.swap)) <= _TOLERANCE
    expect.that(near, f"size of {names[0]}", found=f"{size:g} MiB", wanted=f"{lab.swap} MiB")
    sizes = host.run("blockdev --getsize64 %s", lab.disk).stdout.strip()
    rest = int(sizes or 0) / _MIB - size - int(found[1]["size"]) / _MIB
    expect.that(rest <= 2 * _TOLERANCE, "left over", found=f"{rest:g} MiB", wanted="next to none")


def _report(host: Host, command: str) -> list[dict[str, str]]:
    """The rows of an LVM report, sizes as bytes."""
    found = _json(host, f"{command} --reportformat json --units b --nosuffix")
    reports: list[dict[str, list[dict[str, str]]]] = found.get("report", [])
    return [row for report in reports for rows in report.values() for row in rows]


def test_physical(host: Host, lab: Values) -> None:
    """That partition and no other device."""
    rows = _report(host, "pvs --options pv_name,vg_name")
    mine = [row["pv_name"] for row in rows if row["vg_name"] == lab.group]
    expect(f"physical volumes of {lab.group}", found=mine, wanted=[f"{lab.disk}2"])


def test_group(host: Host, lab: Values) -> None:
    """Its extent size can't be told from the volumes."""
    rows = _report(host, "vgs --options vg_name,vg_extent_size")
    sizes = {row["vg_name"]: int(row["vg_extent_size"]) / _MIB for row in rows}
    expect(f"extent size of {lab.group}, MiB", found=sizes.get(lab.group), wanted=lab.extent)


def _volume(host: Host, lab: Values, name: str) -> dict[str, str]:
    options = "vg_name,lv_name,lv_size,lv_kernel_major,lv_kernel_minor"
    rows = _report(host, f"lvs --options {options}")
    found = [r for r in rows if (r["vg_name"], r["lv_name"]) == (lab.group, name)]
    expect.that(bool(found), f"logical volume {lab.group}/{name}", found=rows, wanted="there")
    return found[0]


def _mounted(host: Host, lab: Values, name: str, size: int) -> dict[str, Any]:
    """The file system at the volume's mount point, which is checked to be on the volume."""
    volume = _volume(host, lab, name)
    found_size = int(volume["lv_size"]) / _MIB
    expect(f"size of {lab.group}/{name}, MiB", found=found_size, wanted=size)
    host.run("stat %s", f"/srv/{name}/.")  # an automount waits for the first to ask
    options = "MAJ:MIN,FSTYPE,OPTIONS,LABEL"
    found = _json(host, f"findmnt --json --output {options} --mountpoint %s", f"/srv/{name}")
    mounts: list[dict[str, Any]] = found.get("filesystems", [])
    kinds = [mount["fstype"] for mount in mounts]
    expect.that(bool(mounts), f"mounted at /srv/{name}", found=kinds, wanted="a file system")
    device = f"{volume['lv_kernel_major']}:{volume['lv_kernel_minor']}"
    expect(f"device mounted at /srv/{name}", found=mounts[-1]["maj:min"], wanted=device)
    return mounts[-1]


def test_first(host: Host, lab: Values) -> None:
    """Volume, file system, label, mount."""
    mount = _mounted(host, lab, lab.first, int(lab.first_extents) * int(lab.extent))
    expect(f"file system at /srv/{lab.first}", found=mount["fstype"], wanted="ext4")
    expect(f"label at /srv/{lab.first}", found=str(mount["label"]), wanted=lab.first)


def test_second(host: Host, lab: Values) -> None:
    """Volume, file system, option, mount."""
    mount = _mounted(host, lab, lab.second, int(lab.second_size))
    expect(f"file system at /srv/{lab.second}", found=mount["fstype"], wanted="xfs")
    options = mount["options"].split(",")
    what = f"options at /srv/{lab.second}"
    expect.that("noexec" in options, what, found=options, wanted="noexec")


def test_swap(host: Host, lab: Values) -> None:
    """As the kernel lists it."""
    found = host.run("swapon --show=NAME --noheadings --raw").stdout.split()
    what = "swap spaces in use"
    expect.that(f"{lab.disk}1" in found, what, found=found, wanted=f"{lab.disk}1 among them")


def _boot_source(host: Host, point: str) -> str:
    """What is mounted there at boot: by fstab, or by a unit of one's own."""
    found = str(host.run("findmnt --fstab --noheadings --output SOURCE %s", point).stdout).strip()
    if found:
        return found
    unit = host.run("systemd-escape --path --suffix=mount %s", point).stdout.strip()
    # Not `systemctl cat`: it shows what was generated from an fstab of before.
    own = host.run("sed -n 's/^What=//p' %s", f"/etc/systemd/system/{unit}")
    return str(own.stdout).strip() or "nothing"


def test_named(host: Host, lab: Values) -> None:
    """An LVM name would do on a real host; the task asks for more."""
    for name in (lab.first, lab.second):
        source = _boot_source(host, f"/srv/{name}")
        stable = source.replace('"', "").startswith(_STABLE)
        expect.that(stable, f"/srv/{name} at boot", found=source, wanted="UUID or label")
    # Every swap line of fstab, and every swap unit, resolved to its device.
    listed = host.run(
        "{ findmnt --fstab --types swap --noheadings --raw --output SOURCE;"
        " sed -n 's/^What=//p' /etc/systemd/system/*.swap 2> /dev/null; } |"
        " while read -r source; do"
        " echo $source $(readlink -f $(findfs $source 2> /dev/null || echo $source)); done"
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    mine = [row[0] for row in rows if row[-1:] == [f"{lab.disk}1"]]
    stable = any(source.startswith(_STABLE) for source in mine)
    expect.that(stable, f"{lab.disk}1 at boot", found=mine or rows, wanted="UUID or label")


def _archive(host: Host, lab: Values) -> str:
    """Where partition tables, labels of LVM and what a mount writes have their place."""
    other = {"/dev/vdb": "/dev/vdc", "/dev/vdc": "/dev/vdb"}[lab.disk]
    return str(host.run("head -c 8M %s | sha256sum", other).stdout)


def remember(host: Host, lab: Values) -> dict[str, str]:
    """What must stay: the archive, by its first blocks."""
    return {"archive": _archive(host, lab)}


def keep_archive(host: Host, lab: Values, baseline: Baseline) -> None:
    """Nobody mounts it for writing, not even once."""
    same = _archive(host, lab) == baseline["archive"]
    expect("the archive is as it was", found=same, wanted=True)
