"""Each rule for roles rejects what it is there to reject, and accepts a right role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.testing.rules import roles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Lay = Callable[..., Path]

SPECS = """
argument_specs:
  main:
    options:
      cache_state: {type: str, description: d, choices: [present, absent], default: present}
      cache_ports: {type: list, elements: int, description: d, default: [1]}
      cache_password: {type: str, description: d}
"""


def specs(old: str, new: str) -> dict[str, str]:
    """The sample's argument_specs with one thing changed."""
    assert old in SPECS
    return {"roles/cache/meta/argument_specs.yml": SPECS.replace(old, new)}


@pytest.mark.parametrize("rule", roles.RULES)
def test_a_right_role_passes(lay: Lay, rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(lay() / "roles/cache")) == []


@pytest.mark.parametrize(
    ("rule", "changed", "says"),
    [
        (roles.has_its_parts, {"roles/cache/README.md": None}, "roles/cache/README.md is missing"),
        (roles.has_its_parts, {"molecule/cache/vars.yml": None}, "vars.yml is missing"),
        (roles.has_its_parts, {"molecule/cache/tests/test_cache.py": None}, "no test_"),
        (roles.spec_equals_defaults, specs("default: [1]", "default: [2]"), "argument_specs say"),
        (roles.spec_equals_defaults, specs(", default: [1]", ""), "doesn't tell"),
        (
            roles.spec_equals_defaults,
            specs("default: [1]", "default: [1], required: true"),
            "is required and has",
        ),
        (
            roles.spec_equals_defaults,
            {"roles/cache/defaults/main.yml": "cache_state: present\n# cache_password:\n"},
            "in argument_specs only",
        ),
        (
            roles.spec_equals_defaults,
            {"roles/cache/defaults/main.yml": "cache_state: present\ncache_ports: [1]\n"},
            "cache_password has no default",
        ),
        (
            roles.spec_equals_defaults,
            {"roles/cache/defaults/main.yml": "cache_x: 1"},
            "cache_x has a default and no",
        ),
        (roles.options_are_described, specs("type: list, ", ""), "cache_ports has no type"),
        (roles.options_are_described, specs("elements: int, ", ""), "list of what"),
        (roles.options_are_described, specs("str, description: d}", "str}"), "no description"),
        (roles.has_a_state, specs("choices: [present, absent], ", ""), "cache_state must be"),
        (roles.names_are_prefixed, {"roles/cache/defaults/main.yml": "port: 1"}, "port in defaul"),
        (roles.names_are_prefixed, {"roles/cache/vars/el9.yml": "cache_x: 1"}, "in vars/el9.yml"),
        (
            roles.serves_both_majors,
            {
                "roles/cache/meta/main.yml": (
                    "galaxy_info: {license: GPL, platforms: [{name: EL, versions: ['9']}]}"
                ),
            },
            "not EL 9 and 10",
        ),
        (roles.readme_answers, {"roles/cache/README.md": "A cache."}, "how to roll back"),
        (
            roles.knows_no_inventory,
            {"roles/cache/templates/cache.conf.j2": "{{ groups['stack'] }}"},
            "depends on the inventory",
        ),
    ],
)
def test_a_wrong_role_fails(
    lay: Lay,
    rule: Callable[[Path], Iterator[str]],
    changed: dict[str, str | None],
    says: str,
) -> None:
    assert says in "\n".join(rule(lay(**changed) / "roles/cache"))
