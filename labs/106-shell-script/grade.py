"""Grades lab 106: runs the script on directories that are made for it and removed again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.backend.base import CommandResult
    from testinfra.host import Host

    from ironlab.labs.grading import Values

TIMED_OUT = 124


def _run(host: Host, lab: Values, folders: dict[str, tuple[str, int]], *args: str) -> CommandResult:
    """Run the script as an ordinary user, in a directory with these directories.

    Args:
        host: where.
        lab: the values.
        folders: the owner and the number of files that count, by the directory's name.
        args: the script's arguments.
    """
    make = []
    for name, (owner, count) in folders.items():
        files = [f"{name}/piece {number}.{lab.suffix}" for number in range(count)]
        # none of these counts: other names, a directory (where anything counts), what is in it
        files += [f"{name}/a.{lab.suffix}.old", f"{name}/b{lab.suffix}", f"{name}/notes"]
        inner = [f"{name}/inner.{lab.suffix}"] if count else []
        make.append(f"mkdir -p {shlex.join([name, *inner])}")
        make.append(
            f"touch {shlex.join([*files, *(f'{each}/deep.{lab.suffix}' for each in inner)])}"
        )
        make.append(f"chown {owner} {shlex.quote(name)}")
    return host.run(
        'd=$(mktemp -d) && chmod 755 "$d" && cd "$d" && umask 022 || exit 99\n'
        + "\n".join(make)
        + f"\nrunuser -u {lab.user} -- timeout 5 {lab.program} {shlex.join(args)} </dev/null\n"
        + 'code=$?; cd /; rm -rf "$d"; exit $code'
    )


def _said(result: CommandResult) -> str:
    if result.rc == TIMED_OUT:
        return "no end within 5 seconds"
    return f"{result.stdout}{result.stderr}"


def _fields(result: CommandResult, folder: str) -> list[str]:
    """What follows the directory's name in its line; nothing when there is no such line."""
    lines: list[str] = result.stdout.splitlines()
    for line in lines:
        if line.startswith(f"{folder} "):
            return line.removeprefix(f"{folder} ").split(" ")
    return []


def _expect_field(result: CommandResult, folder: str, at: slice, what: str, wanted: str) -> None:
    found = " ".join(_fields(result, folder)[at])
    expect.that(found == wanted, what, found=found or _said(result), wanted=wanted or "nothing")


def test_runs(host: Host, lab: Values) -> None:
    """By its name, from a login shell."""
    script = f"cd / && {lab.name} etc"
    result = host.run("runuser -l %s -c %s", lab.user, script)
    expect.that(
        result.rc == 0 and result.stdout.startswith("etc "),
        f"{lab.user} runs: {lab.name} etc",
        found=f"exit code {result.rc}: {_said(result)}",
        wanted="exit code 0, and a line that begins with etc",
    )
    owner = host.run("stat -L -c %%U %s", lab.program).stdout.strip()
    expect(f"owner of {lab.program}", found=owner, wanted="root")
    change = host.run("runuser -u %s -- test -w %s", lab.user, lab.program)
    expect(
        f"{lab.user} can change {lab.program}",
        found="yes" if change.rc == 0 else "no",
        wanted="no",
    )


def test_counts(host: Host, lab: Values) -> None:
    """Some, none, and names that only look right."""
    folders = {"lathe": ("root", 7), "saw": ("root", 0), "drill": ("root", 1)}
    result = _run(host, lab, folders, *folders)
    for name, (_, count) in folders.items():
        what = f"files counted in a directory with {count}, and with other things"
        _expect_field(result, name, slice(1, 2), what, str(count))


def test_owner(host: Host, lab: Values) -> None:
    """Neither root nor whoever runs the script."""
    folders = {"press": (lab.other, 2), "oven": ("root", 1), "mill": (lab.user, 2)}
    result = _run(host, lab, folders, *folders)
    for name, (owner, _) in folders.items():
        _expect_field(result, name, slice(0, 1), f"owner of a directory of {owner}", owner)


def test_mark(host: Host, lab: Values) -> None:
    """On either side of the limit."""
    folders = {"few": ("root", lab.limit), "more": ("root", lab.limit + 1)}
    result = _run(host, lab, folders, *folders)
    for name, wanted in (("few", ""), ("more", lab.label)):
        count = folders[name][1]
        expect.that(
            len(_fields(result, name)) > 1,
            f"a line for a directory with {count} files",
            found=_said(result),
            wanted="is there",
        )
        found = " ".join(_fields(result, name)[2:])
        expect(f"what follows the number {count}", found=found, wanted=wanted)


def test_several(host: Host, lab: Values) -> None:
    """In the order of the arguments, with spaces in names, one of them given as a path."""
    folders = {"saw 2": ("root", 3), "lathe": ("root", 4), "a  b": ("root", 1)}
    args = ["saw 2", "lathe", "a  b", "./lathe"]
    result = _run(host, lab, folders, *args)
    lines = result.stdout.splitlines()
    starts = [
        next((arg for arg in args if line.startswith(f"{arg} root ")), line) for line in lines
    ]
    expect.that(
        starts == [*args, "total 12"],
        "a line for each of four directories in their order, and the total of 3 + 4 + 1 + 4",
        found=_said(result),
        wanted="\n".join([*(f"{arg} root ..." for arg in args), "total 12"]),
    )
    expect("the exit code", found=result.rc, wanted=0)


def test_missing(host: Host, lab: Values) -> None:
    """First, in the middle, and a file instead of a directory; the last one is right."""
    folders = {"lathe": ("root", 2), "saw": ("root", 1)}
    bad = ["not there", "lathe/notes"]
    result = _run(host, lab, folders, bad[0], "lathe", bad[1], "saw")
    expect.that(
        [line.split(" ")[0] for line in result.stdout.splitlines()] == ["lathe", "saw", "total"]
        and result.stdout.splitlines()[-1] == "total 3",
        "the standard output with two directories and two other arguments",
        found=result.stdout,
        wanted=["a line for each directory", "total 3"],
    )
    for argument in bad:
        expect.that(
            any(argument in line for line in result.stderr.splitlines()),
            f"a line with {argument} on the standard error",
            found=result.stderr,
            wanted="is there",
        )
    expect("the exit code", found=result.rc, wanted=lab.bad_code)


def test_usage(host: Host, lab: Values) -> None:
    """Called with nothing."""
    result = _run(host, lab, {})
    expect("the exit code without arguments", found=result.rc, wanted=lab.usage_code)
    expect("the standard output", found=result.stdout, wanted="")
    expect.that(
        any(line.lower().startswith("usage:") for line in result.stderr.splitlines()),
        "the standard error",
        found=result.stderr,
        wanted="a line that begins with usage:",
    )
