"""All that makes a host what it is, so that two moments can be compared.

One read-only script asks the host; nothing is kept there.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from ironlab.labs.targets import Target
    from ironlab.process import Run

Facts = dict[tuple[str, str], str]

SECONDS = 180.0  # under emulation hashing takes its time
MOST_SHOWN = 12

# Paths that differ between two boots of the very same disk, and why. A pattern is find's.
VOLATILE = {
    "/etc/.updated": "systemd's note of when /etc was last brought up to date",
    "/etc/hostname": "podman writes it at each start (the name itself is compared)",
    "/etc/mtab": "podman writes it at each start (mounts themselves are compared)",
    "/etc/resolv.conf": "podman and NetworkManager write it at each start",
    "*/.ansible": "Ansible's own folder for what it sends to a host",
    "*/__pycache__": "Python compiles what it runs",
    "/var/cache": "a cache may be rebuilt at any time",
    "/var/lib/NetworkManager": "leases and times of the last connections",
    "/var/lib/chrony/drift": "measured over time",
    "/var/lib/dnf": "dnf's history and counters (the packages themselves are compared)",
    "/var/lib/logrotate/*": "when logs were last rotated",
    "/var/lib/private": "where systemd keeps what only services see",
    "/var/lib/rsyslog/imjournal.state": "how far rsyslog has read the journal",
    "/var/lib/rpm": "the database's pages move (the packages themselves are compared)",
    "/var/lib/systemd/catalog": "an index that systemd rebuilds",
    "/var/lib/systemd/random-seed": "new at each boot, on purpose",
    "/var/lib/systemd/timers": "when timers last ran",
    "/var/lib/systemd/timesync": "when the clock was last set",
    "/var/lock": "locks of what runs: empty at each boot",
    "/var/log": "logs are written all the time",
    "/var/run": "the state of what runs: empty at each boot",
    "/var/spool/anacron/*": "when anacron's jobs last ran",
    "/var/tmp": "temporary files",  # noqa: S108 - named, not used
}


def take(target: Target, run: Run = run_here) -> Facts:
    """Ask a host for its facts.

    Args:
        target: the host.
        run: runs ssh.

    Raises:
        IronlabError: the host did not answer, or not wholly.
    """
    script = files("ironlab.proofs").joinpath("fingerprint.sh").read_bytes()
    done = run(
        [*target.ssh(), "sudo", "-n", "bash", "-s", "--", *_quoted(leave_out())],
        stdin=script,
        timeout=SECONDS,
    )
    if not done.ok:
        message = f"the fingerprint of {target.name} broke off: {done.reason}"
        raise IronlabError(message, "look at the host by hand (--keep)", ExitCode.UNREACHABLE)
    return parse(done.out)


def leave_out() -> list[str]:
    """The volatile paths in find's words."""
    words = [word for pattern in VOLATILE for word in ("-o", "-path", pattern)]
    return words[1:]


def _quoted(words: list[str]) -> list[str]:
    """Words as the remote shell has to see them, lest it expands a pattern."""
    return [f"'{word}'" for word in words]


def parse(text: str) -> Facts:
    """Read what the script printed; facts of the same name are put together."""
    facts: Facts = {}
    for line in text.splitlines():
        section, name, value = (*line.split("\t", 2), "", "")[:3]
        value = value.strip()
        key = (section, name)
        facts[key] = f"{facts[key]}; {value}" if key in facts else value
    return facts


def differences(fresh: Facts, now: Facts) -> list[str]:
    """Name what differs, in few enough lines to read."""
    found = []
    for key in sorted(fresh.keys() | now.keys()):
        was, become = fresh.get(key), now.get(key)
        if was == become:
            continue
        if was is None:
            change = f"is new ({become})" if become else "is new"
        elif become is None:
            change = f"is gone ({was})" if was else "is gone"
        else:
            change = f"was `{was}` and is `{become}`"
        found.append(f"{key[0]} {key[1]} {change}")
    if len(found) > MOST_SHOWN:
        found[MOST_SHOWN:] = [f"and {len(found) - MOST_SHOWN} more"]
    return found
