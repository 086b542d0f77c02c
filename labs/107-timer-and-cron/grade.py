"""Grades lab 107: asks systemd, cron and at what would run when, and lets it run."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values

_ELAPSE = re.compile(r"^\s*(?:Next elapse|Iter\. #\d+|Iteration #\d+): (.+)$", re.MULTILINE)
_CALENDAR = re.compile(r"OnCalendar=(.*?) ;")
_RUNS = 14
_ASSIGNMENT = re.compile(r"""\s*([A-Za-z_]\w*)\s*=\s*["']?(.*?)["']?\s*""")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SPECIAL_PARTS = 2
_CRON_FIELDS = 5
# The tables that cronie reads, and of each the lines that it takes: not a last one without an end.
_TABLES = (
    "find -L /etc/crontab /etc/cron.d -maxdepth 1 -type f -user root -perm -0400 ! -perm /7133"
    " ! -name '.*' ! -name '#*' ! -name '*~' ! -name '*.rpmsave' ! -name '*.rpmnew'"
    " ! -name '*.rpmorig' -exec bash -c"
    ' \'for table; do while IFS= read -r line; do echo "$line"; done < "$table"; done\' - {} +'
)


class Entry(NamedTuple):
    """One line of a cron table."""

    user: str
    fields: list[str]
    command: str
    environment: dict[str, str]


def _property(host: Host, unit: str, name: str) -> str:
    return str(host.run("systemctl show --property=%s --value %s", name, unit).stdout.strip())


def _log(lab: Values) -> str:
    return f"/var/log/{lab.job}.log"


def _lines_of(host: Host, lab: Values, command: str) -> list[str]:
    """The lines that the log gets while `command` runs."""
    log = shlex.quote(_log(lab))
    script = f'seen=$(wc -l < {log}); {command} >&2; tail -n "+$((seen + 1))" {log}'
    return str(host.run(script).stdout).splitlines()


def _elapses(host: Host, expression: str) -> list[str]:
    found = host.run("systemd-analyze calendar --iterations=%s -- %s", str(_RUNS), expression)
    return _ELAPSE.findall(found.stdout)


def test_timer_on(host: Host, lab: Values) -> None:
    """Whether it is enabled shows after a restart."""
    unit = f"{lab.job}-export.timer"
    state = host.run("systemctl is-active %s", unit).stdout.strip()
    expect(f"state of {unit}", found=state, wanted="active")


def test_timer_when(host: Host, lab: Values) -> None:
    """The times count, not how they are written."""
    unit = f"{lab.job}-export.timer"
    wanted = _elapses(host, f"{lab.days} {lab.clock}")
    expressions = _CALENDAR.findall(_property(host, unit, "TimersCalendar"))
    found: set[str] = set()
    for expression in expressions[:7]:
        found.update(_elapses(host, expression))
    # Of several expressions each is shown for as many runs, hence further ahead than all together.
    horizon = sorted(found)
    shown = [run for run in _by_date(horizon) if _date(run) <= _date(wanted[-1])]
    expect(f"the next {_RUNS} runs of {unit}", found=shown, wanted=wanted)
    expect(f"other triggers of {unit}", found=_property(host, unit, "TimersMonotonic"), wanted="")
    delay = _property(host, unit, "RandomizedDelayUSec")
    expect(f"random delay of {unit}", found=delay, wanted="0")
    service = _property(host, unit, "Unit")
    enabled = _property(host, service, "UnitFileState")
    what = f"{service} by itself at boot"
    expect.that(not enabled.startswith("enabled"), what, found=enabled, wanted="not enabled")


def _date(elapse: str) -> str:
    return elapse.partition(" ")[2]


def _by_date(elapses: list[str]) -> list[str]:
    return sorted(elapses, key=_date)


def test_timer_missed(host: Host, lab: Values) -> None:
    """Persistent= with a calendar expression makes up for a missed run."""
    unit = f"{lab.job}-export.timer"
    expect(f"Persistent of {unit}", found=_property(host, unit, "Persistent"), wanted="yes")
    calendar = _property(host, unit, "TimersCalendar")
    expect.that(bool(calendar), f"calendar expression of {unit}", found=calendar, wanted="one")


def test_timer_runs(host: Host, lab: Values) -> None:
    """What the timer starts is started here."""
    service = _property(host, f"{lab.job}-export.timer", "Unit")
    expect.that(bool(service), "the timer's service", found=service, wanted="one")
    lines = _lines_of(host, lab, f"timeout 10 systemctl start --wait {shlex.quote(service)}")
    wanted = [f"export by {lab.user} with nothing"]
    expect(f"{_log(lab)} after a start of {service}", found=lines, wanted=wanted)


def _entries(user: str, table: str, *, names_user: bool) -> list[Entry]:
    """The lines of a cron table; those of system tables name their user."""
    environment: dict[str, str] = {}
    entries = []
    for line in table.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        assignment = _ASSIGNMENT.fullmatch(line)
        if assignment:
            environment[assignment[1]] = assignment[2]
            continue
        count = (1 if line.lstrip().startswith("@") else _CRON_FIELDS) + names_user
        parts = line.split(maxsplit=count)
        if len(parts) > count:
            fields = parts[: count - names_user]
            owner = parts[count - 1] if names_user else user
            entries.append(Entry(owner, fields, parts[count], dict(environment)))
    return entries


def _number(text: str) -> int:
    return _DAYS.index(text.lower()) if text.isalpha() else int(text)


def _values(field: str, lowest: int, highest: int) -> set[int]:
    """The numbers that a field of a cron table stands for; none when it is wrong."""
    values: set[int] = set()
    try:
        for part in field.split(","):
            span, _, step = part.partition("/")
            first, _, last = span.partition("-")
            if span == "*":
                start, end = lowest, highest
            else:
                start = _number(first)
                end = _number(last) if last else (highest if step else start)
            values.update(range(start, end + 1, int(step or 1)))
    except ValueError:
        return set()
    return values


def _weekly(entry: Entry, lab: Values) -> bool:
    if len(entry.fields) != _CRON_FIELDS:
        return False
    minute, hour, day, month, weekday = entry.fields
    # A day of the month that doesn't begin with a star counts beside the weekday, not with it.
    return (
        _values(minute, 0, 59) == {lab.tidy_minute}
        and _values(hour, 0, 23) == {lab.tidy_hour}
        and day.startswith("*")
        and _values(day, 1, 31) == set(range(1, 32))
        and _values(month, 1, 12) == set(range(1, 13))
        and {value % 7 for value in _values(weekday, 0, 7)}
        == {_DAYS.index(lab.weekday[:3].lower())}
    )


def _as_cron_does(host: Host, lab: Values, entry: Entry) -> list[str]:
    home = str(host.user(lab.user).home)
    user = str(lab.user)
    environment = {"HOME": home, "LOGNAME": user, "USER": user, "PATH": "/usr/bin:/bin"}
    environment |= {"SHELL": "/bin/sh"} | entry.environment
    command = re.split(r"(?<!\\)%", entry.command)[0].replace("\\%", "%")  # the rest is its input
    words = [f"{name}={value}" for name, value in environment.items()]
    words = ["env", "-i", *words, environment["SHELL"], "-c", command]
    started = f"timeout 10 runuser -u {shlex.quote(user)} -- {shlex.join(words)} < /dev/null"
    return _lines_of(host, lab, started)


def test_cron(host: Host, lab: Values) -> None:
    """Whichever table it is in: the time and what runs count."""
    running = host.run("systemctl is-active crond.service").stdout.strip()
    expect("state of crond.service", found=running, wanted="active")
    own = host.run("crontab -u %s -l", lab.user).stdout
    system = host.run(_TABLES).stdout
    entries = _entries(str(lab.user), own, names_user=False)
    entries += _entries("", system, names_user=True)
    mine = [e for e in entries if e.user == lab.user]
    shown = [" ".join([*e.fields, e.command]) for e in mine]
    timely = [e for e in mine if _weekly(e, lab)]
    what = f"cron jobs of {lab.user}"
    expect.that(bool(timely), what, found=shown, wanted=f"{lab.weekday}, {lab.tidy_clock}")
    lines = [line for entry in timely[:3] for line in _as_cron_does(host, lab, entry)]
    wanted = [f"tidy by {lab.user} with {lab.keep}"]
    expect(f"{_log(lab)} after cron's command", found=lines, wanted=wanted)
    others = [e for e in mine if e not in timely and f"{lab.job}-tidy" in e.command]
    expect(f"other times of {lab.job}-tidy", found=[e.fields for e in others], wanted=[])


def test_once(host: Host, lab: Values) -> None:
    """The queue, the service that works it off, and what the job does."""
    running = host.run("systemctl is-active atd.service").stdout.strip()
    expect("state of atd.service", found=running, wanted="active")
    # number, weekday, month, day, time, year, queue, user
    queue = str(host.run("LC_ALL=C atq").stdout).splitlines()
    months = {10: "Oct", 11: "Nov", 12: "Dec"}
    wanted = f"{months[int(lab.month)]} {lab.day} 06:30:00 2037 {lab.user}"
    jobs = [job.split() for job in queue]
    due = [j[0] for j in jobs if f"{' '.join(j[2:6])} {j[-1]}" == wanted]
    expect.that(bool(due), "jobs in at's queue", found=queue, wanted=wanted)
    command = " ".join(f"at -c {n} | timeout 10 runuser -u {lab.user} -- /bin/sh;" for n in due[:3])
    lines = _lines_of(host, lab, f"{{ {command} }}")
    expected = [f"remind by {lab.user} with nothing"]
    expect(f"{_log(lab)} after at's job", found=lines, wanted=expected)


def keep_scripts(host: Host, lab: Values) -> None:
    """The task says to leave them alone."""
    for name in ("export", "tidy", "remind"):
        path = f"/usr/local/bin/{lab.job}-{name}"
        found = host.run("cat %s", path).stdout
        line = f'echo "{name} by $(id -un) with ${{*:-nothing}}" >> {_log(lab)}'
        expect.that(line in found.splitlines(), path, found=found, wanted=line)
