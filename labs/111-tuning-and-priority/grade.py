"""Grades lab 111."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values


def _show(host: Host, unit: str, key: str) -> str:
    return str(host.run(f"systemctl show --property={key} --value {unit}").stdout.strip())


def test_profile(host: Host, lab: Values) -> None:
    # without the daemon `tuned-adm active` still names the profile that was chosen last
    expect("tuned.service", found=_show(host, "tuned.service", "ActiveState"), wanted="active")
    active = host.run("tuned-adm active").stdout
    named = active.partition("Current active profile:")[2].strip()
    expect("tuned's active profile", found=named, wanted=lab.profile)


def test_priority(host: Host, lab: Values) -> None:
    unit = f"{lab.batch}.service"
    expect(unit, found=_show(host, unit, "ActiveState"), wanted="active")
    process = _show(host, unit, "MainPID")
    nice = host.run(f"ps -o ni= -p {process}").stdout.strip()
    expect(
        f"nice value of process {process}, the main one of {unit}", found=nice, wanted=str(lab.nice)
    )


def test_busiest(host: Host, lab: Values) -> None:
    written = host.run("cat /root/busiest")
    expect("content of /root/busiest", found=written.stdout.strip(), wanted=lab.hog)


def test_stopped(host: Host, lab: Values) -> None:
    processes = host.run(f"pgrep -x {lab.hog}").stdout.split()
    expect(f"processes called {lab.hog}", found=len(processes), wanted=0)
    unit = f"{lab.feed}.service"
    state = _show(host, unit, "UnitFileState")
    expect.that(
        state != "enabled", f"{unit} at boot", found=state or "no such unit", wanted="not started"
    )


def test_target(host: Host) -> None:
    default = host.run("systemctl get-default").stdout.strip()
    expect("default target", found=default, wanted="multi-user.target")
