"""What holds for the repository as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ironlab.testing.rules.files import read_yaml, roles, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_MACHINE_PATH = re.compile(r"(?<![\w.$}/~-])/(?:work|home/\w+|root/\w+|Users/\w+)/")
_LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")
# formats that have no comments, and statements that are sent and never become a file
_WITHOUT_COMMENTS = (".json.j2", ".txt.j2", ".sql.j2")
_REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*==\S+")


def every_role_is_deployed(root: Path) -> Iterator[str]:
    """playbooks/site.yml and roles/ name the same roles, each under its own tag."""
    (play,) = read_yaml(root / "playbooks/site.yml")
    named = {entry["role"]: entry.get("tags") for entry in play["roles"]}
    present = {path.name for path in roles(root)}
    for name in sorted(named.keys() - present):
        yield f"site.yml runs {name}, which roles/ doesn't have"
    for name in sorted(present - named.keys()):
        yield f"roles/{name} is not in site.yml"
    for name, tags in named.items():
        if tags != name:
            yield f"site.yml: {name} isn't tagged {name}"


def scenarios_gather_what_the_site_gathers(root: Path) -> Iterator[str]:
    """A role is tested with the facts it will get, no more."""
    (site,) = read_yaml(root / "playbooks/site.yml")
    (scenario,) = read_yaml(root / "molecule/shared/converge.yml")
    if site.get("gather_subset") != scenario.get("gather_subset"):
        yield "site.yml and molecule/shared/converge.yml gather different facts"


def playbooks_say_how(root: Path) -> Iterator[str]:
    """A playbook opens with a comment that shows its use and lists its tags."""
    for path in sorted((root / "playbooks").glob("*.yml")):
        text = path.read_text(encoding="utf-8").removeprefix("---\n")
        comment = "".join(
            line for line in text.split("\n- ", 1)[0].splitlines(keepends=True) if line[:1] == "#"
        )
        if f"playbooks/{path.name}" not in comment:
            yield f"playbooks/{path.name} opens without an example of its use"
        for play in read_yaml(path) or []:
            for entry in play.get("roles") or []:
                tag = entry.get("tags") if isinstance(entry, dict) else None
                if tag and not re.search(rf"\b{tag}\b", comment):
                    yield f"playbooks/{path.name} has a tag {tag} that its comment doesn't list"


def lock_is_hashed_and_addressless(root: Path) -> Iterator[str]:
    """requirements.lock pins by version and hash, and lets each user choose the registry."""
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    for entry in text.replace("\\\n", " ").splitlines():
        line = entry.strip()
        if not line or line.startswith("#"):
            continue
        if "://" in line or line.startswith("-"):
            yield f"requirements.lock has an address or an option: {line[:60]}"
        elif not _REQUIREMENT.match(line):
            yield f"requirements.lock pins no version: {line[:60]}"
        elif "--hash=sha256:" not in line:
            yield f"requirements.lock has no hash for {line.split()[0]}"
    if re.search(r"^#.*://", text, re.MULTILINE):
        yield "requirements.lock has an address in a comment"


def no_path_of_a_machine(root: Path) -> Iterator[str]:
    """What only exists on somebody's machine has no place here."""
    for path in walk(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := _MACHINE_PATH.search(line):
                yield f"{path.relative_to(root)}:{number} has {found.group()}"


def templates_are_stable(root: Path) -> Iterator[str]:
    """A template says who manages the file, and renders the same tomorrow."""
    for path in sorted(root.glob("roles/*/templates/**/*.j2")):
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(root)
        if "ansible_managed" not in text and not path.name.endswith(_WITHOUT_COMMENTS):
            yield f"{where} has no ansible_managed header"
        if re.search(r"ansible_date_time|\bnow\(|strftime|date_time'", text):
            yield f"{where} renders a date"


def manifest_entries_have_a_source(root: Path) -> Iterator[str]:
    """Every package of the stand-in says where its EL facts come from."""
    for path in sorted(root.glob("images/packages/*.yml")):
        for entry in read_yaml(path) or []:
            if not entry.get("source"):
                yield f"{path.relative_to(root)}: {entry.get('name')} has no source"


def links_lead_somewhere(root: Path) -> Iterator[str]:
    """A relative link in a document points to a file that exists."""
    for path in walk(root):
        if path.suffix != ".md":
            continue
        for target in _LINK.findall(path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                yield f"{path.relative_to(root)} links to {target}, which doesn't exist"


def docs_mention(root: Path, commands: Iterable[str]) -> Iterator[str]:
    """README.md or docs/ mention each command of the command line.

    Args:
        root: the repository.
        commands: the commands, as a user types them after `./ironlab`.
    """
    documents = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    shown = " ".join(re.findall(r"`[^`]+`|^ {4}.+$", text, re.MULTILINE)).replace("\\|", "|")
    for command in commands:
        first, *rest = command.split()
        pattern = rf"{first}\b[^`]*\b{rest[0]}\b" if rest else rf"\b{first}\b"
        if not re.search(pattern, shown):
            yield f"no document mentions `./ironlab {command}`"


RULES: tuple[Callable[[Path], Iterator[str]], ...] = (
    every_role_is_deployed,
    scenarios_gather_what_the_site_gathers,
    playbooks_say_how,
    lock_is_hashed_and_addressless,
    no_path_of_a_machine,
    templates_are_stable,
    manifest_entries_have_a_source,
    links_lead_somewhere,
)
