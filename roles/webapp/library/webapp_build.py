"""Ansible module: pack a Python package and what it imports into one file."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import tempfile
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ansible.module_utils.basic import AnsibleModule
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from packaging.markers import Marker

DOCUMENTATION = r"""
module: webapp_build
short_description: Pack a Python package and its dependencies into one immutable file
description:
  - Runs on the controller. Takes the package's source and, out of the Python environment that
    runs Ansible, the installed distributions it needs, and writes one zip application that a
    bare C(python3) runs.
  - The same input gives the same bytes on any machine - names are sorted, time stamps are
    fixed, nothing is compressed - and the file is named by the hash of these bytes.
  - Refuses what would not run on the host - compiled extensions, distributions that do not
    support each of I(python_versions), and files that differ from what their wheel recorded.
  - No network is used.
options:
  source:
    description: Folder of the package. Its name is the package's name, C(__main__.main) runs.
    type: path
    required: true
  requirements:
    description: Distributions that the package imports; what these need is added.
    type: list
    elements: str
    required: true
  python_versions:
    description: Versions of Python that the file must run on, such as C(3.9).
    type: list
    elements: str
    required: true
  directory:
    description: Where built files are kept. An existing file of the same hash is left alone.
    type: path
    required: true
author:
  - Ironlab
"""

RETURN = r"""
name: {description: Name of the file without its ending, returned: always, type: str}
path: {description: Where the file is (in check mode would be), returned: always, type: str}
sha256: {description: Hash of the file, returned: always, type: str}
packed: {description: Distributions in the file with their versions, returned: always, type: list}
"""

_SHEBANG = b"#!/usr/bin/python3\n"
_START = '''"""Start the package that this file holds."""

import os
import sys

# The link `current` may move on while this process runs: read on from the file it was.
sys.path[0] = os.path.realpath(sys.path[0])

from {package}.__main__ import main

sys.exit(main())
'''
_COMPILED = {".so", ".pyd", ".dylib", ".dll"}
_OF_THIS_MACHINE = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
_DATE = (1980, 1, 1, 0, 0, 0)


class BuildError(Exception):
    """The file can't be built; says why and what to do."""


def build(source: Path, requirements: list[str], pythons: list[str]) -> tuple[bytes, list[str]]:
    """Make the file in memory.

    Returns:
        Its bytes, and the packed distributions as `name version`.

    Raises:
        BuildError: something is missing or wouldn't run on the host.
    """
    contents = {"__main__.py": _START.format(package=source.name).encode()}
    contents.update(_package(source))
    packed = closure(requirements, pythons)
    for name in sorted(packed):
        _merge(contents, name, _installed(packed[name], pythons))
    versions = [f"{name} {packed[name].version}" for name in sorted(packed)]
    return _SHEBANG + _zip(contents), versions


def closure(requirements: list[str], pythons: list[str]) -> dict[str, Distribution]:
    """Everything the requirements need on any of these Pythons, by normalised name."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name not in found:
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                message = (
                    f"{name} is not in the Python environment that runs Ansible; "
                    "install the repository's requirements.lock"
                )
                raise BuildError(message) from None
            needs = [Requirement(text) for text in found[name].requires or []]
            waiting += [need for need in needs if _applies(need.marker, pythons)]
        if not requirement.specifier.contains(found[name].version, prereleases=True):
            message = f"{name} {found[name].version} is installed, but {requirement} is needed"
            raise BuildError(f"{message}; install the repository's requirements.lock")
    return found


def _applies(marker: Marker | None, pythons: list[str]) -> bool:
    """Say whether a marker holds on Linux under one of the Pythons, with no extra."""
    if marker is None:
        return True
    for python in pythons:
        host = {
            "extra": "",
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "linux",
        }
        if marker.evaluate(host):
            return True
    return False


def _package(source: Path) -> dict[str, bytes]:
    files = sorted(source.rglob("*.py"))
    if source / "__main__.py" not in files:
        raise BuildError(f"{source} holds no __main__.py; give the folder of the package")
    return {f"{source.name}/{file.relative_to(source)}": file.read_bytes() for file in files}


def _installed(dist: Distribution, pythons: list[str]) -> dict[str, bytes]:
    """Files of one installed distribution, as its wheel had them."""
    name = f"{dist.metadata['Name']} {dist.version}"
    supported = SpecifierSet(dist.metadata["Requires-Python"] or "")
    for python in pythons:
        if not supported.contains(f"{python}.20"):
            message = f"{name} needs Python {supported}, hosts have {python}; pin an older one"
            raise BuildError(message)
    if dist.files is None:
        raise BuildError(f"{name} has no list of files; reinstall it from a wheel")
    contents: dict[str, bytes] = {}
    for file in dist.files:
        path = PurePosixPath(file)
        if ".." in path.parts or "__pycache__" in path.parts or path.is_absolute():
            continue  # commands and byte code
        if _COMPILED & set(path.suffixes):
            raise BuildError(f"{name} holds compiled code ({path}); replace it by pure Python")
        if path.parent.suffix == ".dist-info" and path.name in _OF_THIS_MACHINE:
            continue
        data = file.read_binary()
        if file.hash and file.hash.value != _record_hash(file.hash.mode, data):
            raise BuildError(f"{path} of {name} was changed after it was installed; reinstall it")
        contents[str(path)] = data
    return contents


def _record_hash(mode: str, data: bytes) -> str:
    digest = hashlib.new(mode, data).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _merge(contents: dict[str, bytes], name: str, more: dict[str, bytes]) -> None:
    for path, data in more.items():
        if contents.setdefault(path, data) != data:
            raise BuildError(f"{name} brings a {path} that is another one's already")


def _zip(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    # stored, not deflated: how well zlib packs differs from version to version
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system = 3  # Unix
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, contents[path])
    return buffer.getvalue()


def write(path: Path, data: bytes) -> None:
    """Put the file in place in one step, so that nobody sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def main() -> None:
    """Run as an Ansible module."""
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "path", "required": True},
            "requirements": {"type": "list", "elements": "str", "required": True},
            "python_versions": {"type": "list", "elements": "str", "required": True},
            "directory": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    parameters = module.params
    source, directory = Path(parameters["source"]), Path(parameters["directory"])
    try:
        data, packed = build(source, parameters["requirements"], parameters["python_versions"])
        sha256 = hashlib.sha256(data).hexdigest()
        path = directory / f"{source.name}-{sha256[:12]}.pyz"
        present = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        if not present and not module.check_mode:
            write(path, data)
    except (BuildError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=not present, name=path.stem, path=str(path), sha256=sha256, packed=packed
    )


if __name__ == "__main__":
    main()
