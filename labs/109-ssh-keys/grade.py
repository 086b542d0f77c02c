"""Grades lab 109: logs in as the learner's user would, and asks the server what it offers."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values

_REFUSED = re.compile(r"Permission denied \((.*?)\)")
_PASSWORDS = {"password", "keyboard-interactive"}
_ANY_HOST_KEY = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"


def _login(host: Host, lab: Values, options: str, target: str, command: str = "id -un") -> str:
    """What a command on the other side prints; the user's own files and no terminal."""
    words = f"ssh -n -o BatchMode=yes -o ConnectTimeout=5 {options} {shlex.quote(target)} {command}"
    found = host.run(f"runuser -l {shlex.quote(lab.user)} -c %s", f"timeout 10 {words}")
    return str(found.stdout).strip()


def _offered(host: Host, user: str) -> set[str]:
    """The ways in that the server names when nothing has been tried."""
    words = f"-n -F none -o BatchMode=yes -o PreferredAuthentications=none {_ANY_HOST_KEY}"
    found = host.run(f"timeout 10 ssh {words} %s", f"{user}@peer")
    refused = _REFUSED.search(found.stderr)
    expect.that(refused, "the ssh server's answer", found=found.stderr, wanted="a list of methods")
    return set(refused[1].split(",")) if refused else set()


def _settings(peer: Host, user: str) -> dict[str, list[str]]:
    """What the server's files say for a user who comes from box."""
    box = peer.run("getent ahostsv4 box").stdout.split(" ")[0].strip()
    found = peer.run("sshd -T -C %s", f"user={user},host=box,addr={box}")
    expect("exit code of sshd -T", found=found.rc, wanted=0)
    settings: dict[str, list[str]] = {}
    for line in found.stdout.splitlines():
        keyword, _, value = line.partition(" ")
        settings.setdefault(keyword, []).append(value)
    return settings


def test_key_login(host: Host, lab: Values) -> None:
    """Batch mode asks nothing: a question is a failure."""
    target = f"{lab.account}@peer"
    found = _login(host, lab, "-o PreferredAuthentications=publickey", target)
    expect(f"`ssh {target} id -un` of {lab.user}", found=found, wanted=lab.account)


def test_shortcut(host: Host, lab: Values) -> None:
    """Where it leads, not how it is written."""
    peer = host.run("getent ahostsv4 peer").stdout.split(" ")[0].strip()
    probe = shlex.quote("set -- $SSH_CONNECTION; echo $(id -un) $3")
    found = _login(host, lab, "", lab.shortcut, probe)
    what = f"user and address that `ssh {lab.shortcut}` leads to"
    expect(what, found=found, wanted=f"{lab.account} {peer}")


def test_no_password(host: Host, lab: Values) -> None:
    """What the running server offers."""
    offered = _offered(host, lab.account)
    expect(f"ways in by password for {lab.account}", found=offered & _PASSWORDS, wanted=set())
    expect.that("publickey" in offered, "other ways in", found=offered, wanted="publickey")


def test_no_root(peer: Host) -> None:
    """Asked of its files: to root the server pretends that it could get in."""
    settings = _settings(peer, "root")
    permitted = settings.get("permitrootlogin", [])
    denied = {"root", "root@*"} & {*settings.get("denyusers", []), *settings.get("denygroups", [])}
    allowed = {*settings.get("allowusers", []), *settings.get("allowgroups", [])}
    # names alone: of a pattern nobody here says whether it means root
    left_out = allowed and all(re.fullmatch(r"[\w-]+", name) for name in allowed - {"root"})
    shut_out = denied or (left_out and "root" not in allowed)
    what = "PermitRootLogin for root"
    expect.that(permitted == ["no"] or shut_out, what, found=permitted, wanted="no")


def test_transfer(host: Host, peer: Host, lab: Values) -> None:
    """Content, time, owner."""
    path = f"/srv/{lab.folder}/{lab.file}.tar"
    home = str(peer.user(lab.account).home)
    copy = f"{home}/{lab.file}.tar"
    describe = "sha256sum < %s && stat -c '%%Y' %s"
    original = host.run(describe, path, path).stdout.split()
    found = peer.run(describe, copy, copy).stdout.split()
    expect(f"checksum of peer:{copy}", found=found[:1], wanted=original[:1])
    expect(f"time of last change of peer:{copy}", found=found[2:], wanted=original[2:])
    owner = peer.run("stat -c %%U %s", copy).stdout.strip()
    expect(f"owner of peer:{copy}", found=owner, wanted=lab.account)


def keep_others(host: Host, lab: Values) -> None:
    """The colleague without a key."""
    offered = _offered(host, lab.other)
    expect.that("password" in offered, f"ways in for {lab.other}", found=offered, wanted="password")
