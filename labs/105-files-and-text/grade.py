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


def _sums(host: Host, folder: str) -> dict[str, str]:
    """The checksums of all regular files below a directory, by their names."""
    lines = host.run("find %s -type f -exec sha256sum {} +", folder).stdout.splitlines()
    return {
        path.rpartition("/")[2]: value for value, path in (line.split("  ", 1) for line in lines)
    }


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
    expect(f"what is in {lab.found_path}", found=set(found), wanted=set(wanted))
    sums = _sums(host, lab.found_path)
    for key, what in (("user", "owner"), ("mode", "permissions"), ("time", "time")):
        expect(
            f"the copies' {what}",
            found=[f"{name}: {found[name][key]}" for name in sorted(wanted)],
            wanted=[f"{name}: {wanted[name][key]}" for name in sorted(wanted)],
        )
    differing = [name for name in sorted(wanted) if sums.get(name) != baseline["sums"][name]]
    expect("copies with another content", found=differing, wanted=[])


def test_lines(host: Host, lab: Values, baseline: Baseline) -> None:
    """The log's lines, taken apart by their columns."""
    wanted = [
        line
        for line in baseline["log"]
        if line.startswith(f"10.{lab.net}.") and line.split()[-2] == str(lab.status)
    ]
    saved = host.run("cat %s", lab.lines_path)
    found = saved.stdout.splitlines()
    missing = [line for line in wanted if line not in found]
    surplus = [line for line in found if line not in wanted]
    expect(f"lines that are missing in {lab.lines_path}", found=missing, wanted=[])
    expect("lines that don't belong there", found=surplus, wanted=[])
    expect.that(found == wanted, "their order", found="another", wanted="the log's, each line once")


def test_output(host: Host, lab: Values, baseline: Baseline) -> None:
    """Each of the two in its file; whoever tried more than once has the errors more than once."""
    output = host.run("cat %s", lab.output_path)
    expect.that(
        output.stdout.splitlines() == baseline["output"],
        f"what is in {lab.output_path}",
        found=output.stdout or output.stderr,
        wanted="\n".join(baseline["output"]),
    )
    errors = host.run("cat %s", lab.errors_path)
    first, *others = errors.stdout.splitlines() or [""]
    times = max(1, len(others) // len(baseline["errors"]))
    wanted = [f"Errors of {lab.tool}-count begin here", *baseline["errors"] * times]
    expect.that(
        [first, *others] == wanted,
        f"what is in {lab.errors_path}",
        found=errors.stdout or errors.stderr,
        wanted="\n".join(wanted),
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
    expect("files that are missing in it", found=wanted - members, wanted=set())
    expect("files that don't belong into it", found=members - wanted, wanted=set())
    compared = host.run("tar -C /srv -df %s", lab.archive_path)
    expect.that(
        compared.rc == 0,
        "the archive compared with the directory (tar -d)",
        found=compared.stdout + compared.stderr,
        wanted="no difference",
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


def keep_newer(host: Host, lab: Values) -> None:
    """Only one file was asked for."""
    path = f"/etc/{lab.service}/users.conf"
    content = host.run("cat %s", path).stdout
    expect(f"the content of {path}", content, f"allow = {lab.other} {lab.owner}\n")
