"""Grades lab 116: asks the kernel what is mounted, and the service what it serves."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Baseline, Values

_DISK = "/dev/vdb"
_OTHERS = ("nobody", "student")


def remember(host: Host, lab: Values) -> dict[str, str]:  # noqa: ARG001 - one signature for all labs
    """What must stay."""
    uuid = host.run("blkid --probe --match-tag UUID --output value %s", _DISK).stdout.strip()
    return {"uuid": uuid}


def _mount(host: Host, lab: Values) -> dict[str, Any]:
    command = "findmnt --json --output SOURCE,FSTYPE,UUID --mountpoint %s"
    found = host.run(command, f"/srv/{lab.folder}").stdout.strip()
    mounts: list[dict[str, Any]] = json.loads(found)["filesystems"] if found else []
    return mounts[-1] if mounts else {}


def test_mounted(host: Host, lab: Values, baseline: Baseline) -> None:
    """The same file system; that it is mounted at boot shows after the reboot."""
    mount = _mount(host, lab)
    path = f"/srv/{lab.folder}"
    expect(f"device mounted at {path}", found=mount.get("source", "none"), wanted=_DISK)
    expect(f"UUID of the file system at {path}", found=mount["uuid"], wanted=baseline["uuid"])
    # "findmnt --verify" would complain of a line that the boot itself doesn't stumble over.
    unit = host.run("systemd-escape --path --suffix=mount %s", path).stdout.strip()
    state = host.run("systemctl is-active %s", unit).stdout.strip()
    expect(f"state of {unit}", found=state, wanted="active")


def test_answers(host: Host, lab: Values) -> None:
    """What is served is the file on the file system."""
    url = f"http://localhost:{lab.port}/status"
    # after a boot the program may need a moment longer than systemd
    patient = "--retry 5 --retry-delay 1 --retry-connrefused"
    found = host.run(f"curl --silent --max-time 15 {patient} %s", url).stdout.strip()
    expect(url, found=found, wanted=f"{lab.app} {lab.word} {lab.code}")


def test_running(host: Host, lab: Values) -> None:
    """As a unit, with the program it had and the rights of its user."""
    unit = f"{lab.app}.service"
    state = host.run("systemctl is-active %s", unit).stdout.strip()
    expect(f"state of {unit}", found=state, wanted="active")
    pid = host.run("systemctl show --property=MainPID --value %s", unit).stdout.strip()
    user = host.run("ps -o user:32= -p %s", pid).stdout.strip()
    expect(f"user of {unit}", found=user, wanted=lab.app)
    command = host.run("ps -o args= -p %s", pid).stdout.strip()
    # a link to the program is the program too
    words = command.split()
    files = host.run("readlink -f --" + " %s" * len(words), *words).stdout.split()
    program = f"/usr/local/libexec/{lab.app}-server"
    expect.that(program in files, f"command of {unit}", found=command, wanted=program)


def _reads(host: Host, user: str, path: str) -> bool:
    words = shlex.join(["runuser", "-u", user, "--", "cat", path])
    return bool(host.run(f"{words} > /dev/null").succeeded)


def test_readable(host: Host, lab: Values) -> None:
    """Tried as the service's user and as others."""
    path = f"/etc/{lab.app}/settings"
    expect(f"{lab.app} reads {path}", found=_reads(host, lab.app, path), wanted=True)
    for user in _OTHERS:
        expect(f"{user} reads {path}", found=_reads(host, user, path), wanted=False)
    content = host.run("cat %s", path).stdout.strip()
    expect(f"content of {path}", found=content, wanted=f"password={lab.word}-{lab.code}")


def test_report(host: Host, lab: Values) -> None:
    """The answer alone."""
    path = f"/root/{lab.app}-code"
    expect(path, found=host.run("cat %s", path).stdout.strip(), wanted=str(lab.code))


def keep_files(host: Host, lab: Values) -> None:
    """Read where the disk is mounted, wherever that is; mounted for a moment where it is not."""
    found = host.run(
        f"m=$(findmnt -nro TARGET -S {_DISK} | head -n 1);"
        ' if [ -n "$m" ]; then cat "$m/status"; else'
        f" m=$(mktemp -d); mount -o ro {_DISK} $m && cat $m/status; umount $m; rmdir $m; fi"
    ).stdout
    expect("the file status", found=found.strip(), wanted=f"{lab.app} {lab.word} {lab.code}")
