"""What every role must have, and say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ironlab.testing.rules.files import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PARTS = (
    "README.md",
    "defaults/main.yml",
    "meta/argument_specs.yml",
    "meta/main.yml",
    "tasks/main.yml",
)
SCENARIO = ("molecule.yml", "vars.yml", "tests")
README_SAYS = {
    "how to roll back": r"roll(ing|s|ed)?[ -]?back|rollback",
    "whether it is idempotent": r"idempoten",
    "what check mode does": r"check mode|--check",
}
TYPES = ("str", "int", "float", "bool", "list", "dict", "path", "raw")


def _options(role: Path) -> dict[str, dict[str, Any]]:
    specs = read_yaml(role / "meta/argument_specs.yml") or {}
    options: dict[str, dict[str, Any]] = (
        specs.get("argument_specs", {}).get("main", {}).get("options", {})
    )
    return options


def has_its_parts(role: Path) -> Iterator[str]:
    """A role has its documents and its scenario."""
    scenario = role.parents[1] / "molecule" / role.name
    for path in (*(role / part for part in PARTS), *(scenario / part for part in SCENARIO)):
        if not path.exists():
            yield f"{path.relative_to(role.parents[1])} is missing"
    if not list(scenario.glob("tests/test_*.py")):
        yield f"molecule/{role.name}/tests has no test_*.py"


def spec_equals_defaults(role: Path) -> Iterator[str]:
    """meta/argument_specs.yml and defaults/main.yml say the same."""
    options, defaults = _options(role), read_yaml(role / "defaults/main.yml") or {}
    path = role / "defaults/main.yml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for name in sorted(defaults.keys() - options.keys()):
        yield f"{name} has a default and no argument_specs entry"
    for name, option in options.items():
        if name in defaults:
            if "default" not in option:
                yield f"{name} has a default that argument_specs doesn't tell"
            elif option["default"] != defaults[name]:
                yield f"{name} is {defaults[name]!r}, argument_specs say {option['default']!r}"
            if option.get("required"):
                yield f"{name} is required and has a default"
        elif "default" in option:
            yield f"{name} has a default in argument_specs only"
        elif not re.search(rf"^# ?{re.escape(name)}:", text, re.MULTILINE):
            yield f"{name} has no default: say so by a commented line in defaults/main.yml"


def options_are_described(role: Path) -> Iterator[str]:
    """Each option has a type and a description; a list says what of."""
    for name, option in _options(role).items():
        if option.get("type") not in TYPES:
            yield f"{name} has no type"
        if not option.get("description"):
            yield f"{name} has no description"
        if option.get("type") == "list" and "elements" not in option:
            yield f"{name} is a list of what?"


def has_a_state(role: Path) -> Iterator[str]:
    """`<role>_state` is present or absent, and present unless said otherwise."""
    state = _options(role).get(f"{role.name}_state", {})
    if state.get("choices") != ["present", "absent"] or state.get("default") != "present":
        yield f"{role.name}_state must be a choice of present (the default) and absent"


def names_are_prefixed(role: Path) -> Iterator[str]:
    """Public variables start with the role's name, internal ones with two underscores and it."""
    for path in sorted(role.glob("defaults/*.yml")):
        for name in read_yaml(path) or {}:
            if not name.startswith(f"{role.name}_"):
                yield f"{name} in {path.relative_to(role)} doesn't start with {role.name}_"
    for path in sorted(role.glob("vars/*.yml")):
        for name in read_yaml(path) or {}:
            if not name.startswith(f"__{role.name}_"):
                yield f"{name} in {path.relative_to(role)} doesn't start with __{role.name}_"


def serves_both_majors(role: Path) -> Iterator[str]:
    """meta/main.yml promises EL 9 and 10 under the repository's licence."""
    info = (read_yaml(role / "meta/main.yml") or {}).get("galaxy_info", {})
    platforms = {p.get("name"): [str(v) for v in p["versions"]] for p in info.get("platforms", [])}
    if platforms != {"EL": ["9", "10"]}:
        yield f"meta/main.yml: platforms are {platforms}, not EL 9 and 10"
    if info.get("license") != "MIT":
        yield "meta/main.yml: the licence isn't MIT"


def readme_answers(role: Path) -> Iterator[str]:
    """The README says what an administrator asks before running a role."""
    path = role / "README.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for question, pattern in README_SAYS.items():
        if not re.search(pattern, text, re.IGNORECASE):
            yield f"README.md doesn't say {question}"
    if f"{role.name}_state" not in text:
        yield f"README.md doesn't mention {role.name}_state"
    if "```" not in text and "\n    " not in text:
        yield "README.md has no example"


def knows_no_inventory(role: Path) -> Iterator[str]:
    """A role works on any host: no group names, no connection settings, no names of our hosts."""
    foreign = re.compile(r"\bgroups\[|\bgroup_names\b|\bbox1\b|\bansible_(user|port|password)\s*:")
    for path in sorted((*role.glob("tasks/*.yml"), *role.glob("templates/**/*.j2"))):
        for found in foreign.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(role)} depends on the inventory ({found or 'host name'})"


RULES: tuple[Callable[[Path], Iterator[str]], ...] = (
    has_its_parts,
    spec_equals_defaults,
    options_are_described,
    has_a_state,
    names_are_prefixed,
    serves_both_majors,
    readme_answers,
    knows_no_inventory,
)
