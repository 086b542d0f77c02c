"""Grades lab NNN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values


def test_content(host: Host, lab: Values) -> None:
    """Ask for what a reader of the file would see."""
    shown = host.run(f"cat {lab.note}")
    expect(f"what {lab.note} says", found=shown.stdout.strip(), wanted=lab.word)


def test_mode(host: Host, lab: Values) -> None:
    """A link to the file has permissions too: ask for those of the file itself."""
    mode = host.run(f"stat --dereference --format=%a {lab.note}").stdout.strip()
    expect(f"permissions of {lab.note}", found=mode.zfill(4), wanted=lab.mode)


def keep_neighbour(host: Host, lab: Values) -> None:
    """What must stay is graded as well."""
    old = host.run(f"cat /srv/{lab.folder}/old").stdout
    expect("the other file", found=old.strip(), wanted=f"written before {lab.word}")
