"""`up` and `apply` up to the point where Ansible begins, and the checks after it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ironlab import console, inventory, play, prerequisites, stack, vault
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import Host, HostState
from ironlab.process import Done
from ironlab.recorder import Outcome
from ironlab.smoke import Answer, Check, ProblemError, Stack

if TYPE_CHECKING:
    from pathlib import Path

LISTING: dict[str, Any] = {
    "_meta": {"hostvars": {"box1": {"ironlab_image": "el9", "ansible_host": "10.77.0.11"}}},
    "all": {"children": ["stack", "lab"]},
    "stack": {"hosts": ["box1"]},
    "lab": {"hosts": ["box1"]},
}


class Backend:
    """Hosts that exist by saying so."""

    def __init__(self, **images: str) -> None:
        self.images = images
        self.built: list[str] = []

    def listing(self) -> list[HostState]:
        return [HostState(n, i, "running", "10.77.0.11", "") for n, i in self.images.items()]

    def has_image(self, _image: str) -> bool:
        return True

    def build(self, image: str) -> None:
        self.built.append(image)

    def create(self, name: str, image: str, address: str | None) -> Host:
        self.images[name] = image
        return host(name, image, address or "")

    def destroy(self, name: str) -> bool:
        return bool(self.images.pop(name))

    def is_stand_in(self, _name: str) -> bool:
        return True


def host(name: str, image: str, address: str) -> Host:
    from pathlib import Path  # noqa: PLC0415

    return Host(name, image, address, "admin", Path("key"), Path("known_hosts"))


@pytest.fixture(autouse=True)
def plays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[play.Play]:
    """Ansible is not started; what it would run is kept."""
    seen: list[play.Play] = []

    def perform(what: play.Play, _name: str, _display: object) -> Outcome:
        seen.append(what)
        return Outcome(tmp_path / "log", 1.0, None, False, {"ok": 1, "changed": 0}, [])  # noqa: FBT003

    monkeypatch.setattr(play, "perform", perform)
    monkeypatch.setattr(prerequisites, "ensure", lambda **_: None)
    monkeypatch.setattr(prerequisites, "require_space", lambda _needed: None)
    monkeypatch.setattr(vault, "ensure", lambda _inventory: [])
    monkeypatch.setattr(inventory, "read", lambda _inventory: LISTING)
    monkeypatch.setattr(Stack, "checks", lambda _self, **_: iter([Check("all", "ok", "fine")]))
    return seen


def up(backend: Backend, image: str | None = None, *, yes: bool = False) -> stack.Up:
    return stack.up(backend, image=image, assume_yes=yes)  # type: ignore[arg-type]


def test_up_makes_what_is_not_there(plays: list[play.Play]) -> None:
    backend = Backend()
    found = up(backend)
    assert (found.made, backend.built) == (["box1"], ["el9"])
    assert [check.state for check in found.checks] == ["ok"]
    assert plays == [play.Play("playbooks/site.yml", inventory.SINGLE)]


def test_a_second_up_makes_nothing() -> None:
    backend = Backend(box1="el9")
    assert up(backend).made == []
    assert backend.built == []


def test_up_tells_ansible_about_another_image(plays: list[play.Play]) -> None:
    up(Backend(), "el10")
    assert plays[0].options == ["-e", "ironlab_image=el10"]


def test_a_host_of_another_image_is_not_replaced_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "is_terminal", lambda: False)
    backend = Backend(box1="el9")
    with pytest.raises(IronlabError, match="box1 was kept as el9") as caught:
        up(backend, "el10")
    assert "--yes" in caught.value.remedy
    assert backend.images == {"box1": "el9"}
    up(backend, "el10", yes=True)
    assert backend.images == {"box1": "el10"}


def test_up_without_a_lab_points_to_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = {key: value for key, value in LISTING.items() if key != "lab"}
    monkeypatch.setattr(inventory, "read", lambda _inventory: listing)
    with pytest.raises(IronlabError, match="no host in group `lab`") as caught:
        up(Backend())
    assert "./ironlab apply" in caught.value.remedy


def test_a_failed_play_is_kept_for_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    failed = Outcome(tmp_path / "log", 1.0, "box1: redis: no", False, {"failed": 1}, [])  # noqa: FBT003
    monkeypatch.setattr(play, "perform", lambda *_: failed)
    with pytest.raises(IronlabError, match="box1: redis: no; full log: "):
        up(Backend())
    kept = stack.last_apply()
    assert kept is not None
    assert (kept["result"], kept["failure"]) == ("failed", "box1: redis: no")


def test_a_check_run_is_no_apply(tmp_path: Path) -> None:
    stack.apply(play.Play("playbooks/site.yml", tmp_path, check=True))
    assert stack.last_apply() is None


def test_apply_to_an_unknown_host(tmp_path: Path) -> None:
    with pytest.raises(IronlabError, match="there is no host nosuch") as caught:
        stack.apply(play.Play("playbooks/site.yml", tmp_path, limit="nosuch"))
    assert caught.value.code == ExitCode.UNREACHABLE
    assert "box1" in caught.value.remedy


@pytest.mark.parametrize("limit", ["box1", "stack", "stack:!box9", None])
def test_apply_to_what_there_is(tmp_path: Path, limit: str | None) -> None:
    assert stack.apply(play.Play("playbooks/site.yml", tmp_path, limit=limit)).failure is None


def test_apply_needs_a_group_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(inventory, "read", lambda _inventory: {"_meta": {"hostvars": {}}})
    with pytest.raises(IronlabError, match="has no group `stack`") as caught:
        stack.apply(play.Play("playbooks/site.yml", tmp_path))
    assert caught.value.code == ExitCode.USAGE


def test_a_lab_host_without_an_image() -> None:
    listing = {"lab": {"hosts": ["x"]}, "_meta": {"hostvars": {}}}
    with pytest.raises(IronlabError, match="host x is in group `lab` but has no ironlab_image"):
        inventory.lab_hosts(listing)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "X: YAML parsing failed: no end.\nOrigin: /x/hosts.yml:2:1\n[ERROR]: no",
            "no end (/x/hosts.yml:2:1)",
        ),
        ("[ERROR]: Decryption\nfailed.\n", "Decryption failed"),
    ],
)
def test_an_unreadable_inventory_says_where(said: str, expected: str) -> None:
    assert inventory._cause(said) == expected  # noqa: SLF001


def answers(monkeypatch: pytest.MonkeyPatch, *found: Answer) -> Stack:
    rest = list(found)
    monkeypatch.setattr(
        Stack, "get", lambda _self, _path: rest.pop(0) if len(rest) > 1 else rest[0]
    )
    return Stack(host("box1", "el9", "10.77.0.11"), {}, run=lambda _argv, **_: Done(0, "", ""))


def test_a_second_read_must_come_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    miss, hit = (Answer(200, {"x-cache": state}, b"") for state in ("miss", "hit"))
    assert answers(monkeypatch, miss, hit).cache()
    with pytest.raises(ProblemError, match="X-Cache: miss"):
        answers(monkeypatch, miss).cache()


def test_nginx_must_reach_every_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (Answer(200, {"x-instance": number}, b"") for number in "12")
    assert "1, 2" in answers(monkeypatch, one, one, two).balance()
    with pytest.raises(ProblemError, match=r"\['1'\], not \['1', '2'\]"):
        answers(monkeypatch, one).balance()
    with pytest.raises(ProblemError, match="answered 503"):
        answers(monkeypatch, Answer(503, {"x-instance": "2"}, b"")).balance()


@pytest.mark.parametrize(
    ("health", "problem"), [("up", None), ("down", "target node is down: refused")]
)
def test_every_target_must_be_up(
    monkeypatch: pytest.MonkeyPatch, health: str, problem: str | None
) -> None:
    target = {"labels": {"job": "node"}, "health": health, "lastError": "refused"}
    said = json.dumps({"data": {"activeTargets": [target]}})
    monkeypatch.setattr(Stack, "ssh", lambda _self, *_: said)
    asked = answers(monkeypatch, Answer(200, {}, b""))
    if problem is None:
        assert asked.targets(0) == "all 1 targets are up"
    else:
        with pytest.raises(ProblemError, match=problem):
            asked.targets(0)
