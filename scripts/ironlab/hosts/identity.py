"""Ssh: the key that opens every host, each host's own keys, and the list of known hosts.

A host's keys are made here once and put into it before it starts. So its identity is known without
trusting a first connection, a reset host is still the same host to ssh, and no boot waits for an
RSA key to be found.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import time
from typing import TYPE_CHECKING

from ironlab import files, paths
from ironlab.errors import ExitCode, IronlabError
from ironlab.locks import lock

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.process import Run

USER = "admin"
USER_ID = 1000
KEY_TYPES = ("rsa", "ecdsa", "ed25519")
SSH_PORT = 22
# Virtual machines start from one saved state, so they have one set of keys: they answer on this
# computer's loopback address only. No host can have this name.
MACHINES = "_machines"


def key_file() -> Path:
    """The private key of the one who runs Ironlab; `.pub` beside it."""
    return paths.state_dir() / "ssh" / "id_ed25519"


def public_key_file() -> Path:
    """What a host has to know to let its user in."""
    return key_file().with_name(f"{key_file().name}.pub")


def machine_keys() -> list[Path]:
    """The keys of all virtual machines."""
    return sorted(_host_folder(MACHINES).glob("ssh_host_*"))


def known_hosts_file() -> Path:
    """Known hosts of Ironlab only: the user's own list stays untouched."""
    return paths.state_dir() / "ssh" / "known_hosts"


def _host_folder(name: str) -> Path:
    return paths.state_dir() / "ssh" / "hosts" / name


def _generate(run: Run, kind: str, path: Path, comment: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.unlink(missing_ok=True)
    aside.with_name(f"{aside.name}.pub").unlink(missing_ok=True)
    done = run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", str(aside)])
    if not done.ok:
        remedy = "install OpenSSH's client (openssh-client or openssh-clients)"
        raise IronlabError(f"ssh-keygen: {done.reason}", remedy, ExitCode.PREREQUISITE)
    aside.with_name(f"{aside.name}.pub").replace(path.with_name(f"{path.name}.pub"))
    aside.replace(path)  # last: a private key that is there has its public half


def ensure_key(run: Run) -> Path:
    """The user's key, made on first use."""
    path = key_file()
    if not path.exists():
        with lock("ssh-key", wait=True):
            if not path.exists():
                _generate(run, "ed25519", path, "ironlab")
    return path


def ensure_host_keys(run: Run, name: str) -> None:
    """The keys of host `name`, made when it is created for the first time."""
    for kind in KEY_TYPES:
        path = _host_folder(name) / f"ssh_host_{kind}_key"
        if not path.exists():
            _generate(run, kind, path, name)


def archive(name: str) -> bytes:
    """A tar to unpack at `/` of a new host: its keys, and who may log in."""
    buffer = io.BytesIO()
    public = public_key_file().read_bytes()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(_host_folder(name).glob("ssh_host_*")):
            mode = 0o644 if path.suffix == ".pub" else 0o600
            _add(tar, f"etc/ssh/{path.name}", path.read_bytes(), mode, 0)
        for home, owner in (("root", 0), (f"home/{USER}", USER_ID)):
            _add(tar, f"{home}/.ssh", None, 0o700, owner)
            _add(tar, f"{home}/.ssh/authorized_keys", public, 0o600, owner)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes | None, mode: int, owner: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.uid, entry.gid, entry.mtime = mode, owner, owner, int(time.time())
    if content is None:
        entry.type = tarfile.DIRTYPE
        tar.addfile(entry)
    else:
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))


def remember(name: str, address: str, port: int = SSH_PORT, keys: str | None = None) -> None:
    """Put the host into the list of known hosts, in place of what was there for its address.

    Args:
        name: the host.
        address: where ssh reaches it.
        port: where it listens.
        keys: whose keys it has; by default its own.
    """
    found = [
        (_host_folder(keys or name) / f"ssh_host_{kind}_key.pub").read_text("ascii").split()[:2]
        for kind in KEY_TYPES
    ]
    at = address if port == SSH_PORT else f"[{address}]:{port}"  # as ssh itself writes it
    _rewrite(name, at, [f"{at} {kind} {key} {name}" for kind, key in found])


def forget(name: str) -> None:
    """Remove the host's keys and its lines in the list of known hosts."""
    _rewrite(name, "", [])
    shutil.rmtree(_host_folder(name), ignore_errors=True)


def _rewrite(name: str, address: str, new: list[str]) -> None:
    path = known_hosts_file()
    with lock("known_hosts", wait=True):
        old = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        kept = [line for line in old if not _of(line, name, address)]
        wanted = [*kept, *new]
        if wanted != old:
            files.write(path, "".join(f"{line}\n" for line in wanted))


def _of(line: str, name: str, address: str) -> bool:
    fields = line.split()
    return fields[0] == address or fields[-1] == name


def ssh_options() -> list[str]:
    """What ssh needs to reach a host of Ironlab, and nothing of the user's own configuration."""
    options = {
        "IdentityFile": key_file(),
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": known_hosts_file(),
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
    }
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
