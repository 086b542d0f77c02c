"""Install programs out of upstream release archives (the part that runs on the host)."""
# Python 3.9 is what EL 9 has.

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Any, cast

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: release_archive
short_description: Install programs out of upstream release archives
description:
  - Puts the named programs of a release archive (tar, any compression that Python reads) into
    C(bin_dir), owned by root, mode 0755, each replaced in one step.
  - The archive is taken from a folder on the controller, or fetched there from an address, checked
    against its sha256 and copied to the host, which needs no internet. It is not kept on the host.
  - What is installed is recorded in C(state_dir) with the size and time of each program, so that a
    second run opens no archive, and a program that was replaced by hand is put back.
  - Another version (newer or older) is another value of C(version) and C(sha256).
options:
  releases:
    description: The releases, all of which one task handles.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the record.
        type: str
        required: true
      version:
        description: Version; recorded and shown.
        type: str
        required: true
      file:
        description: Name of the archive; C({version}) in it stands for the version.
        type: str
        required: true
      sha256:
        description: Checksum of the archive, 64 hexadecimal digits.
        type: str
        required: true
      source:
        description: Where this release is published; C({version}) in it stands for the version.
        type: str
        required: true
      programs:
        description: Names of the programs to install.
        type: list
        elements: str
        required: true
  source:
    description:
      - Folder on the controller, or address, that holds the archives of all releases.
      - Default is the source that each release names.
    type: str
  state:
    description: Whether the programs are to be there.
    type: str
    choices: [present, absent]
    default: present
  bin_dir:
    description: Where the programs go.
    type: path
    default: /usr/local/bin
  state_dir:
    description: Where the records are kept.
    type: path
    default: /var/lib/ironlab/releases
  cache_dir:
    description:
      - Folder on the controller for what was fetched.
      - Default is C(ironlab/releases) in the user's cache folder.
    type: path
  archives:
    description: Set by the action plugin; the archives on the host, by name of release.
    type: dict
    default: {}
author: The Ironlab project
"""

EXAMPLES = r"""
- name: Install node_exporter from a folder on the controller
  release_archive:
    releases:
      - name: node_exporter
        version: 1.12.1
        file: node_exporter-{version}.linux-amd64.tar.gz
        sha256: b51d8a76aa2a9156a55d501aca6276fae09e262259a5e4e831d2c2222f084e63
        source: https://github.com/prometheus/node_exporter/releases/download/v{version}
        programs: [node_exporter]
    source: /srv/archives
"""

RETURN = r"""
missing:
  description: Names of the releases that were not installed as asked when the task began.
  type: list
  elements: str
  returned: always
"""

RELEASE_OPTIONS = {
    "name": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "file": {"type": "str", "required": True},
    "sha256": {"type": "str", "required": True},
    "source": {"type": "str", "required": True},
    "programs": {"type": "list", "elements": "str", "required": True},
}
ARGUMENTS = {
    "releases": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": RELEASE_OPTIONS,
    },
    "source": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "bin_dir": {"type": "path", "default": "/usr/local/bin"},
    "state_dir": {"type": "path", "default": "/var/lib/ironlab/releases"},
    "cache_dir": {"type": "path"},
    "archives": {"type": "dict", "default": {}},
}


def fingerprint(path: Path) -> list[int] | None:
    """Size and time of a program: enough to see that somebody replaced it, without reading it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return [status.st_size, status.st_mtime_ns]


def read_record(path: Path) -> dict[str, Any]:
    """What was installed; empty when nothing was, or when the record can't be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def is_current(release: dict[str, Any], record: dict[str, Any], bin_dir: Path) -> bool:
    """Whether the host has exactly this release, untouched since."""
    recorded = record.get("programs", {})
    return (
        record.get("version") == release["version"]
        and record.get("sha256") == release["sha256"]
        and sorted(recorded) == sorted(release["programs"])
        and all(recorded[name] == fingerprint(bin_dir / name) for name in recorded)
    )


def sha256_of(path: Path) -> str:
    """The checksum of a file that may be large."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def put(module: AnsibleModule, source: IO[bytes], target: Path, mode: int) -> None:
    """Write a file in one step, so that nobody ever sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=module.tmpdir)
    with os.fdopen(handle, "wb") as stream:
        shutil.copyfileobj(source, stream, 1 << 20)
    module.atomic_move(temporary, str(target))  # also gives it the SELinux label of its place
    os.chown(target, 0, 0)
    target.chmod(mode)


def install(module: AnsibleModule, release: dict[str, Any], archive: Path) -> None:
    """Unpack the programs of one release and record them."""
    if sha256_of(archive) != release["sha256"]:
        module.fail_json(msg=f"{release['file']} changed on its way to the host; run it again")
    bin_dir = Path(module.params["bin_dir"])
    state_dir = Path(module.params["state_dir"])
    for folder in (bin_dir, state_dir):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        members = {Path(m.name).name: m for m in tar.getmembers() if m.isfile()}
        lacking = ", ".join(p for p in release["programs"] if p not in members)
        if lacking:
            module.fail_json(msg=f"{release['file']} holds no {lacking}; is it the right archive?")
        for program in release["programs"]:
            source = cast("IO[bytes]", tar.extractfile(members[program]))  # a file: it has one
            put(module, source, bin_dir / program, 0o755)
    record = {
        "version": release["version"],
        "sha256": release["sha256"],
        "programs": {p: fingerprint(bin_dir / p) for p in release["programs"]},
    }
    text = io.BytesIO(json.dumps(record, indent=1).encode() + b"\n")
    put(module, text, state_dir / f"{release['name']}.json", 0o644)


def remove(module: AnsibleModule, release: dict[str, Any]) -> bool:
    """Take the programs and the record of one release away."""
    record = Path(module.params["state_dir"]) / f"{release['name']}.json"
    programs = {*release["programs"], *read_record(record).get("programs", {})}
    paths = [record, *(Path(module.params["bin_dir"]) / name for name in sorted(programs))]
    there = [path for path in paths if path.exists()]
    if not module.check_mode:
        for path in there:
            path.unlink()
    return bool(there)


def main() -> None:
    """Bring the releases to the state asked for, or name those that need their archive."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    releases = module.params["releases"]
    state_dir = Path(module.params["state_dir"])
    records = {r["name"]: read_record(state_dir / f"{r['name']}.json") for r in releases}
    before = "".join(f"{n} {r.get('version', 'absent')}\n" for n, r in records.items())
    if module.params["state"] == "absent":
        gone = [remove(module, release) for release in releases]
        after = "".join(f"{name} absent\n" for name in records)
        module.exit_json(changed=any(gone), missing=[], diff={"before": before, "after": after})
    bin_dir = Path(module.params["bin_dir"])
    missing = [r["name"] for r in releases if not is_current(r, records[r["name"]], bin_dir)]
    if not module.check_mode:
        for release in releases:
            if release["name"] in module.params["archives"]:
                install(module, release, Path(module.params["archives"][release["name"]]))
    diff = {"before": before, "after": "".join(f"{r['name']} {r['version']}\n" for r in releases)}
    module.exit_json(changed=bool(missing), missing=missing, diff=diff)


if __name__ == "__main__":
    main()
