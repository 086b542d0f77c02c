"""A lab's hosts: made together, and never left half made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ironlab import inventory as inventories
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import Host, HostState
from ironlab.labs import catalogue, places, places_backends, places_remote
from ironlab.process import Done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.labs.model import Lab


class FakeBackend:
    """Hosts in a dictionary."""

    def __init__(self) -> None:
        self.hosts: dict[str, str] = {}
        self.disks: dict[str, tuple[int, ...]] = {}
        self.refuses = ""
        self.resets: list[tuple[str, str | None]] = []

    def make(self, name: str, image: str, disks: Sequence[int]) -> Host:
        if name == self.refuses:
            raise KeyboardInterrupt
        self.disks[name] = tuple(disks)
        self.hosts[name] = "running"
        return self._host(name, image)

    def find(self, name: str) -> Host:
        if self.hosts.get(name) != "running":
            raise IronlabError(f"host {name} does not run", "", ExitCode.UNREACHABLE)
        return self._host(name, "el9")

    def start(self, name: str) -> Host:
        self.hosts[name] = "running"
        return self._host(name, "el9")

    def snapshot(self, name: str, label: str) -> None:
        assert self.hosts[name] == "running", label

    def reset(self, name: str, to: str | None = None) -> Host:
        self.resets.append((name, to))
        return self.start(name)

    def reboot(self, name: str) -> Host:
        return self.start(name)

    def destroy(self, name: str) -> bool:
        return self.hosts.pop(name, None) is not None

    def listing(self) -> list[HostState]:
        return [HostState(name, "el9", state, "", "") for name, state in self.hosts.items()]

    @staticmethod
    def _host(name: str, image: str) -> Host:
        return Host(name, image, f"10.77.0.{len(name)}", "admin", Path("key"), Path("known"))


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    fake = FakeBackend()
    monkeypatch.setattr(places_backends, "of", lambda _kind: fake)
    return fake


@pytest.fixture
def lab(sample: Path) -> Lab:
    return catalogue.load(sample)


def with_needs(lab: Lab, **needs: object) -> Lab:
    return lab.model_copy(update={"needs": lab.needs.model_copy(update=needs)})


def test_each_host_of_the_lab_is_made_under_its_name(lab: Lab, backend: FakeBackend) -> None:
    made: list[str] = []
    place = places.open_(with_needs(lab, hosts=["box", "peer"]), made=made)
    assert sorted(backend.hosts) == ["lab-901-box", "lab-901-peer"] == sorted(made)
    assert place.targets["peer"].name == "lab-901-peer"
    assert place.states() == {"box": "running", "peer": "running"}


def test_only_box_gets_the_extra_disks(lab: Lab, backend: FakeBackend) -> None:
    places.open_(with_needs(lab, host="machine", hosts=["box", "peer"], disks=[1024, 512]))
    assert backend.disks == {"lab-901-box": (1024, 512), "lab-901-peer": ()}


def test_what_was_made_goes_when_one_cannot_be_made(lab: Lab, backend: FakeBackend) -> None:
    backend.refuses = "lab-901-peer"
    with pytest.raises(KeyboardInterrupt):
        places.open_(with_needs(lab, hosts=["box", "peer"]))
    assert backend.hosts == {}


def test_a_host_that_was_there_before_stays(lab: Lab, backend: FakeBackend) -> None:
    backend.hosts["lab-901-box"] = "running"
    backend.refuses = "lab-901-peer"
    with pytest.raises(KeyboardInterrupt):
        places.open_(with_needs(lab, hosts=["box", "peer"]))
    assert list(backend.hosts) == ["lab-901-box"]


def test_an_unknown_image_is_refused(lab: Lab, backend: FakeBackend) -> None:
    with pytest.raises(IronlabError, match="no image el8") as caught:
        places.open_(lab, image="el8")
    assert caught.value.code == ExitCode.USAGE
    assert backend.hosts == {}


def test_a_lab_for_machines_gets_no_container(lab: Lab) -> None:
    with pytest.raises(IronlabError, match="needs a machine"):
        places.choose(with_needs(lab, host="machine"), "container")
    assert places.choose(lab, "machine") == "machine"
    assert places.choose(with_needs(lab, host="machine"), None) == "machine"


def test_a_host_that_is_off_has_no_target_until_it_is_on(backend: FakeBackend) -> None:
    backend.hosts["lab-901-box"] = "exited"
    place = places.attach("container", {"box": "lab-901-box"})
    assert place.targets == {}
    place.switch_on("box")
    assert place.targets["box"].name == "lab-901-box"


def test_a_reset_ends_the_kept_connection_first(
    lab: Lab, backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    calls: list[list[str]] = []

    def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
        del stdin, timeout
        assert backend.resets == []
        calls.append(list(argv))
        return Done(0, "", "")

    place = places.open_(lab, run=run)
    socket = place.targets["box"].control_path
    socket.touch()
    place.reset("start")
    assert backend.resets == [("lab-901-box", "start")]
    assert [call[call.index("-O") + 1] for call in calls] == ["exit"]
    assert not socket.exists()


def test_ansible_and_ssh_share_one_connection(lab: Lab, backend: FakeBackend) -> None:
    del backend
    place = places.open_(lab)
    target = place.targets["box"]
    assert f"ControlPath={target.control_path}" in target.ssh()
    assert place.variables("box")["ansible_control_path"] == str(target.control_path)


def test_connections_are_kept_in_a_folder_of_ones_own_only(
    lab: Lab, backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del backend
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    target = places.open_(lab).targets["box"]
    folder = target.control_path.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(IronlabError, match="not a folder of yours alone"):
        _ = target.control_path


def inventory_of(monkeypatch: pytest.MonkeyPatch, **variables: object) -> None:
    monkeypatch.setattr(inventories, "host", lambda _path, _name: variables)
    monkeypatch.setattr(inventories, "locate", lambda path: path)


def test_a_host_of_an_inventory_is_reached_as_that_says(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory_of(
        monkeypatch,
        ansible_host="192.0.2.7",
        ansible_user="ops",
        ansible_port=2222,
        ansible_ssh_private_key_file="/keys/ops",
        other="secret",
    )
    names = places_remote.check(lab, "web1@inventory/mine")
    place = places_remote.attach(names)
    target = place.targets["box"]
    assert (target.address, target.port, target.user) == ("192.0.2.7", 2222, "ops")
    assert target.identity_file == "/keys/ops"
    assert "other" not in place.variables("box")
    with pytest.raises(IronlabError, match="can't be put back"):
        place.reset("start")
    assert place.destroy() == []


def test_a_host_of_an_inventory_reboots_by_ansibles_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inventory_of(monkeypatch, ansible_ssh_private_key_file="/keys/ops")
    calls: list[list[str]] = []

    def run(argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
        del stdin, timeout
        calls.append(list(argv))
        return Done(2, "", "timed out waiting for last boot time")

    place = places_remote.attach({"box": "web1@inventory/mine"}, run)
    with pytest.raises(IronlabError, match="did not reboot: timed out") as caught:
        place.reboot()
    assert caught.value.code == ExitCode.UNREACHABLE
    assert "ansible.builtin.reboot" in calls[0]


@pytest.mark.parametrize(
    ("host", "needs", "said"),
    [
        ("web1", {}, "names no host"),
        ("@inventory", {}, "names no host"),
        ("web1@inventory", {"disks": [1024]}, "extra disks or a second host"),
        ("web1@inventory", {"hosts": ["box", "peer"]}, "extra disks or a second host"),
    ],
)
def test_a_lab_that_an_inventory_cannot_serve_is_refused(
    lab: Lab, host: str, needs: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory_of(monkeypatch, ansible_ssh_private_key_file="/keys/ops")
    with pytest.raises(IronlabError, match=said) as caught:
        places_remote.check(with_needs(lab, **needs), host)
    assert caught.value.code == ExitCode.USAGE


def test_a_host_that_is_not_reached_by_ssh_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory_of(monkeypatch, ansible_connection="local")
    with pytest.raises(IronlabError, match="reached by local, not by ssh"):
        places_remote.attach({"box": "web1@inventory/mine"})
