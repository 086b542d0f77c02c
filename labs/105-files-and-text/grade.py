"""Grades lab 105."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Baseline, Values

KIB = 1024
MAGIC = {"gzip": "1f8b", "bzip2": "425a68", "xz": "fd377a585a00"}  # how such a file begins
LISTING = "find %s -mindepth 1 -printf '%%P\\t%%f\\t%%y\\t%%u\\t%%m\\t%%Ts\\t%%s\\n'"
KEYS = ("path", "name", "type", "user", "mode", "time", "size")


def _listing(host: Host, folder: str) -> list[dict[str, str]]:
    """Everything below a directory."""
    lines = host.run(LISTING, folder).stdout.splitlines()
    return [dict(zip(KEYS, line.split("\t"), strict=False)) for line in lines]


def _by_name(sums: str) -> dict[str, str]:
    """The output of sha256sum by the files' names, which no two of them share."""
    return {line[66:].rpartition("/")[2]: line[:64] for line in sums.splitlines()}


def _sums(host: Host, folder: str) -> dict[str, str]:
    """The checksums of all regular files below a directory."""
    return _by_name(host.run("find %s -type f -exec sha256sum {} +", folder).stdout)


def _expect_none(what: str, found: set[str]) -> None:
    """Say how many and which is the first; all of them would be the answer."""
    shown = f"{len(found)}, one of them {min(found)}" if found else "none"
    expect.that(not found, what, found=shown, wanted="none")


def remember(host: Host, lab: Values) -> dict[str, Any]:
    """What the learner works with, as it is before."""
    counted = host.run("%s", lab.program)
    return {
        "tree": _listing(host, lab.tree_path),
        "sums": _sums(host, lab.tree_path),
        "log": host.run("cat %s", lab.log_path).stdout.splitlines(),
        "output": counted.stdout.splitlines(),
        "errors": counted.stderr.splitlines(),
    }


def test_found(host: Host, lab: Values, baseline: Baseline) -> None:
    """Which files, and what of them was kept."""
    wanted = {
        file["name"]: file
        for file in baseline["tree"]
        if file["type"] == "f" and file["user"] == lab.owner and int(file["size"]) > lab.size * KIB
    }
    found = {file["path"]: file for file in _listing(host, lab.found_path)}
    _expect_none(f"files that are missing in {lab.found_path}", wanted.keys() - found)
    _expect_none("what doesn't belong there", found.keys() - wanted)
    sums = _sums(host, lab.found_path)
    for key, what in (("user", "an owner"), ("mode", "permissions"), ("time", "a time")):
        _expect_none(
            f"copies with {what} that differ from the file's",
            {name for name in wanted if found[name][key] != wanted[name][key]},
        )
    _expect_none(
        "copies with content that differs from the file's",
        {name for name in wanted if sums.get(name) != baseline["sums"][name]},
    )


def test_lines(host: Host, lab: Values, baseline: Baseline) -> None:
    """The log's lines, taken apart by their columns."""
    wanted = [
        line
        for line in baseline["log"]
        if line.startswith(f"10.{lab.net}.") and line.split()[-2] == str(lab.status)
    ]
    saved = host.run("cat %s", lab.lines_path)
    found = saved.stdout.splitlines()
    _expect_none(f"lines that are missing in {lab.lines_path}", set(wanted) - set(found))
    _expect_none("lines that don't belong there", set(found) - set(wanted))
    order = "the log's, each line once"
    expect("their order", found=order if found == wanted else "another", wanted=order)


