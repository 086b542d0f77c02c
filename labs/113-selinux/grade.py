"""Grades lab 113: asks the policy in the kernel, the labels on the disk, and the web server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values

_CONTENT = "httpd_sys_content_t"
_SLOW = 60  # seconds that seinfo may take to read the policy


def _type(context: str) -> str:
    """The third part of user:role:type:level."""
    parts = context.strip().split(":")
    return parts[2] if len(parts) > 2 else context.strip()


def _mode(host: Host) -> str:
    return str(host.run("getenforce").stdout).strip()


def test_mode(host: Host) -> None:
    """The mode now, the mode of the next boot, and no hole in it."""
    expect("SELinux", found=_mode(host), wanted="Enforcing")
    # as libselinux reads it: the first line counts, and what follows the word does not
    told = host.run(
        "sed -n 's/^SELINUX=[[:space:]]*\\([[:alpha:]]*\\).*/\\1/p' /etc/selinux/config"
    )
    lines = told.stdout.lower().split() or ["nothing"]
    expect("SELINUX in /etc/selinux/config", found=lines[0], wanted="enforcing")
    found = host.run("seinfo --permissive", limit=_SLOW).stdout
    counted = re.search(r"Permissive Types:\s*(\d+)", found)
    number = counted[1] if counted else "unknown"
    expect("permissive domains", found=number, wanted="0")


def test_content(host: Host, lab: Values) -> None:
    """Labels as they are on the disk."""
    listed = host.run("find %s -exec stat --format '%%C %%n' {} +", f"/{lab.folder}").stdout
    found = {line.split(" ", 1)[-1]: _type(line.split(" ")[0]) for line in listed.splitlines()}
    expect.that(bool(found), f"files in /{lab.folder}", found=len(found), wanted="some")
    other = {path: kind for path, kind in found.items() if kind != _CONTENT}
    expect.that(not other, f"types in /{lab.folder}", found=other, wanted=_CONTENT)


def test_rule(host: Host, lab: Values) -> None:
    """What the policy says, of files that are there and of one that is to come."""
    paths = [f"/{lab.folder}", f"/{lab.folder}/index.html", f"/{lab.folder}/more/new/page.html"]
    listed = host.run("matchpathcon -n %s %s %s", *paths).stdout
    found = dict(zip(paths, map(_type, listed.splitlines()), strict=False))
    for path in paths:
        what = f"type that the policy gives {path}"
        expect(what, found=found.get(path, "none"), wanted=_CONTENT)


def test_port(host: Host, lab: Values) -> None:
    """Of the policy in the kernel, not of semanage's notes; the narrowest range counts."""
    found = host.run("seinfo --portcon=%s /sys/fs/selinux/policy", str(lab.port), limit=_SLOW)
    labels = re.findall(r"portcon\s+tcp\s+(\d+)(?:-(\d+))?\s+(\S+)", found.stdout)
    widths = {int(last or first) - int(first): _type(context) for first, last, context in labels}
    kind = widths[min(widths)] if widths else "none"
    expect(f"type of port {lab.port}/tcp", found=kind, wanted="http_port_t")


def test_boolean(host: Host) -> None:
    """As the kernel has it; that it was made to last shows after the reboot."""
    found = host.run("getsebool httpd_can_network_connect").stdout.strip()
    expect("getsebool", found=found, wanted="httpd_can_network_connect --> on")


def test_site(host: Host, lab: Values) -> None:
    """Both pages, from a web server that SELinux confines."""
    expect("SELinux", found=_mode(host), wanted="Enforcing")
    domains = host.run("ps -C nginx -o label=").stdout.split()
    kinds = {_type(label) for label in domains}
    expect("domain of nginx", found=kinds, wanted={"httpd_t"})
    for page, text in (("", f"front page of {lab.folder}"), (f"{lab.app}/", f"{lab.app} answers")):
        url = f"http://localhost:{lab.port}/{page}"
        # after a boot the application may need a moment longer than systemd
        patient = "--retry 5 --retry-delay 1 --retry-connrefused"
        answer = host.run(f"curl --silent --show-error --max-time 15 {patient} %s", url)
        said = (answer.stdout + answer.stderr).strip()
        expect.that(text in answer.stdout, url, found=said, wanted=f"... {text}")
