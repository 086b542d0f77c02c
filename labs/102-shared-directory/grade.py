"""Grades lab 102."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.backend.base import CommandResult
    from testinfra.host import Host

    from ironlab.labs.grading import Values

PROBE = "ironlab-probe"


def _as(host: Host, user: str, script: str, *args: str) -> CommandResult:
    """Run a script as that user, with the groups that a new login would have."""
    return host.run("runuser -u %s -- /bin/sh -c %s sh" + " %s" * len(args), user, script, *args)


def _said(result: CommandResult) -> str:
    return (result.stdout or result.stderr or f"exit code {result.rc}").strip()


def _existing(lab: Values) -> list[str]:
    """The files that setup.yml left."""
    names = ("plan.txt", f"{lab.inner}/prices.csv", f"{lab.inner}/addresses.csv")
    return [f"{lab.share_path}/{name}" for name in names]


def test_group(host: Host, lab: Values) -> None:
    """Its number and exactly its members."""
    fields = host.run("getent group %s", lab.team).stdout.strip().split(":")
    gid, names = (*fields, "", "", "", "")[2:4]
    expect(f"gid of {lab.team}", found=gid, wanted=str(lab.gid))
    accounts = [line.split(":") for line in host.run("getent passwd").stdout.splitlines()]
    primary = {fields[0] for fields in accounts if fields[3:4] == [gid]}
    members = (set(names.split(",")) | primary) - {"", lab.lead}
    expect(
        f"who is in it, {lab.lead} apart (see below)",
        found=members,
        wanted={lab.first, lab.second},
    )
    expect(
        f"those of them whose primary group is {lab.team}",
        found=primary - {lab.lead},
        wanted=set(),
    )


def test_primary(host: Host, lab: Values) -> None:
    """Not only a member."""
    found = host.run("id -gn %s", lab.lead)
    expect(f"primary group of {lab.lead}", found=found.stdout.strip(), wanted=lab.team)


def test_work(host: Host, lab: Values) -> None:
    """Each makes a file, and another one renames and deletes it."""
    members = [lab.first, lab.second, lab.lead]
    for user, other in zip(members, [*members[1:], members[0]], strict=True):
        file = f"{lab.share_path}/{PROBE}-{user}"
        tried = host.run(
            f"runuser -u {user} -- touch {file} && echo made\n"
            f"runuser -u {other} -- mv {file} {file}.x && echo renamed\n"
            f"runuser -u {other} -- rm -f {file}.x && test ! -e {file}.x && echo deleted\n"
            f"rm -f {file} {file}.x"
        )
        expect.that(
            tried.stdout.split() == ["made", "renamed", "deleted"],
            f"{user} makes a file, {other} renames and deletes it",
            found=tried.stdout.split() + tried.stderr.splitlines(),
            wanted=["made", "renamed", "deleted"],
        )


def test_inherit(host: Host, lab: Values) -> None:
    """Files, directories and files in those; by a member whose primary group is another."""
    for folder in (lab.share_path, f"{lab.share_path}/{lab.inner}"):
        new = f"{folder}/{PROBE}"
        found = _as(
            host,
            lab.first,
            'mkdir "$1" && touch "$1/file" "$1.file" && stat -c %G "$1" "$1/file" "$1.file"',
            new,
        )
        host.run("rm -rf %s %s", new, f"{new}.file")
        expect.that(
            found.stdout.split() == [lab.team] * 3,
            f"group of a new directory, a file in it and a new file, in {folder}",
            found=_said(found),
            wanted=[lab.team] * 3,
        )


def test_others(host: Host, lab: Values) -> None:
    """By somebody who is not in the group."""
    folders = [lab.share_path, f"{lab.share_path}/{lab.inner}"]
    paths = [*folders, *_existing(lab)]
    script = """
        for path; do
          may=""
          test -r "$path" && may=r
          test -w "$path" && may="${may}w"
          test -d "$path" && test -x "$path" && may="${may}x"
          echo "$path:$may"
        done"""
    found = _as(host, lab.clerk, script, *paths).stdout.split()
    wanted = dict.fromkeys(paths, "")
    if lab.others == "reading":
        wanted = {path: "rx" if path in folders else "r" for path in paths}
    expect(
        f"what {lab.clerk}, who isn't in the group, may do there",
        found=found,
        wanted=[f"{path}:{may}" for path, may in wanted.items()],
    )


def test_existing(host: Host, lab: Values) -> None:
    """Handed over, with the right bits only."""
    files = _existing(lab)
    owned = host.run("stat -c %%G" + " %s" * len(files), *files)
    expect("group of the files", found=set(owned.stdout.split()), wanted={lab.team})
    for user in (lab.first, lab.second, lab.lead):
        tests = " && ".join(f"test -r {file} && test -w {file}" for file in files)
        can = _as(host, user, tests)
        expect(
            f"{user} reads and changes all of them",
            found="yes" if can.rc == 0 else "no",
            wanted="yes",
        )
    bits = host.run("find %s -type f -perm /111", lab.share_path)
    expect("executable files", found=bits.stdout.split(), wanted=[])


def test_umask(host: Host, lab: Values) -> None:
    """A real login shell through PAM, and one of somebody else."""
    script = 'cd "$(mktemp -d)" && touch f && mkdir d && stat -c %A f d && rm -r "$PWD"'
    for user, wanted in (
        (lab.clerk, [f"-{lab.new_file}", f"d{lab.new_directory}"]),
        (lab.first, ["-rw-r--r--", "drwxr-xr-x"]),
    ):
        made = host.run("su - %s -c %s", user, script)
        expect.that(
            made.stdout.split()[-2:] == wanted,
            f"a new file and a new directory in {user}'s login shell",
            found=_said(made),
            wanted=wanted,
        )


def test_report(host: Host, lab: Values) -> None:
    """Read it as each of them, and try more than that."""
    folder = f"/srv/{lab.archive}"
    script = 'cat "$1" && for p; do test -w "$p" && echo "changes $p"; done; true'
    for user in (lab.first, lab.second, lab.lead):
        can = _as(host, user, script, lab.report_path, folder)
        expect.that(
            can.stdout.splitlines() == [f"Report {lab.report}: no complaints"],
            f"{user} reads {lab.report_path} and can't change it or its directory",
            found=_said(can),
            wanted=f"Report {lab.report}: no complaints",
        )
    read = _as(host, lab.clerk, 'cat "$1"', lab.report_path)
    expect.that(
        read.rc != 0,
        f"{lab.clerk}, who isn't in the group, reads it",
        found="works" if read.rc == 0 else "is refused",
        wanted="is refused",
    )


def keep_content(host: Host, lab: Values) -> None:
    """Permissions change, content does not."""
    names = [file.removeprefix(f"{lab.share_path}/") for file in _existing(lab)]
    wanted = [f"{name} of the {lab.team}" for name in names]
    wanted.append(f"Report {lab.report}: no complaints")
    found = host.run("cat" + " %s" * len(wanted), *_existing(lab), lab.report_path)
    expect("the files' lines", found=found.stdout.splitlines(), wanted=wanted)


def keep_srv(host: Host) -> None:
    """Who closes the directory above closes it for everything in it."""
    found = host.run("stat -c '%A %U %G' /srv")
    expect("permissions of /srv", found=found.stdout.strip(), wanted="drwxr-xr-x root root")