def test_output(host: Host, lab: Values, baseline: Baseline) -> None:
    """Each of the two in its file; whoever tried more than once has the errors more than once."""
    output = host.run("cat %s", lab.output_path)
    expect.that(
        output.stdout.splitlines() == baseline["output"],
        f"what is in {lab.output_path}",
        found=output.stdout or output.stderr,
        wanted=f"the {len(baseline['output'])} lines of the standard output",
    )
    errors = host.run("cat %s", lab.errors_path)
    first, *others = errors.stdout.splitlines() or [""]
    times = max(1, len(others) // len(baseline["errors"]))
    wanted = [f"Errors of {lab.tool}-count begin here", *baseline["errors"] * times]
    expect.that(
        [first, *others] == wanted,
        f"what is in {lab.errors_path}",
        found=errors.stdout or errors.stderr,
        wanted=f"what was there, then the {len(baseline['errors'])} lines of the standard error",
    )


def test_archive(host: Host, lab: Values, baseline: Baseline) -> None:
    """How it is compressed, what it is said to hold, and whether that is the tree's content."""
    begins = host.run("od -An -tx1 -N6 %s", lab.archive_path)
    found = "".join(begins.stdout.split())
    expect.that(
        found.startswith(MAGIC[lab.packer]),
        f"the first bytes of {lab.archive_path}",
        found=found or begins.stderr,
        wanted=f"{MAGIC[lab.packer]}..., as {lab.packer} writes it",
    )
    names = host.run("tar -tf %s", lab.archive_path).stdout.splitlines()
    members = {name.removeprefix("./") for name in names if not name.endswith("/")}
    wanted = {
        f"{lab.tree}/{file['path']}"
        for file in baseline["tree"]
        if file["type"] != "d" and not file["name"].endswith(".tmp")
    }
    _expect_none("files that are missing in it", wanted - members)
    _expect_none("files that don't belong into it", members - wanted)
    sums = host.run(
        'd=$(mktemp -d) && tar -C "$d" -xf %s && cd "$d" && find . -type f -exec sha256sum {} +'
        '; cd /; rm -rf "$d"',
        lab.archive_path,
    )
    unpacked = _by_name(sums.stdout)
    _expect_none(
        "files in it with content that differs from the directory's",
        {
            name
            for name, value in baseline["sums"].items()
            if not name.endswith(".tmp") and unpacked.get(name) != value
        },
    )


def test_restored(host: Host, lab: Values) -> None:
    """As it is in the backup."""
    path = f"/etc/{lab.service}/main.conf"
    content = host.run("cat %s", path).stdout
    expect(f"the content of {path}", content, f"listen = {lab.shift}\nroot = {lab.tree_path}\n")
    mode = host.run("stat -c '%%A %%U %%G' %s", path).stdout.strip()
    expect("its permissions, owner and group", mode, "-rw-r----- root root")


def test_links(host: Host, lab: Values) -> None:
    """What each of the two leads to."""
    kind = host.run("stat -c %%F %s && readlink -f %s", lab.link_path, lab.link_path)
    expect.that(
        kind.stdout.splitlines() == ["symbolic link", lab.tree_path],
        f"{lab.link_path}, and where it leads",
        found=kind.stdout or kind.stderr,
        wanted=["symbolic link", lab.tree_path],
    )
    same = host.run("stat -c '%%F %%d:%%i' %s %s", lab.figures_path, lab.twin_path)
    lines = same.stdout.splitlines()
    expect.that(
        len(lines) == 2 and lines[0] == lines[1] and lines[0].startswith("regular file"),
        f"{lab.figures_path} and {lab.twin_path}: what they are, and their inodes",
        found=same.stdout + same.stderr,
        wanted="the same regular file twice",
    )


def keep_tree(host: Host, lab: Values, baseline: Baseline) -> None:
    """All but regular files, which the kit itself compares."""
    now = _listing(host, lab.tree_path)
    before, after = (
        {f["path"] for f in files if f["type"] != "f"} for files in (baseline["tree"], now)
    )
    expect(f"new in {lab.tree_path}, or gone", found=sorted(before ^ after), wanted=[])


def keep_newer(host: Host, lab: Values) -> None:
    """Only one file was asked for."""
    path = f"/etc/{lab.service}/users.conf"
    content = host.run("cat %s", path).stdout
    expect(f"the content of {path}", content, f"allow = {lab.other} {lab.owner}\n")
