"""The command line: one line for an error, and the exit code that says which kind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ironlab import inventory, prerequisites, stack
from ironlab.__main__ import INTERRUPTED, main
from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts.container import ContainerHosts
from ironlab.locks import lock

SCRIPTS = Path(__file__).parents[3] / "scripts"


def error_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(arguments)
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return code, said.strip()


@pytest.mark.parametrize(
    "arguments",
    [["nosuch"], ["host", "nosuch"], ["up", "--nosuch"], ["apply"], ["test", "--only", "x"]],
)
def test_wrong_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, said = error_of(arguments, capsys)
    assert code == ExitCode.USAGE
    assert said.startswith("error: ")
    assert said.endswith("; see ./ironlab --help")


def test_help_names_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for code in ExitCode:
        assert re.search(rf"\b{code.value}\b", said)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"ironlab \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_an_error_carries_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_backend: ContainerHosts) -> None:
        raise IronlabError("no podman", "install it", ExitCode.PREREQUISITE)

    monkeypatch.setattr(stack, "status", refuse)
    assert error_of(["status"], capsys) == (3, "error: no podman; install it")


def test_ctrl_c_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prerequisites, "ensure", interrupt)
    assert error_of(["up"], capsys) == (130, INTERRUPTED)


def test_a_second_up_names_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    with lock("up", wait=False):
        code, said = error_of(["up"], capsys)
    assert code == ExitCode.BUSY
    assert f"process {os.getpid()}" in said


def test_a_lock_ends_with_its_process() -> None:
    holder = "from ironlab.locks import lock\nwith lock('up', wait=False): print('held')"
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(
        [sys.executable, "-c", holder], env=environment, capture_output=True, check=True
    )
    assert done.stdout == b"held\n"
    with lock("up", wait=False):
        pass


@pytest.mark.parametrize("arguments", [["apply", "-i", "nosuch"], ["vault", "create", "-i", "x"]])
def test_an_inventory_that_is_not_there(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = error_of(arguments, capsys)
    assert code == ExitCode.USAGE
    assert said.startswith("error: there is no inventory")


def test_host_create_starts_without_loading_the_heavy_modules() -> None:
    code = (
        "import sys; from ironlab import cli; from ironlab.hosts import container;"
        "print([name for name in ('ansible', 'ansible_runner', 'pydantic', 'rich', 'yaml')"
        " if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_down_without_hosts_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Nothing(ContainerHosts):
        def __init__(self) -> None:
            """Have no podman."""

        def listing(self) -> list[object]:  # type: ignore[override]
            return []

    listing = {
        "lab": {"hosts": ["box1"]},
        "_meta": {"hostvars": {"box1": {"ironlab_image": "el9"}}},
    }
    monkeypatch.setattr(inventory, "read", lambda _path: listing)
    monkeypatch.setattr("ironlab.cli_stack.backend", Nothing)
    assert main(["down", "--yes"]) == 0
    assert capsys.readouterr().out == "nothing is up\n"
