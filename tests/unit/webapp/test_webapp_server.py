"""The process: it tells systemd when it is ready, and finishes what it has begun."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from webapp.server import Installed

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).resolve().parents[3] / "roles/webapp/files"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """The application, with a database that accepts connections and says nothing."""

    def __init__(self, config: Path) -> None:
        self.port = free_port()
        self.database = socket.create_server(("127.0.0.1", 0))
        self.database.settimeout(20)
        text = config.read_text(encoding="utf-8")
        text = text.replace("base_port = 8001", f"base_port = {self.port}")
        text = text.replace("port = 6432", f"port = {self.database.getsockname()[1]}")
        text = text.replace("port = 6379", f"port = {free_port()}")  # no cache
        text = text.replace("threads = 8", "threads = 1").replace("timeout = 1", "timeout = 3")
        config.write_text(text, encoding="utf-8")
        address = config.parent / "notify"
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(address))
        self.notices.settimeout(20)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webapp", "serve"],
            cwd=SOURCE,
            env={
                **os.environ,
                "WEBAPP_CONFIG": str(config),
                "NOTIFY_SOCKET": str(address),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stderr=subprocess.PIPE,
            text=True,
        )

    def notice(self) -> list[str]:
        return self.notices.recv(1000).decode().splitlines()

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.database.close()
        self.notices.close()


@pytest.fixture
def process(config: Path) -> Iterator[Process]:
    started = Process(config)
    yield started
    started.end()


def test_ready_means_listening(process: Process) -> None:
    assert process.notice() == ["READY=1", f"STATUS=Serving on 127.0.0.1:{process.port}"]
    assert process.get("/users/x")[0] == 400


def test_requests_under_way_are_finished(process: Process) -> None:
    """One is being served, the other waits for the only thread."""
    process.notice()
    files = process.open_files()
    answers: list[tuple[int, bytes]] = []
    requests = [
        threading.Thread(target=lambda: answers.append(process.get("/users/1"))) for _ in range(2)
    ]
    for request in requests:
        request.start()
    asked, _ = process.database.accept()  # the request waits for this database now
    deadline = time.monotonic() + 10
    while process.open_files() < files + 3:  # both clients, one connection to the database
        assert time.monotonic() < deadline
    process.process.send_signal(signal.SIGTERM)
    assert process.notice()[0] == "STOPPING=1"
    with pytest.raises(ConnectionRefusedError):
        process.get("/users/2")
    asked.close()
    process.database.accept()[0].close()
    for request in requests:
        request.join()
    assert [status for status, _ in answers] == [503, 503]
    assert process.process.wait(timeout=10) == 0


def test_a_wrong_configuration_ends_in_one_line(config: Path) -> None:
    config.write_text("[server]\naddress = 127.0.0.1\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "check"],
        cwd=SOURCE,
        env={**os.environ, "WEBAPP_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"webapp: {config}: [server] base_port is missing\n"


def test_installed_notices_another_release(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    link, config = tmp_path / "current", tmp_path / "config"
    link.symlink_to("one")
    installed = Installed(link, config)
    assert not installed.changed()
    (tmp_path / "unrelated").write_text("", encoding="utf-8")
    assert not installed.changed()
    config.write_text("made later", encoding="utf-8")
    assert installed.changed()
    config.unlink()
    assert not installed.changed()
    link.unlink()
    link.symlink_to("two")
    assert installed.changed()
