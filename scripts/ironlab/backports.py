"""Debian's backports: switched off on a fresh machine, found from where it gets its Debian."""

from __future__ import annotations

import re
from pathlib import Path

APT = Path("/etc/apt")
FILE = "sources.list.d/ironlab-backports.sources"
LINE = re.compile(
    r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s", re.MULTILINE
)
SIGNED_BY = re.compile(r"\bsigned-by=(\S+)")


def codename() -> str:
    """The name of this Debian, for example bookworm; empty on other systems."""
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("VERSION_CODENAME", "").strip('"') if fields.get("ID") == "debian" else ""


def source(release: str, folder: Path = APT) -> str | None:
    """The entry that adds the backports of `release`; None where apt's sources do not name it.

    It names the same place and the same key as the machine's own entry.
    """
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix in {".list", ".sources"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            found = (_paragraph if path.suffix == ".sources" else _line)(text, release)
            if found:
                return found
    return None


def _paragraph(text: str, release: str) -> str | None:
    for paragraph in re.split(r"\n\s*\n", text):
        fields = _fields(paragraph)
        if "deb" in fields.get("types", "").split() and release in fields.get("suites", "").split():
            if fields.get("enabled", "yes").lower() in {"no", "false"}:
                continue
            return _entry(release, fields["uris"], fields.get("signed-by", ""))
    return None


def _fields(paragraph: str) -> dict[str, str]:
    """The fields of a paragraph; a value may go on for lines, as a key that is given in place."""
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"}:
            fields[name] = f"{fields.get(name, '')}\n{line}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _line(text: str, release: str) -> str | None:
    for found in LINE.finditer(text):
        if found["suite"] == release:
            key = SIGNED_BY.search(found["options"] or "")
            return _entry(release, found["uri"], key[1] if key else "")
    return None


def _entry(release: str, uri: str, key: str) -> str:
    lines = ["Types: deb", f"URIs: {uri}", f"Suites: {release}-backports", "Components: main"]
    return "\n".join([*lines, *([f"Signed-By: {key}"] if key else [])]) + "\n"
