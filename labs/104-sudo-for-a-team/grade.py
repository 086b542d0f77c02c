"""Grades lab 104."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.backend.base import CommandResult
    from testinfra.host import Host

    from ironlab.labs.grading import Values

PROBE = "ironlab-probe"


def _sudo(host: Host, user: str, runas: str, command: str, password: str = "") -> CommandResult:
    """Run a command by sudo as that user, without what sudo remembers of an earlier password."""
    if not password:
        return host.run(f"runuser -u %s -- sudo -k -n -u %s {command}", user, runas)
    return host.run(
        f"printf '%%s\\n' %s | runuser -u %s -- sudo -k -S -p '' -u %s {command}",
        password,
        user,
        runas,
    )


def _said(result: CommandResult) -> str:
    return (result.stdout + result.stderr).strip() or f"exit code {result.rc}"


def _expect_run(lab: Values, result: CommandResult, what: str, command: str) -> None:
    """It ran, and as the right user: the report says who that was."""
    wanted = f"report by {lab.account}" if command == lab.program else ""
    expect.that(
        result.rc == 0 and wanted in result.stdout,
        what,
        found=_said(result),
        wanted=f"runs, and says: {wanted}" if wanted else "runs",
    )


def _expect_asked(host: Host, user: str, runas: str, command: str) -> None:
    """Without a password nothing happens."""
    refused = _sudo(host, user, runas, command)
    expect.that(
        refused.rc != 0 and "password" in refused.stderr,
        f"{user} runs {command} as {runas} and gives no password",
        found=_said(refused),
        wanted="sudo asks for a password",
    )


def test_free(host: Host, lab: Values) -> None:
    """Both members run it."""
    for user in (lab.first, lab.second):
        done = _sudo(host, user, lab.free_user, lab.free_command)
        what = f"{user} runs {lab.free_command} as {lab.free_user} and gives no password"
        _expect_run(lab, done, what, lab.free_command)


def test_asked(host: Host, lab: Values) -> None:
    """Both members run it, with their password only."""
    for user in (lab.first, lab.second):
        done = _sudo(host, user, lab.asked_user, lab.asked_command, lab.password)
        what = f"{user} runs {lab.asked_command} as {lab.asked_user} with the password"
        _expect_run(lab, done, what, lab.asked_command)
        _expect_asked(host, user, lab.asked_user, lab.asked_command)


def test_members(host: Host, lab: Values) -> None:
    """Somebody who joins the group, for as long as this takes."""
    ask = f"sudo -l -U {PROBE} -u"
    may = host.run(
        f"userdel -rf {PROBE} 2>/dev/null; useradd -M -G {lab.team} {PROBE}\n"
        f"{ask} {lab.free_user} {lab.free_command} >/dev/null 2>&1 && echo free\n"
        f"{ask} {lab.asked_user} {lab.asked_command} >/dev/null 2>&1 && echo asked\n"
        f"userdel -rf {PROBE} 2>/dev/null"
    )
    expect(
        f"which of the two commands a new member of {lab.team} may run",
        found=may.stdout.split(),
        wanted=["free", "asked"],
    )


def _rules(host: Host, user: str) -> list[str]:
    """The long list of the rules for a user, without the line that names the user."""
    listed: str = host.run("LC_ALL=C sudo -ll -U %s", user).stdout
    return listed.partition("Sudoers entry:")[2].splitlines()


def _programs(rules: list[str]) -> set[str]:
    """The programs that the rules allow, without their arguments."""
    found = set()
    commands = False
    for line in rules:
        if line.strip() == "Commands:":
            commands = True
        elif commands and line.startswith(("\t", "        ")):
            words = [word for word in line.split() if not word.startswith("sha")]
            found |= {word for word in words[:1] if not word.startswith("!")}
        else:
            commands = False
    return found


def test_exact(host: Host, lab: Values) -> None:
    """What is allowed, what a wide rule would let through, and what the list of rules names."""
    restart, root, account = f"/usr/bin/systemctl restart {lab.unit}", "root", lab.account
    wanted = [
        (lab.free_user, lab.free_command),
        (lab.asked_user, lab.asked_command),
        (account, f"{lab.program} weekly all"),
    ]
    beyond = [
        (account, restart),
        (root, lab.program),
        (root, "/usr/bin/systemctl restart sshd.service"),
        (root, f"{restart} sshd.service"),
        (root, f"/usr/bin/systemctl stop {lab.unit}"),
        (root, "/usr/bin/systemctl"),
        (root, "/usr/bin/bash"),
        (account, "/usr/bin/bash"),
    ]
    asked = "".join(
        f"sudo -l -U {lab.first} -u {runas} {command} >/dev/null 2>&1"
        f" && echo {shlex.quote(f'as {runas}: {command}')}\n"
        for runas, command in (*wanted, *beyond)
    )
    expect(
        f"what {lab.first} may do, of {len(wanted + beyond)} commands that were tried",
        found=host.run(f"{asked}true").stdout.splitlines(),
        wanted=[f"as {runas}: {command}" for runas, command in wanted],
    )
    rules = {user: _rules(host, user) for user in (lab.first, lab.second)}
    expect(
        f"programs that the rules for {lab.first} name",
        found={program.rpartition("/")[2] for program in _programs(rules[lab.first])},
        wanted={"systemctl", lab.program.rpartition("/")[2]},
    )
    expect.that(
        set(rules[lab.first]) == set(rules[lab.second]),
        f"the rules for {lab.second}",
        found="\n".join(rules[lab.second]),
        wanted=f"the same as for {lab.first}",
    )
    other = host.run("LC_ALL=C sudo -l -U %s", lab.outsider)
    expect.that(
        "is not allowed to run sudo" in other.stdout,
        f"what {lab.outsider} may do, who isn't in the group",
        found=other.stdout,
        wanted="nothing",
    )


def test_lead(host: Host, lab: Values) -> None:
    """Any command as any user."""
    for runas in ("root", lab.account):
        done = _sudo(host, lab.lead, runas, "/usr/bin/id -un", lab.password)
        expect.that(
            done.stdout.strip() == runas,
            f"{lab.lead} runs id as {runas} with the password",
            found=_said(done),
            wanted=runas,
        )
    _expect_asked(host, lab.lead, "root", "/usr/bin/id -un")


def keep_syntax(host: Host) -> None:
    """All files of rules, as sudo's own checker sees them."""
    checked = host.run("visudo -c")
    expect.that(checked.rc == 0, "visudo -c", found=_said(checked), wanted="no error")
