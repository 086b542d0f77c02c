"""Write a spec file for a staged package and have rpmbuild make the RPM."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from pathlib import Path

    from ironlab.images.manifest import User
    from ironlab.images.plan import Rpm
    from ironlab.images.stage import Entry

# What differs from rpmbuild's ways: no debug packages, no scans, no changes to the files.
_DEFINES = {
    "_buildshell": "/bin/bash",
    "_build_id_links": "none",
    "_build_name_fmt": "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
    "_binary_payload": "w3.zstdio",
    "_buildhost": "ironlab",
    "__os_install_post": "%{nil}",
    "__check_files": "%{nil}",
    "__brp_mangle_shebangs": "%{nil}",
    "debug_package": "%{nil}",
    "_missing_doc_files_terminate_build": "0",
    "build_mtime_policy": "clamp_to_source_date_epoch",
}
_LOOK_AWAY = "%verify(not md5 size mtime mode user group) "
_SYSTEMCTL = "[ -x /usr/bin/systemctl ] && [ -d /usr/lib/systemd/system ]"


def spec(rpm: Rpm, entries: list[Entry], release: str) -> str:
    """Write the spec file."""
    package = rpm.package
    summary = package.summary or (rpm.debs[0].summary if rpm.debs else "") or package.name
    lines = [
        f"Name: {package.name}",
        f"Version: {rpm.version}",
        f"Release: {release}",
        *([f"Epoch: {package.epoch}"] if package.epoch is not None else []),
        f"Summary: {_escape(summary)}",
        f"License: see /usr/share/licenses/{package.name}",
        "Vendor: Ironlab stand-in",
        "AutoReqProv: no",
        *(f"Requires: {name}" for name in rpm.requires),
        *(f"Provides: {name}" for name in package.provides),
        *(f"Conflicts: {name}" for name in package.conflicts),
        *(f"Obsoletes: {name}" for name in package.obsoletes),
    ]
    scripts = _scripts(rpm)
    lines += [f"Requires(pre,post): {name}" for name in _before(rpm, scripts)]
    described = [package.source, package.standin and f"Stand-in: {package.standin}"]
    lines += ["", "%description", *(_escape(text) for text in described if text), ""]
    for name, body in scripts.items():
        lines += [f"%{name}", _escape(body.strip("\n")), ""]
    for path, body in package.triggers.items():
        for when in ("transfiletriggerin", "transfiletriggerpostun"):
            lines += [f"%{when} -- {path}", _escape(body.strip("\n")), ""]
    lines += ["%files", *(_file(entry) for entry in entries)]
    lines += [f"%ghost {_LOOK_AWAY}{_quote(path)}" for path in package.ghost]
    return "\n".join(lines) + "\n"


def build(rpm: Rpm, entries: list[Entry], release: str, tree: Path, out: Path) -> Path:
    """Pack a staged tree; the tree is used up."""
    work = tree.with_name(f"{tree.name}.rpmbuild")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    recipe = work / f"{rpm.name}.spec"
    recipe.write_text(spec(rpm, entries, release), encoding="utf-8")
    defines = _DEFINES | {"_topdir": str(work), "_rpmdir": str(work / "out")}
    command = ["rpmbuild", "-bb", "--noclean", "--nodeps", f"--target={rpm.arch}"]
    command += [f"--buildroot={tree}"]
    for name, value in defines.items():
        command += ["--define", f"{name} {value}"]
    outcome = subprocess.run(
        [*command, str(recipe)], capture_output=True, text=True, check=False, cwd=work
    )
    built = list((work / "out").glob("*.rpm"))
    if outcome.returncode != 0 or len(built) != 1:
        lines = (outcome.stderr or outcome.stdout).strip().splitlines()
        cause = next((line for line in lines if "rror" in line), lines[-1] if lines else "")
        raise IronlabError(f"rpmbuild cannot pack {rpm.name} ({cause.strip()})", "mend its entry")
    out.parent.mkdir(parents=True, exist_ok=True)
    built[0].replace(out)
    shutil.rmtree(work)
    shutil.rmtree(tree)
    return out


def _scripts(rpm: Rpm) -> dict[str, str]:
    package = rpm.package
    pre = [_group(group.name, group.gid) for group in package.groups]
    pre += [line for user in package.users for line in _user(user)]
    units = " ".join(package.units)
    post, preun, postun = [], [], []
    if units:
        post = [
            f"if [ $1 -eq 1 ] && {_SYSTEMCTL}; then",
            f"  systemctl --no-reload preset {units} || :",
            "fi",
        ]
        preun = [
            f"if [ $1 -eq 0 ] && {_SYSTEMCTL}; then",
            "  if [ -d /run/systemd/system ]; then",
            f"    systemctl --no-reload disable --now {units} || :",
            "  else",
            f"    systemctl --no-reload disable {units} || :",
            "  fi",
            "fi",
        ]
        postun = [
            "if [ $1 -ge 1 ] && [ -d /run/systemd/system ]; then",
            "  systemctl daemon-reload || :",
            f"  systemctl try-restart {units} || :",
            "fi",
        ]
    bodies = {
        "pre": "\n".join([*pre, package.pre]),
        "post": "\n".join([*post, package.post]),
        "preun": "\n".join([package.preun, *preun]),
        "postun": "\n".join([package.postun, *postun]),
    }
    return {name: body for name, body in bodies.items() if body.strip()}


def _before(rpm: Rpm, scripts: dict[str, str]) -> list[str]:
    """Name what has to be there before the package: the accounts, and what its scripts use."""
    if rpm.name == "setup":
        return []
    needed = ["setup"] if rpm.name == "filesystem" else ["setup", "filesystem"]
    if scripts:
        needed += ["bash", "coreutils", *rpm.package.requires]
    if rpm.package.users or rpm.package.groups:
        needed += ["shadow-utils"]
    return [name for name in needed if name != rpm.name]


def _group(name: str, gid: int | None) -> str:
    number = f"-g {gid} -o " if gid is not None else ""
    return f"getent group {name} >/dev/null || groupadd -r {number}{name}"


def _user(user: User) -> list[str]:
    group = user.group or user.name
    gid = user.gid if user.gid is not None else user.uid
    number = f"-u {user.uid} -o " if user.uid is not None else ""
    extra = f"-G {','.join(user.groups)} " if user.groups else ""
    comment = user.comment.replace('"', "")
    options = f'{number}{extra}-g {group} -d {user.home} -s {user.shell} -c "{comment}"'
    return [
        _group(group, gid),
        f"getent passwd {user.name} >/dev/null || useradd -r -M {options} {user.name}",
    ]


def _file(entry: Entry) -> str:
    attr = entry.attr
    if entry.kind == "link":
        return _quote(entry.path)
    marks = f"%attr({attr.mode or '-'},{attr.owner},{attr.group}) "
    if entry.kind == "dir":
        marks = f"%dir {marks}"
    if attr.caps:
        marks += f"%caps({attr.caps}) "
    if entry.varies:
        marks += "%verify(not md5 size mtime) "
    if entry.config != "none":
        marks += "%config(noreplace) " if entry.config == "noreplace" else "%config "
    elif entry.path.startswith("/usr/share/man/"):
        marks += "%doc "
    return marks + _quote(entry.path)


def _quote(path: str) -> str:
    """Write a path so that rpmbuild's globbing finds that path and no other."""
    for sign in "[*?{":
        path = path.replace(sign, f"\0{sign}]")
    path = path.replace("\\", "?")  # of a backslash no class can be made
    return '"' + path.replace("\0", "[").replace("%", "%%") + '"'


def _escape(text: str) -> str:
    return text.replace("%", "%%")
