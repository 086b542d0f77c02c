"""The vault: strong, complete, never in plain text, never a secret lost."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ironlab import paths, vault
from ironlab.errors import ExitCode, IronlabError

PASSWORD = Path(__file__).parents[3] / "scripts" / "vault-password"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "estate"
    (folder / "group_vars" / "all").mkdir(parents=True)
    (folder / "host_vars").mkdir()
    (folder / "group_vars" / "all" / "main.yml").write_text(
        "---\n# not vault_in_a_comment\na: '{{ vault_one }}' # nor vault_here\n"
        "b: x{{ vault_two | quote }}\nvault_given: open\nc: '{{ vault_given }}'\n",
        encoding="utf-8",
    )
    (folder / "host_vars" / "box1.yml").write_text("d: '{{ vault_three }}'\n", encoding="utf-8")
    return folder


def test_every_secret_referred_to_is_made(inventory: Path) -> None:
    assert vault.ensure(inventory) == ["vault_one", "vault_three", "vault_two"]
    found = vault.read(inventory)
    assert set(found) == {"vault_one", "vault_two", "vault_three"}
    assert len(set(found.values())) == len(found)
    for value in found.values():
        assert re.fullmatch(r"[A-Za-z0-9]{32}", value)


def test_the_file_is_encrypted_and_private(inventory: Path) -> None:
    vault.ensure(inventory)
    path = inventory / "group_vars" / "all" / "vault.yml"
    assert path.read_text(encoding="ascii").startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir() if entry.name[0] == "."] == []


def test_a_second_time_makes_nothing(inventory: Path) -> None:
    vault.ensure(inventory)
    path = inventory / "group_vars" / "all" / "vault.yml"
    before = path.read_bytes()
    assert vault.ensure(inventory) == []
    assert path.read_bytes() == before


def test_a_new_secret_leaves_the_others(inventory: Path) -> None:
    vault.ensure(inventory)
    before = vault.read(inventory)
    (inventory / "host_vars" / "box2.yml").write_text("e: '{{ vault_four }}'\n", encoding="utf-8")
    assert vault.ensure(inventory) == ["vault_four"]
    assert before.items() < vault.read(inventory).items()


def test_the_owners_own_vault_is_left_alone(inventory: Path) -> None:
    own = inventory / "group_vars" / "all" / "secrets.yml"
    own.write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n", encoding="utf-8")
    assert vault.ensure(inventory) == []
    assert not (inventory / "group_vars" / "all" / "vault.yml").exists()


@pytest.mark.parametrize("password", [None, "another\n"])
def test_a_password_that_does_not_fit(inventory: Path, password: str | None) -> None:
    vault.ensure(inventory)
    path = paths.config_dir() / "vault-password"
    path.unlink()
    if password:
        path.write_text(password, encoding="ascii")
    with pytest.raises(IronlabError, match=r"vault\.yml") as caught:
        vault.ensure(inventory)
    assert caught.value.code == ExitCode.PREREQUISITE
    assert str(path) in caught.value.message
    assert path.exists() == bool(password)


def run_password() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PASSWORD)], capture_output=True, text=True, check=False
    )


def test_the_password_is_made_once_and_private(home: Path) -> None:
    first, second = run_password(), run_password()
    assert first.stdout == second.stdout
    assert len(first.stdout.strip()) >= 40
    path = home / "config" / "ironlab" / "vault-password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["vault-password"]


def test_many_first_runs_agree() -> None:
    started = [
        subprocess.Popen([sys.executable, str(PASSWORD)], stdout=subprocess.PIPE) for _ in range(6)
    ]
    assert len({process.communicate()[0] for process in started}) == 1


def test_an_empty_password_file_is_refused(home: Path) -> None:
    path = home / "config" / "ironlab" / "vault-password"
    path.parent.mkdir(parents=True)
    path.touch()
    done = run_password()
    assert done.returncode == 1
    assert done.stderr == f"error: {path} is empty; put the vault's password in it\n"


def test_ansible_can_run_the_password_script() -> None:
    assert os.access(PASSWORD, os.X_OK)
