"""Draws: the same everywhere, distinct where they have to be, different for the neighbour."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
import yaml

from ironlab.errors import IronlabError
from ironlab.labs import catalogue, variants
from ironlab.labs.model import Lab
from ironlab.labs.pools import RESERVED_PORTS, names

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = """
user: {kind: name, of: person}
other: {kind: name, of: person}
team: {kind: name, of: group}
days: {kind: integer, from: 30, to: 90, step: 5}
shell: {kind: choice, of: [/bin/bash, /bin/sh]}
gid: {kind: integer, from: 1, to: 3}
uid: {kind: integer, from: 1, to: 3, unlike: [gid]}
port: {kind: port, from: 8075, to: 8090}
alt: {kind: port, from: 8075, to: 8090}
disk: {kind: disk}
spare: {kind: disk}
addr: {kind: address, network: 192.0.2.0/27}
next: {kind: address, network: 192.0.2.0/27}
six: {kind: address, network: "2001:db8:7::/64"}
"""
PINNED = {
    "user": "kirsten",
    "other": "xenia",
    "team": "designers",
    "days": 80,
    "shell": "/bin/bash",
    "gid": 1,
    "uid": 3,
    "port": 8076,
    "alt": 8089,
    "disk": "/dev/vdc",
    "spare": "/dev/vdb",
    "addr": "192.0.2.11",
    "next": "192.0.2.21",
    "six": "2001:db8:7::2a7",
    "home": "/srv/kirsten",
    "mail": "/srv/kirsten/mail",
}


@pytest.fixture
def lab() -> Lab:
    """A lab with parameters of every kind, in memory only."""
    return Lab.model_validate(
        {
            "number": 950,
            "title": "Everything",
            "objectives": ["1.1"],
            "minutes": 1,
            "needs": {"host": "machine", "disks": [100, 100]},
            "parameters": yaml.safe_load(EVERYTHING),
            "derived": {"home": "/srv/{{ user }}", "mail": "{{ home }}/mail"},
            "checks": [{"id": "a", "title": "A", "points": 100, "objective": "1.1"}],
        }
    )


def test_draws_are_pinned(lab: Lab) -> None:
    """These values stay for ever: a report or an exam paper names a seed only."""
    assert variants.draw(lab, 7).values == PINNED


def test_a_seed_gives_the_same_again_and_another_seed_something_else(lab: Lab) -> None:
    assert variants.draw(lab, 7) == variants.draw(lab, 7)
    assert len({str(variants.draw(lab, seed).values) for seed in range(1, 101)}) > 95


def test_values_keep_their_promises(lab: Lab) -> None:
    seen: set[object] = set()
    for seed in range(1, 301):
        drawn = variants.draw(lab, seed).values
        assert len({drawn["user"], drawn["other"], drawn["team"]}) == 3
        assert drawn["user"] in names()["person"]
        assert drawn["days"] in range(30, 91, 5)
        assert drawn["gid"] != drawn["uid"]
        assert drawn["port"] != drawn["alt"]
        assert 8075 <= int(drawn["port"]) <= 8090
        assert drawn["port"] not in RESERVED_PORTS
        assert {drawn["disk"], drawn["spare"]} == {"/dev/vdb", "/dev/vdc"}
        assert drawn["addr"] != drawn["next"]
        assert ipaddress.ip_address(drawn["addr"]) in ipaddress.ip_network("192.0.2.0/27")
        assert drawn["mail"] == f"/srv/{drawn['user']}/mail"
        seen |= {drawn["days"], drawn["shell"], drawn["gid"], drawn["disk"]}
    assert seen == {*range(30, 91, 5), "/bin/bash", "/bin/sh", 1, 2, 3, "/dev/vdb", "/dev/vdc"}


def test_the_neighbour_differs_in_every_value(lab: Lab) -> None:
    for seed in (1, 7, 4711, variants.MAX_SEED):
        mine, theirs = variants.draw(lab, seed), variants.neighbour(lab, seed)
        assert theirs.seed != seed
        assert [name for name in mine.values if mine.values[name] == theirs.values[name]] == []
        assert theirs == variants.draw(lab, theirs.seed)


def test_a_neighbour_of_what_cannot_differ_differs_elsewhere(lab: Lab) -> None:
    only = lab.model_copy(
        update={
            "needs": lab.needs.model_copy(update={"disks": [100]}),
            "parameters": {name: lab.parameters[name] for name in ("disk", "shell")},
            "derived": {},
        }
    )
    assert variants.draw(only, 3).values["disk"] == variants.neighbour(only, 3).values["disk"]
    assert variants.draw(only, 3).values["shell"] != variants.neighbour(only, 3).values["shell"]


def test_a_shared_host_says_which_disks_are_free(lab: Lab) -> None:
    drawn = variants.draw(lab, 7, disks=["/dev/vdd", "/dev/vde"]).values
    assert {drawn["disk"], drawn["spare"]} == {"/dev/vdd", "/dev/vde"}


@pytest.mark.parametrize("seed", [0, -1, variants.MAX_SEED + 1])
def test_what_is_no_seed_is_refused(lab: Lab, seed: int) -> None:
    for use in (variants.draw, variants.neighbour):
        with pytest.raises(IronlabError, match=f"{seed} is no seed"):
            use(lab, seed)


def test_fresh_seeds_are_seeds() -> None:
    seeds = {variants.fresh_seed() for _ in range(200)}
    assert len(seeds) > 190
    assert min(seeds) >= 1
    assert max(seeds) <= variants.MAX_SEED


def test_another_lab_draws_something_else_from_the_same_seed(lab: Lab) -> None:
    other = lab.model_copy(update={"number": 951})
    assert variants.draw(lab, 7).values != variants.draw(other, 7).values


def test_the_pools_are_clean() -> None:
    everything = [name for pool in names().values() for name in pool]
    assert len(set(everything)) == len(everything)
    assert all(name.isascii() and name.isalpha() and name.islower() for name in everything)
    assert max(map(len, everything)) <= 13
    assert min(map(len, names().values())) >= 50


def test_a_loaded_lab_draws_too(sample: Path) -> None:
    drawn = variants.draw(catalogue.load(sample), 5).values
    assert drawn["note"] == f"/srv/{drawn['folder']}/note"
