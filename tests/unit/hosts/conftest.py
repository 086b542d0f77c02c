"""A podman of which only the boundary is played: what is asked, and what it answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.hosts import login
from ironlab.process import Done

if TYPE_CHECKING:
    from collections.abc import Sequence

PROC = Path(__file__).parent / "proc"


class FakeMachine:
    """Plays root's programs on a machine with podman, and ssh to its hosts."""

    def __init__(self, proc: str = "v2.txt") -> None:
        self.proc = (PROC / proc).read_text(encoding="ascii")
        self.containers: dict[str, dict[str, Any]] = {}
        self.images = {"localhost/ironlab/el9:latest"}
        self.snapshots: dict[str, str] = {}  # each image's mark, by its id
        self.network: list[dict[str, Any]] = []
        self.boots_to = "running"
        self.refuse: dict[str, str] = {}
        self.calls: list[list[str]] = []

    def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float | None = None,
    ) -> Done:
        del stdin, timeout
        self.calls.append(list(argv))
        program = argv[0]
        if program == "cat":
            return Done(0, self.proc, "")
        if program == "ssh":
            return Done(0, f"{self.boots_to}\n", "")
        if program == "ssh-keygen":
            key = Path(argv[argv.index("-f") + 1])
            key.write_text("private", encoding="ascii")
            key.with_name(f"{key.name}.pub").write_text("ssh-x AAAA comment\n", encoding="ascii")
            return Done(0, "", "")
        assert program == "podman", argv
        arguments = [argument for argument in argv[1:] if not argument.startswith("--runtime")]
        for sign, said in self.refuse.items():
            if arguments[0] == sign:
                return Done(125, "", f"Error: {said}")
        return self.podman(arguments)

    def podman(self, arguments: list[str]) -> Done:
        verb, rest = arguments[0], arguments[1:]
        if verb in {"container", "network", "image", "ps"}:
            return self._look(verb, rest)
        if verb == "create":
            self._create(rest)
        elif verb == "rm":
            for name in rest:
                self.containers.pop(name, None)
        elif verb == "rename":
            self.containers[rest[1]] = self.containers.pop(rest[0])
        elif verb == "start":
            self.containers[rest[-1]]["State"]["Status"] = "running"
        elif verb == "commit":
            mark = rest[rest.index("--change") + 1].removeprefix("LABEL ")
            self.snapshots[f"id{len(self.snapshots)}"] = mark
            self.images.add(rest[-1])
        elif verb == "images":
            mark = rest[rest.index("--filter") + 1].removeprefix("label=")
            return Done(0, "\n".join(i for i, m in self.snapshots.items() if m == mark), "")
        elif verb == "rmi":
            self.snapshots = {i: m for i, m in self.snapshots.items() if i not in rest}
        return Done(0, "", "")

    def _look(self, verb: str, rest: list[str]) -> Done:
        if verb == "ps":
            return Done(0, "\n".join(self.containers), "")
        if verb == "image":
            return Done(0 if rest[-1] in self.images else 1, "", "")
        if verb == "network" and rest[0] == "create":
            self.network = [{"subnets": [{"subnet": rest[rest.index("--subnet") + 1]}]}]
            return Done(0, "", "")
        found = [self.containers[name] for name in rest[1:] if name in self.containers]
        found = self.network if verb == "network" else found
        return Done(0 if found else 125, json.dumps(found), "")

    def _create(self, rest: list[str]) -> None:
        options = dict(part.split("=", 1) for part in rest if part.startswith("--") and "=" in part)
        labels = dict(
            part.removeprefix("--label=").split("=", 1)
            for part in rest
            if part.startswith("--label=")
        )
        self.containers[options["--name"]] = {
            "Config": {"Labels": labels},
            "State": {"Status": "created", "StartedAt": "now"},
            "NetworkSettings": {"Networks": {"ironlab": {"IPAddress": ""}}},
        }

    def asked(self, verb: str) -> list[list[str]]:
        """The calls of podman with this verb."""
        calls = (call for call in self.calls if call[0] == "podman")
        return [call for call in calls if next(a for a in call[1:] if a[0] != "-") == verb]


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_listens", lambda *_: True)


@pytest.fixture
def machine() -> FakeMachine:
    return FakeMachine()
