"""The monitor, against a QEMU of which only the socket is played."""

from __future__ import annotations

import json
import socket
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.errors import IronlabError
from ironlab.hosts.machine import saved
from ironlab.hosts.machine.qmp import Monitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Answer = dict[str, Any]


class Qemu:
    """Answers each command by what a test has laid down for it."""

    def __init__(self, path: Path) -> None:
        self.asked: list[Answer] = []
        self.answers: dict[str, list[Answer]] = {}
        self.path = path
        self._listener = socket.socket(socket.AF_UNIX)
        # a socket's name is short, and pytest's folders have long ones: bound from within
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b'{"QMP": {}}\n')
            stream.flush()
            for line in stream:
                command = json.loads(line)
                self.asked.append(command)
                waiting = self.answers.get(command["execute"], [])
                for answer in [waiting.pop(0)] if waiting else [{"return": {}}]:
                    for message in answer.get("first", []):
                        stream.write(json.dumps(message).encode() + b"\n")
                    rest = {key: value for key, value in answer.items() if key != "first"}
                    if rest:
                        stream.write(json.dumps(rest).encode() + b"\n")
                stream.flush()
                if command["execute"] == "end":
                    return

    def called(self) -> list[str]:
        return [command["execute"] for command in self.asked]


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Qemu:
    monkeypatch.chdir(tmp_path)
    return Qemu((tmp_path / "m").relative_to(tmp_path))


@pytest.fixture
def monitor(qemu: Qemu) -> Iterator[Monitor]:
    with Monitor(qemu.path, "box") as found:
        yield found


def test_an_event_between_question_and_answer_is_no_answer(qemu: Qemu, monitor: Monitor) -> None:
    qemu.answers["query-status"] = [{"first": [{"event": "RESUME"}], "return": {"running": True}}]
    assert monitor.call("query-status") == {"running": True}


def test_a_refusal_names_host_command_and_reason(qemu: Qemu, monitor: Monitor) -> None:
    qemu.answers["device_add"] = [{"error": {"desc": "no such bus"}}]
    with pytest.raises(IronlabError, match="host box, device_add: no such bus"):
        monitor.call("device_add")


def test_an_end_in_the_middle_is_one_line(monitor: Monitor) -> None:
    monitor.call("end")
    with pytest.raises(IronlabError, match="host box, cont: "):
        monitor.call("cont")


def job(status: str, error: str = "") -> Callable[[str], Answer]:
    def made(name: str) -> Answer:
        found = {"id": name, "status": status} | ({"error": error} if error else {})
        return {"return": [found]}

    return made


@pytest.mark.parametrize("error", ["", "no space"])
def test_a_job_is_waited_for_and_its_failure_told(
    qemu: Qemu, monitor: Monitor, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    monkeypatch.setattr("ironlab.hosts.machine.qmp.uuid4", lambda: "1")
    names = [job("running")("ironlab-1"), job("concluded", error)("ironlab-1")]
    qemu.answers["query-jobs"] = names
    if error:
        with pytest.raises(IronlabError, match="no space"):
            monitor.job("snapshot-save", tag="x")
    else:
        monitor.job("snapshot-save", tag="x")
    called = qemu.called()
    assert called[1:] == ["snapshot-save", "query-jobs", "query-jobs", "job-dismiss"]
    assert qemu.asked[1]["arguments"] == {"job-id": "ironlab-1", "tag": "x"}


def test_an_event_that_came_before_counts(qemu: Qemu, monitor: Monitor) -> None:
    qemu.answers["system_powerdown"] = [{"first": [{"event": "SHUTDOWN"}], "return": {}}]
    monitor.call("system_powerdown")
    assert monitor.wait_for("SHUTDOWN", 0)


def test_after_a_vain_wait_the_monitor_still_answers(qemu: Qemu, monitor: Monitor) -> None:
    assert not monitor.wait_for("SHUTDOWN", 0.05)
    qemu.answers["query-status"] = [{"return": {"status": "running"}}]
    assert monitor.call("query-status") == {"status": "running"}


def test_a_state_of_the_same_name_is_replaced(
    qemu: Qemu, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(monitor, "job", lambda name, **given: done.append((name, given["devices"])))
    image = {"snapshots": [{"name": "fresh"}]}
    nodes = {"return": [{"node-name": "disk0", "image": {}}, {"node-name": "root", "image": image}]}
    qemu.answers["query-named-block-nodes"] = [nodes, nodes]
    saved.save(monitor, "fresh", ["root", "disk0"])
    saved.save(monitor, "other", ["root"])
    expected = [("snapshot-delete", ["root", "disk0"]), ("snapshot-save", ["root", "disk0"])]
    assert done == [*expected, ("snapshot-save", ["root"])]


@pytest.mark.parametrize(("status", "first"), [("running", "stop"), ("shutdown", "system_reset")])
def test_a_machine_that_is_off_is_reset_before_it_is_loaded(
    qemu: Qemu, monitor: Monitor, monkeypatch: pytest.MonkeyPatch, status: str, first: str
) -> None:
    monkeypatch.setattr(monitor, "job", lambda *_, **__: None)
    qemu.answers["query-status"] = [{"return": {"status": status}}]
    saved.load(monitor, "fresh", ["root"])
    assert qemu.called()[2] == first
