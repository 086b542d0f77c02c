"""Playbooks run for real, on this machine itself; of scripts the way over ssh is played."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import identity
from ironlab.labs import applying, catalogue, variants
from ironlab.labs.applying_kept import TIMED_OUT, Ansible
from ironlab.labs.targets import Target
from ironlab.process import Done
from ironlab.progress import PlainDisplay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ironlab.labs.model import Lab
    from ironlab.labs.places import Place

TARGET = Target("lab-901-box", "10.77.0.9", 22, "admin", "key", "known")


@dataclass
class HerePlace:
    """This machine, played as box."""

    kind: str = "container"
    names: dict[str, str] = field(default_factory=lambda: {"box": "lab-901-box"})
    targets: dict[str, Target] = field(default_factory=lambda: {"box": TARGET})

    def variables(self, alias: str) -> dict[str, Any]:
        assert alias == "box"
        return {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}

    def addresses(self) -> dict[str, str]:
        return {"box": "10.77.0.9"}


@pytest.fixture
def place() -> Place:
    found: Any = HerePlace()
    return found  # type: ignore[no-any-return]  # it plays the part of a Place that is used here


@pytest.fixture
def lab(sample: Path) -> Lab:
    return catalogue.load(sample)


@pytest.fixture(scope="module")
def applier() -> Iterator[applying.Applier]:
    with applying.Applier() as found:
        yield found


VARIANT = variants.Variant(7, {"user": "anna", "days": 30})


def playbook(folder: Path, task: dict[str, Any], name: str = "Do it") -> Path:
    path = folder / "answer.yml"
    tasks = [{"name": name, **task}]
    play = {"name": "Answer", "hosts": "box", "gather_facts": False, "tasks": tasks}
    path.write_text(json.dumps([play]), encoding="utf-8")
    return path


def test_a_playbook_gets_the_values(
    lab: Lab, place: Place, applier: applying.Applier, tmp_path: Path
) -> None:
    result = tmp_path / "result"
    copy = {"content": "{{ lab.user }} {{ lab.days + 1 }}", "dest": str(result), "mode": "0600"}
    path = playbook(tmp_path, {"ansible.builtin.copy": copy})
    done = applier.answer(lab, VARIANT, place, path)
    assert result.read_text(encoding="utf-8") == "anna 31"
    assert "changed=1" in done.output


def test_a_failed_task_is_named_with_its_cause(
    lab: Lab, place: Place, applier: applying.Applier, tmp_path: Path
) -> None:
    path = playbook(tmp_path, {"ansible.builtin.fail": {"msg": "no such luck"}}, "Try it")
    with pytest.raises(applying.AnswerFailed, match=r"lab 901: answer\.yml: Try it: .*luck"):
        applier.answer(lab, VARIANT, place, path)


def test_a_playbook_that_cannot_be_read_is_an_error(
    lab: Lab, place: Place, applier: applying.Applier, tmp_path: Path
) -> None:
    path = tmp_path / "answer.yml"
    path.write_text("- hosts: [\n", encoding="utf-8")
    with pytest.raises(applying.AnswerFailed, match="YAML parsing failed"):
        applier.answer(lab, VARIANT, place, path)


def test_the_same_process_serves_again_after_a_failure(
    lab: Lab, place: Place, applier: applying.Applier, tmp_path: Path
) -> None:
    path = playbook(tmp_path, {"ansible.builtin.assert": {"that": ["lab.days == 30"]}})
    applier.answer(lab, VARIANT, place, path)
    other = variants.Variant(8, {"user": "anna", "days": 31})
    with pytest.raises(applying.AnswerFailed, match="Assertion failed"):
        applier.answer(lab, other, place, path)
    applier.answer(lab, VARIANT, place, path)


def test_a_playbook_that_hangs_is_ended(place: Place, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    shell = f"echo $$ > {pid}; exec sleep 60"
    path = playbook(tmp_path, {"ansible.builtin.shell": shell})
    listing = tmp_path / "inventory.yml"
    listing.write_text(json.dumps({"all": {"hosts": {"box": place.variables("box")}}}))
    with Ansible() as ansible:
        log = tmp_path / "log"
        assert ansible.playbook(["--version"], log, 60) == 0
        assert ansible.playbook(["-i", str(listing), str(path)], log, 3) == TIMED_OUT
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid.read_text().strip()}").exists():
        assert time.monotonic() < deadline, "its command goes on"
        time.sleep(0.05)


class FakeSsh:
    """Takes what would go over ssh."""

    def __init__(self, answer: Done) -> None:
        self.answer = answer
        self.argv: list[str] = []
        self.stdin = b""

    def __call__(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None
    ) -> Done:
        assert timeout
        self.argv, self.stdin = list(argv), stdin
        return self.answer


def test_a_script_runs_as_root_with_the_values_around_it(
    lab: Lab, place: Place, tmp_path: Path
) -> None:
    script = tmp_path / "02-commands.sh"
    script.write_text("echo done\n", encoding="utf-8")
    ssh = FakeSsh(Done(0, "done\n", ""))
    variant = variants.Variant(7, {"user": "anna", "note": "it's; rm -rf"})
    with applying.Applier(ssh) as applier:
        assert applier.answer(lab, variant, place, script).output == "done\n"
    assert ssh.stdin == b"echo done\n"
    assert ssh.argv[0] == "ssh"
    assert "admin@10.77.0.9" in ssh.argv
    assert ssh.argv[-1] == ("sudo -n env LAB_USER=anna 'LAB_NOTE=it'\"'\"'s; rm -rf' bash -s")


@pytest.mark.parametrize(("code", "exit_code"), [(3, ExitCode.FAILED), (255, ExitCode.UNREACHABLE)])
def test_a_script_that_fails_says_how(
    lab: Lab, place: Place, tmp_path: Path, code: int, exit_code: ExitCode
) -> None:
    script = tmp_path / "02-commands.sh"
    script.write_text("exit 3\n", encoding="utf-8")
    with (
        applying.Applier(FakeSsh(Done(code, "", "first\nlast words\n"))) as applier,
        pytest.raises(applying.AnswerFailed, match=f"exit code {code}: last words") as caught,
    ):
        applier.answer(lab, VARIANT, place, script)
    assert caught.value.code == exit_code
    assert "first" in caught.value.output


def test_a_set_up_that_does_not_take_is_the_kits_fault(
    lab: Lab, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = identity.key_file()
    key.parent.mkdir(parents=True)
    key.with_name(f"{key.name}.pub").write_text("ssh-x AAAA ironlab\n", encoding="ascii")
    seen = tmp_path / "seen"
    words = "{{ lab_host_name }}|{{ lab_host_title }}|{{ lab_host_show }}|{{ lab_host_addresses }}"
    copy = {"content": words, "dest": str(seen), "mode": "0600"}
    host = tmp_path / "lab-host.yml"
    path = playbook(tmp_path, {"ansible.builtin.copy": copy})
    path.rename(host)
    monkeypatch.setattr(applying, "LAB_HOST", host)
    fail = {"ansible.builtin.fail": {"msg": "{{ lab.days }} is no way"}}
    playbook(lab.folder, fail, "Check it").replace(lab.setup)
    with pytest.raises(IronlabError, match=r"lab 901 did not take: .*Check it: 30 is no way") as it:
        applying.setup(lab, VARIANT, place, PlainDisplay())
    assert "the kit's fault" in it.value.remedy
    shown = f"lab-901|Lab 901: {lab.title}|./ironlab lab show 901|"
    assert seen.read_text(encoding="utf-8").startswith(shown)
