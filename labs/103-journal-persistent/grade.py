"""Grades lab 103."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values

PROBE = "ironlab-grader"
MIB = 1024 * 1024
SPACE = "ec387f577b844b8fa948f33cad9a75e6"  # journald's message on the journal it has opened
DAY = 24 * 60 * 60 * 1_000_000


def test_stored(host: Host) -> None:
    """A message of this moment (and no older one) is found in the files on disk."""
    kept = host.run(
        "token=$(date +%%s%%N); logger -t %s -p user.notice $token && journalctl --sync\n"
        "journalctl --quiet --directory=/var/log/journal -t %s -n 1 -o cat | grep -qx $token"
        " && echo yes",
        PROBE,
        PROBE,
    )
    header = host.run("journalctl --header | grep '^File path'")
    expect.that(
        kept.stdout.strip() == "yes",
        "a message that is written now is in /var/log/journal",
        found=kept.stdout or f"no: {kept.stderr or header.stdout}",
        wanted="yes",
    )
    disk = host.run("stat --file-system --format=%T /var/log/journal/").stdout.strip()
    expect.that(disk not in {"tmpfs", "ramfs"}, "where that lies", found=disk, wanted="no memory")


def test_limited(host: Host, lab: Values) -> None:
    """What the journald that runs says of the journal on disk: not what a file may say later."""
    said = host.run(
        "journalctl --quiet -o json MESSAGE_ID=%s"
        " _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID systemd-journald.service)",
        SPACE,
    )
    entries = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    limits = [
        int(entry["MAX_USE"]) / MIB
        for entry in entries
        if str(entry.get("JOURNAL_PATH")).startswith("/var/log/journal/") and "MAX_USE" in entry
    ]
    expect.that(
        limits[-1:] == [lab.size],
        "most that the journal on disk may take up, as journald itself says",
        found=f"{limits[-1]:g} MiB" if limits else "journald has opened none on disk",
        wanted=f"{lab.size} MiB",
    )


def _setting(text: str, name: str) -> str:
    """The last value of a setting of the section [Journal]; empty when there is none."""
    section = value = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line
        elif section == "[Journal]" and line.partition("=")[0].strip() == name:
            value = line.partition("=")[2].strip()
    return value


def test_retention(host: Host, lab: Values) -> None:
    """All configuration files together, in their order; every way to write the time."""
    files = host.run("systemd-analyze cat-config systemd/journald.conf")
    value = _setting(files.stdout, "MaxRetentionSec")
    span = host.run("LC_ALL=C systemd-analyze timespan %s", value or "0")
    found = [
        line.rpartition(":")[2].strip()
        for line in span.stdout.splitlines()
        if line.strip().startswith(("μs:", "us:", "\\u03bcs:"))
    ]
    expect.that(
        found == [str(lab.days * DAY)],
        "MaxRetentionSec= of journald's configuration",
        found=value or "not set",
        wanted=f"{lab.days} days",
    )


def test_reader(host: Host, lab: Values) -> None:
    """Read a message of root's as each of the two."""
    command = "runuser -u %s -- journalctl --quiet -n 1 -o cat _UID=0"
    read = host.run(command, lab.reader)
    expect.that(
        read.stdout.strip(),
        f"the last message of root's processes that {lab.reader} reads",
        found=read.stdout or read.stderr,
        wanted="any",
    )
    groups = host.run("id -Gn %s", lab.reader).stdout.split()
    expect.that(
        "wheel" not in groups, f"groups of {lab.reader}", found=groups, wanted="without wheel"
    )
    other = host.run(command, lab.stranger)
    expect(f"the same for {lab.stranger}", found=other.stdout.strip(), wanted="")


def test_found(host: Host, lab: Values) -> None:
    """The number, and no other line."""
    answer = host.run("cat %s", lab.answer_path)
    expect.that(
        answer.stdout.split() == [str(lab.order)],
        f"the number in {lab.answer_path}",
        found=answer.stdout or answer.stderr,
        wanted=f"the order of the message with priority {lab.level}",
    )
