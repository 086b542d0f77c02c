"""The container backend, seen from podman's side."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity
from ironlab.hosts.container import ContainerHosts
from ironlab.hosts.everywhere import Everywhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import FakeMachine


def backend(
    machine: FakeMachine, build: Callable[[str], object] = lambda _: None
) -> ContainerHosts:
    return ContainerHosts(build, run=machine, run_root=machine)


def test_create_starts_one_container_and_answers_how_to_reach_it(machine: FakeMachine) -> None:
    host = backend(machine).create("box1", "el9", "10.77.0.11")
    assert (host.name, host.image, host.address, host.user) == (
        "box1",
        "el9",
        "10.77.0.11",
        "admin",
    )
    assert list(machine.containers) == ["ironlab-box1"]
    (create,) = machine.asked("create")
    assert {"--ip=10.77.0.11", "--systemd=always", "--cap-add=NET_ADMIN"} <= set(create)


def test_create_again_changes_nothing(machine: FakeMachine) -> None:
    hosts = backend(machine)
    assert hosts.create("box1", "el9") == hosts.create("box1", "el9")
    assert len(machine.asked("create")) == 1


def test_create_starts_a_stopped_host(machine: FakeMachine) -> None:
    hosts = backend(machine)
    hosts.create("box1", "el9")
    machine.containers["ironlab-box1"]["State"]["Status"] = "exited"
    hosts.create("box1", "el9")
    assert machine.containers["ironlab-box1"]["State"]["Status"] == "running"


def test_a_missing_image_is_built(machine: FakeMachine) -> None:
    built: list[str] = []
    machine.images.clear()
    backend(machine, built.append).create("box1", "el9")
    assert built == ["el9"]


def test_an_image_that_cannot_be_built_leaves_nothing(machine: FakeMachine) -> None:
    def refuse(_: str) -> None:
        raise IronlabError("there is no image el8", "el9, el10", ExitCode.UNREACHABLE)

    machine.images.clear()
    with pytest.raises(IronlabError, match="el8"):
        backend(machine, refuse).create("box1", "el8")
    assert not machine.containers


@pytest.mark.parametrize(("image", "address"), [("el10", None), ("el9", "10.77.0.12")])
def test_another_image_or_address_is_refused(
    machine: FakeMachine, image: str, address: str | None
) -> None:
    hosts = backend(machine)
    hosts.create("box1", "el9", "10.77.0.11")
    with pytest.raises(IronlabError, match="host box1 exists") as caught:
        hosts.create("box1", image, address)
    assert "destroy it first" in caught.value.remedy


@pytest.mark.parametrize("name", ["", "Box", "a b", "-a", "a" * 60, "a/b", "$(id)"])
def test_a_name_that_is_none_is_refused(machine: FakeMachine, name: str) -> None:
    with pytest.raises(IronlabError) as caught:
        backend(machine).create(name, "el9")
    assert caught.value.code == ExitCode.USAGE
    assert not machine.calls


@pytest.mark.parametrize("address", ["10.88.0.1", "x", "10.77.1.1"])
def test_an_address_elsewhere_is_refused(machine: FakeMachine, address: str) -> None:
    with pytest.raises(IronlabError, match=r"live in 10\.77\.0\.0/24") as caught:
        backend(machine).create("box1", "el9", address)
    assert caught.value.code == ExitCode.USAGE


def test_addresses_are_handed_out_once(machine: FakeMachine) -> None:
    hosts = backend(machine)
    found = {hosts.create(name, "el9").address for name in ("a", "b", "c")}
    assert found == {"10.77.0.129", "10.77.0.130", "10.77.0.131"}


@pytest.mark.parametrize("verb", ["create", "cp", "start"])
def test_a_failed_create_leaves_no_host(machine: FakeMachine, verb: str) -> None:
    machine.refuse[verb] = "write /x: no space left on device"
    with pytest.raises(IronlabError, match="disk of podman's storage is full") as caught:
        backend(machine).create("box1", "el9")
    assert caught.value.code == ExitCode.PREREQUISITE
    assert not machine.containers


def test_a_host_that_boots_badly_is_removed_and_named(machine: FakeMachine) -> None:
    machine.boots_to = "degraded"
    with pytest.raises(IronlabError, match=r"box1 at .* is not ready: degraded") as caught:
        backend(machine).create("box1", "el9")
    assert caught.value.code == ExitCode.UNREACHABLE
    assert not machine.containers


def test_reset_keeps_address_and_identity(machine: FakeMachine) -> None:
    hosts = backend(machine)
    hosts.create("other", "el9")
    before = hosts.create("box1", "el9")
    known = identity.known_hosts_file().read_text(encoding="ascii")
    assert hosts.reset("box1") == before
    assert identity.known_hosts_file().read_text(encoding="ascii") == known


def test_a_reset_that_cannot_begin_leaves_the_old_host(machine: FakeMachine) -> None:
    hosts = backend(machine)
    hosts.create("box1", "el9")
    machine.refuse["create"] = "no such image"
    with pytest.raises(IronlabError):
        hosts.reset("box1")
    assert list(machine.containers) == ["ironlab-box1"]


def test_reset_to_a_snapshot(machine: FakeMachine) -> None:
    hosts = backend(machine)
    hosts.create("box1", "el9")
    hosts.snapshot("box1", "ready")
    hosts.reset("box1", "ready")
    assert machine.asked("create")[-1][-1] == "localhost/ironlab/snapshot-box1:ready"
    with pytest.raises(IronlabError, match="no snapshot nosuch"):
        hosts.reset("box1", "nosuch")


def test_a_host_goes_with_all_its_snapshots(machine: FakeMachine) -> None:
    hosts = backend(machine)
    for name in ("box1", "box2"):
        hosts.create(name, "el9")
        hosts.snapshot(name, "ready")
        hosts.snapshot(name, "ready")
    assert hosts.destroy("box1")
    assert list(machine.snapshots.values()) == ["ironlab.snapshot-of=box2"] * 2


@pytest.mark.parametrize("action", ["reset", "reboot", "address", "find"])
def test_an_unknown_host_has_its_own_exit_code(machine: FakeMachine, action: str) -> None:
    with pytest.raises(IronlabError, match="there is no host nosuch") as caught:
        getattr(backend(machine), action)("nosuch")
    assert caught.value.code == ExitCode.UNREACHABLE


def test_destroy_removes_all_of_it_and_says_whether_there_was_one(machine: FakeMachine) -> None:
    hosts = backend(machine)
    hosts.create("box1", "el9")
    assert hosts.destroy("box1")
    assert not hosts.destroy("box1")
    assert not machine.containers
    assert identity.known_hosts_file().read_text(encoding="ascii") == ""


def test_destroy_removes_what_a_killed_run_has_left_beside_it(machine: FakeMachine) -> None:
    hosts = backend(machine)
    hosts.create("box1", "el9")
    machine.containers["ironlab-box1.new"] = machine.containers.pop("ironlab-box1")
    assert [state.name for state in hosts.listing()] == ["box1"]
    assert not hosts.destroy("box1")
    assert hosts.listing() == []


def test_no_podman_is_one_line(machine: FakeMachine) -> None:
    machine.refuse["container"] = "podman: command not found"
    machine.refuse["ps"] = "podman: command not found"
    with pytest.raises(IronlabError, match="podman is not installed") as caught:
        backend(machine).listing()
    assert caught.value.code == ExitCode.PREREQUISITE


def test_a_subnet_in_use_is_one_line(machine: FakeMachine) -> None:
    machine.network = [{"subnets": [{"subnet": "10.99.0.0/24"}]}]
    with pytest.raises(IronlabError, match=r"not 10\.77\.0\.0/24") as caught:
        backend(machine).create("box1", "el9")
    assert caught.value.code == ExitCode.PREREQUISITE


def test_the_archive_gives_root_and_admin_the_key_and_the_host_its_own(
    machine: FakeMachine,
) -> None:
    identity.ensure_key(machine)
    identity.ensure_host_keys(machine, "box1")
    with tarfile.open(fileobj=io.BytesIO(identity.archive("box1"))) as tar:
        found = {entry.name: (entry.mode, entry.uid) for entry in tar}
    assert found["root/.ssh/authorized_keys"] == (0o600, 0)
    assert found["home/admin/.ssh/authorized_keys"] == (0o600, 1000)
    assert found["home/admin/.ssh"] == (0o700, 1000)
    assert found["etc/ssh/ssh_host_ed25519_key"] == (0o600, 0)
    assert found["etc/ssh/ssh_host_ed25519_key.pub"] == (0o644, 0)


def test_known_hosts_hold_each_address_once(machine: FakeMachine) -> None:
    for name in ("a", "b"):
        identity.ensure_host_keys(machine, name)
    identity.remember("a", "10.77.0.20")
    identity.remember("b", "10.77.0.21")
    identity.remember("b", "10.77.0.20")  # a is gone, b has its address now
    lines = identity.known_hosts_file().read_text(encoding="ascii").splitlines()
    assert {(line.split()[0], line.split()[-1]) for line in lines} == {("10.77.0.20", "b")}
    assert identity.known_hosts_file().stat().st_mode & 0o777 == 0o600


def test_a_host_with_failed_units_is_ready_where_that_is_said(machine: FakeMachine) -> None:
    machine.boots_to = "degraded"
    hosts = ContainerHosts(lambda _: None, run=machine, run_root=machine, accept_degraded=True)
    assert hosts.create("box1", "el9").name == "box1"


def test_changes_to_etc_hosts_are_the_hosts_own(machine: FakeMachine) -> None:
    backend(machine).create("box1", "el9")
    (create,) = machine.asked("create")
    assert "--no-hosts" in create


def test_a_name_is_taken_once(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = Everywhere(lambda _: None)
    hosts.containers = backend(machine)
    hosts.containers.create("box1", "el9")
    with pytest.raises(IronlabError, match="there is a host box1, a container"):
        hosts.new_machine("box1")
    monkeypatch.setattr("ironlab.hosts.machine.exists", lambda name: name == "box2")
    with pytest.raises(IronlabError, match="there is a host box2, a virtual machine"):
        hosts.new_container("box2")
    assert hosts.of("box1") is hosts.containers
    assert hosts.of("box2") is hosts.machines
