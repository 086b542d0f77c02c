"""Two moments of a host, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import IronlabError
from ironlab.labs.targets import Target
from ironlab.process import Done
from ironlab.proofs import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT = "path\t/etc\tdrwxr-xr-x root:root \nfirewall\tpublic ports:\t 80/tcp\nunit\tcrond\tactive\n"


def test_facts_are_read_and_compared() -> None:
    fresh = fingerprint.parse(TEXT)
    assert fresh["path", "/etc"] == "drwxr-xr-x root:root"
    assert fingerprint.differences(fresh, fresh) == []
    changed = TEXT.replace("80/tcp", "81/tcp").replace("unit\tcrond\tactive\n", "user\tann\t1001\n")
    assert fingerprint.differences(fresh, fingerprint.parse(changed)) == [
        "firewall public ports: was `80/tcp` and is `81/tcp`",
        "unit crond is gone (active)",
        "user ann is new (1001)",
    ]


def test_facts_of_one_name_are_all_kept() -> None:
    facts = fingerprint.parse("route\tdefault\tvia a\nroute\tdefault\tvia b\n")
    assert facts == {("route", "default"): "via a; via b"}


def test_many_differences_are_cut_short() -> None:
    now = {("path", f"/srv/{number:02}"): "" for number in range(20)}
    found = fingerprint.differences({}, now)
    assert found[0] == "path /srv/00 is new"
    assert found[-1] == "and 8 more"


def test_a_host_that_does_not_answer_is_no_empty_fingerprint() -> None:
    asked: list[Sequence[str]] = []

    def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
        assert b"rpm -qa" in stdin
        assert timeout
        asked.append(argv)
        return Done(255, TEXT, "connection closed")

    target = Target("box", "10.77.0.9", 22, "admin", "/k", "/h")
    with pytest.raises(IronlabError, match="the fingerprint of box broke off: connection closed"):
        fingerprint.take(target, run)
    assert "'/var/cache'" in asked[0]


def test_every_volatile_path_says_why() -> None:
    assert all(len(why) > 10 for why in fingerprint.VOLATILE.values())
