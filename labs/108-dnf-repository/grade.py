"""Grades lab 108: asks dnf and the rpm database, not the .repo files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Baseline, Values

_HEADER = re.compile(r"=+ repo: (\S+) =+")
_KEPT = ("baseurl", "enabled", "gpgcheck", "priority")


def _repositories(host: Host, pattern: str) -> dict[str, dict[str, str]]:
    """The options of each repository as dnf understands them."""
    found: dict[str, dict[str, str]] = {}
    repository: dict[str, str] = {}
    dump = host.run("dnf -q config-manager --dump %s", pattern).stdout
    for line in dump.splitlines():
        header = _HEADER.match(line)
        if header:
            repository = found.setdefault(header[1], {})
        elif " = " in line:
            key, _, value = line.partition(" = ")
            repository[key] = value.strip()
    return found


def _option(host: Host, repository: str, option: str) -> str:
    options = _repositories(host, repository).get(repository)
    return "no such repository" if options is None else options.get(option, "")


def remember(host: Host, lab: Values) -> dict[str, dict[str, dict[str, str]]]:
    """What must stay: the other repositories."""
    return {"repositories": _others(host, lab)}


def _others(host: Host, lab: Values) -> dict[str, dict[str, str]]:
    found = _repositories(host, "*")
    found.pop(lab.team, None)
    # The vendor's is to be disabled. It says nothing of signatures: that is dnf's own setting.
    kept = {name: {key: options.get(key, "") for key in _KEPT} for name, options in found.items()}
    vendor = kept.pop(lab.vendor, {})
    return kept | ({"dnf itself": {"gpgcheck": vendor["gpgcheck"]}} if vendor else {})


def test_repository(host: Host, lab: Values) -> None:
    """Where dnf would take the tool from counts, not how the address is written."""
    options = _repositories(host, lab.team).get(lab.team, {})
    enabled = options.get("enabled", "no such repository")
    expect(f"repository {lab.team} enabled", found=enabled, wanted="1")
    expect(f"gpgcheck of {lab.team}", found=options.get("gpgcheck", ""), wanted="0")
    query = "dnf -q repoquery --repo=%s --location %s"
    found = host.run(query, lab.team, lab.tool).stdout.strip()
    wanted = f"/srv/repos/{lab.team}/"
    expect.that(
        wanted in found.replace("//", "/"), f"place of {lab.tool}", found=found, wanted=wanted
    )


def test_priority(host: Host, lab: Values) -> None:
    """As dnf understands it."""
    found = _option(host, lab.team, "priority")
    expect(f"priority of {lab.team}", found=found, wanted=str(lab.priority))


def test_vendor(host: Host, lab: Values) -> None:
    """Known, and not used."""
    found = _option(host, lab.vendor, "enabled")
    expect(f"repository {lab.vendor} enabled", found=found, wanted="0")


def _installed(host: Host, name: str) -> str:
    query = "rpm -q --queryformat '%%{VERSION}-%%{RELEASE}' %s"
    return str(host.run(query, name).stdout).strip()


def test_installed(host: Host, lab: Values) -> None:
    """By version: the team's tree is older than the distribution's."""
    for name, version in ((lab.tool, "2.1-1"), (f"{lab.tool}-data", "2.1-1"), ("tree", "1.9.0-1")):
        expect(f"version of {name}", found=_installed(host, name), wanted=version)


def test_addon(host: Host, lab: Values) -> None:
    """With what it requires."""
    for name in (lab.addon, f"{lab.addon}-libs"):
        expect(f"version of {name}", found=_installed(host, name), wanted="3.0-1")


def test_removed(host: Host, lab: Values) -> None:
    """Asked of the rpm database."""
    found = host.run("rpm -q %s", lab.unwanted)
    expect(f"rpm -q {lab.unwanted}", found=found.stdout, wanted=_missing(lab.unwanted))


def _missing(name: str) -> str:
    return f"package {name} is not installed\n"


def keep_repositories(host: Host, lab: Values, baseline: Baseline) -> None:
    """Address, priority, state, signatures."""
    found = _others(host, lab)
    for name, wanted in baseline["repositories"].items():
        # Without the vendor's repository there is nothing to tell it by; test_vendor says so.
        if name in found or name != "dnf itself":
            expect(f"repository {name}", found=found.get(name, "none"), wanted=wanted)
    for name in found.keys() - baseline["repositories"].keys():
        checked = found[name]["gpgcheck"]
        expect(f"gpgcheck of {name}, which is new", found=checked, wanted="1")
