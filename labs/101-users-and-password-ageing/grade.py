"""Grades lab 101."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values

LEAVER_HASH = (  # as setup.yml sets it
    "$6$8hTq2Vb1xKpZs0Lw$760cHubj.9cMXj.6gh4tgW35GzuGY8CKWMVVTIPY"
    "j8B0A.LDnPQqngQbeOiMS7sNGou/R01Jia1lg7WN1Ry5a."
)
PROBE = "ironlab-probe"


def _passwd(host: Host, user: str) -> dict[str, str]:
    """The account as the system knows it; empty fields when there is none."""
    names = ("name", "password", "uid", "gid", "comment", "home", "shell")
    fields = host.run("getent passwd %s", user).stdout.strip().split(":")
    return dict(zip(names, fields + [""] * len(names), strict=False))


def _shadow(host: Host, user: str) -> dict[str, str]:
    """What is known of the account's password; empty fields when there is none."""
    names = ("name", "password", "changed", "min", "max", "warn", "inactive", "expires")
    fields = host.run("getent shadow %s", user).stdout.strip().split(":")
    return dict(zip(names, fields + [""] * len(names), strict=False))


def _groups(host: Host, user: str) -> tuple[str, set[str]]:
    """The primary group and all groups."""
    names = host.run("id -gn %s && id -Gn %s", user, user).stdout.splitlines()
    primary, everything = (*names, "", "")[:2]
    return primary, set(everything.split())


def test_account(host: Host, lab: Values) -> None:
    """The new colleague's account."""
    account = _passwd(host, lab.joiner)
    expect("the account's uid", found=account["uid"], wanted=str(lab.uid))
    expect.that(
        account["shell"] in {lab.shell, f"/usr{lab.shell}"},
        "its login shell",
        found=account["shell"],
        wanted=lab.shell,
    )
    expect("its home directory", found=account["home"], wanted=f"/home/{lab.joiner}")
    home = host.run("stat -c '%%U %%F' %s", f"/home/{lab.joiner}")
    expect(
        "what that is and whom it belongs to",
        found=(home.stdout or home.stderr).strip(),
        wanted=f"{lab.joiner} directory",
    )


def test_groups(host: Host, lab: Values) -> None:
    """Supplementary groups, with none lost."""
    primary, groups = _groups(host, lab.joiner)
    expect(f"{lab.joiner}'s primary group", found=primary, wanted=lab.joiner)
    expect.that(lab.team in groups, f"{lab.joiner}'s groups", found=groups, wanted=lab.team)
    primary, groups = _groups(host, lab.temp)
    expect(f"{lab.temp}'s primary group", found=primary, wanted=lab.temp)
    wanted = {lab.office, lab.team}
    expect.that(wanted <= groups, f"{lab.temp}'s groups", found=groups, wanted=wanted)


def test_password(host: Host, lab: Values) -> None:
    """The password is taken at a login, which then asks for another."""
    # PAM's own helper, whatever the hash is made with; it reads a password that ends with NUL
    login = host.run("printf '%%s\\0' %s | unix_chkpwd %s nonull", lab.password, lab.joiner)
    expect.that(
        login.rc == 0,
        f"a login as {lab.joiner} with {lab.password}",
        found="works" if login.rc == 0 else "is refused",
        wanted="works",
    )
    changed = _shadow(host, lab.joiner)["changed"]
    expect.that(
        changed == "0",
        "day of the last change (0: the next login asks for a new password)",
        found=changed,
        wanted="0",
    )


def test_ageing(host: Host, lab: Values) -> None:
    """The three limits of the new colleague's password."""
    shadow = _shadow(host, lab.joiner)
    expect("most days that it is valid", found=shadow["max"], wanted=str(lab.max_days))
    expect("fewest days between two changes", found=shadow["min"], wanted=str(lab.min_days))
    expect("days of warning", found=shadow["warn"], wanted=str(lab.warn_days))


def test_expiry(host: Host, lab: Values) -> None:
    """The account, not the password, ends."""
    found = _shadow(host, lab.temp)["expires"]
    wanted = (date.fromisoformat(lab.until) - date(1970, 1, 1)).days
    expect(
        f"end of {lab.temp}'s account, in days since 1970-01-01 ({lab.until})",
        found=found or "never",
        wanted=str(wanted),
    )


def test_locked(host: Host, lab: Values) -> None:
    """A lock is a mark before the hash."""
    password = _shadow(host, lab.leaver)["password"]
    expect.that(
        password.startswith("!"),
        f"{lab.leaver}'s password field",
        found=password,
        wanted="locked: begins with !",
    )


def test_service(host: Host, lab: Values) -> None:
    """A system account without a login."""
    account = _passwd(host, lab.service)
    number = int(account["uid"]) if account["uid"].isdigit() else 0
    expect.that(
        1 <= number <= 999,
        f"uid of {lab.service}",
        found=account["uid"] or "no such account",
        wanted="1 to 999",
    )
    expect.that(
        account["shell"] in {"/sbin/nologin", "/usr/sbin/nologin"},
        "its shell",
        found=account["shell"],
        wanted="/sbin/nologin",
    )


def test_defaults(host: Host, lab: Values) -> None:
    """Make an account, look at it and remove it."""
    probe = host.run(
        "userdel -rf %s 2>/dev/null; useradd -M %s && getent shadow %s; userdel -rf %s 2>/dev/null",
        *(PROBE,) * 4,
    )
    fields = (*probe.stdout.strip().split(":"), *[""] * 6)
    expect.that(
        fields[4] == str(lab.new_max),
        "most days that the password of a new account is valid",
        found=fields[4] or probe.stderr,
        wanted=str(lab.new_max),
    )
    expect("days of warning of a new account", found=fields[5], wanted=str(lab.new_warn))


def keep_handover(host: Host, lab: Values) -> None:
    """Locked is not deleted."""
    account = _passwd(host, lab.leaver)
    expect(f"uid of {lab.leaver}", found=account["uid"], wanted="1987")
    password = _shadow(host, lab.leaver)["password"]
    expect("its password under the lock", found=password.lstrip("!"), wanted=LEAVER_HASH)
    note = host.run("cat %s", f"/home/{lab.leaver}/handover.txt")
    expect(
        "handover.txt in its home directory",
        found=(note.stdout or note.stderr).strip(),
        wanted=f"Open: the order of {lab.word}",
    )
