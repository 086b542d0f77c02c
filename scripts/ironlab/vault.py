"""The inventory's ansible-vault: every secret the stack needs, strong and random, made once.

Which secrets those are is said in one place, the inventory itself: each `vault_*` name that its
variables refer to. Plain text never reaches the disk.
"""

from __future__ import annotations

import re
import secrets
import string
import sys
from typing import TYPE_CHECKING

from ironlab import files, paths
from ironlab.errors import ExitCode, IronlabError
from ironlab.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ansible.parsing.vault import VaultLib

LENGTH = 32  # letters and digits: 190 bits, and nothing that a config file would have to quote
ALPHABET = string.ascii_letters + string.digits
ENCRYPTED = "$ANSIBLE_VAULT;"
REFERENCE = re.compile(r"\bvault_[a-z0-9_]+\b")
HEADER = "---\n# Made by ./ironlab up. To change a value: ansible-vault edit {path}\n"


def ensure(inventory: Path) -> list[str]:
    """Give the inventory a vault with every secret it refers to.

    Secrets that are there stay as they are; only those missing are made.

    Args:
        inventory: an inventory's folder, or its file of hosts.

    Returns:
        The names of the secrets that were made.

    Raises:
        IronlabError: the vault is there but its password does not open it.
    """
    folder = inventory if inventory.is_dir() else inventory.parent
    path = folder / "group_vars" / "all" / "vault.yml"
    wanted, others = _references(folder, path)
    if others or not wanted:
        return []  # a vault of the owner's own: what it holds is the owner's business
    text = _decrypt(path) if path.exists() else HEADER.format(path=_shown(path))
    missing = sorted(name for name in wanted if not re.search(rf"^{name}:", text, re.MULTILINE))
    if missing:
        new = "".join(f"{name}: {_secret()}\n" for name in missing)
        files.write(path, _library().encrypt(text + new).decode("ascii"))
    return missing


def read(inventory: Path) -> dict[str, str]:
    """The secrets of an inventory that has a vault."""
    import yaml  # noqa: PLC0415 - only who reads secrets pays for it

    path = inventory / "group_vars" / "all" / "vault.yml"
    return dict(yaml.safe_load(_decrypt(path)) or {})


def _references(folder: Path, vault: Path) -> tuple[set[str], list[Path]]:
    """The secrets that an inventory refers to and does not define in the open; other vaults."""
    wanted: set[str] = set()
    defined: set[str] = set()
    others = []
    for path in _variable_files(folder):
        if path == vault:
            continue
        text = path.read_text(encoding="utf-8")
        if text.startswith(ENCRYPTED):
            others.append(path)
        code = "\n".join(line.partition(" #")[0] for line in text.splitlines() if line[:1] != "#")
        defined |= set(re.findall(r"^(vault_[a-z0-9_]+):", code, re.MULTILINE))
        wanted |= set(REFERENCE.findall(code))
    return wanted - defined, others


def _variable_files(folder: Path) -> Iterator[Path]:
    for kind in ("group_vars", "host_vars"):
        for path in sorted((folder / kind).rglob("*")):
            if path.is_file() and path.suffix in {".yml", ".yaml", ""}:
                yield path


def _secret() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _decrypt(path: Path) -> str:
    from ansible.errors import AnsibleError  # noqa: PLC0415 - ansible takes its time to load

    password = paths.config_dir() / "vault-password"
    if not password.exists():
        message = f"{_shown(path)} is there, but its password {password} is not"
        raise IronlabError(message, _remedy(path), ExitCode.PREREQUISITE)
    try:
        return str(_library().decrypt(path.read_bytes()).decode("utf-8"))
    except AnsibleError:
        message = f"the password in {password} does not open {_shown(path)}"
        raise IronlabError(message, _remedy(path), ExitCode.PREREQUISITE) from None


def _remedy(path: Path) -> str:
    return f"put the right password there, or remove {_shown(path)} to get new secrets"


def _shown(path: Path) -> str:
    inside = path.resolve().is_relative_to(paths.REPO)
    return str(path.resolve().relative_to(paths.REPO) if inside else path)


def _library() -> VaultLib:
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415 - as above

    done = run([sys.executable, str(paths.REPO / "scripts" / "vault-password")])
    if not done.ok:
        cause = done.reason.removeprefix("error: ")
        raise IronlabError(f"no vault password: {cause}", "", ExitCode.PREREQUISITE)
    return VaultLib([("default", VaultSecret(done.out.strip().encode()))])
