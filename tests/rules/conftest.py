"""A sample repository that keeps every rule, to change and to break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPECS = """
argument_specs:
  main:
    options:
      cache_state: {type: str, description: d, choices: [present, absent], default: present}
      cache_ports: {type: list, elements: int, description: d, default: [1]}
      cache_password: {type: str, description: d}
"""
SAMPLE = {
    "roles/cache/meta/argument_specs.yml": SPECS,
    "roles/cache/meta/main.yml": (
        "galaxy_info: {license: MIT, platforms: [{name: EL, versions: ['9', '10']}]}"
    ),
    "roles/cache/defaults/main.yml": (
        "cache_state: present\ncache_ports: [1]\n# cache_password: a secret without a default\n"
    ),
    "roles/cache/vars/main.yml": "__cache_unit: cache.service\n",
    "roles/cache/tasks/main.yml": "- ansible.builtin.meta: noop\n",
    "roles/cache/templates/cache.conf.j2": "{{ ansible_managed | comment }}\n",
    "roles/cache/README.md": (
        "Idempotent. Check mode works. Roll back with `cache_state: absent`.\n\n    - role: cache\n"
    ),
    "molecule/cache/molecule.yml": "{}",
    "molecule/cache/vars.yml": "{}",
    "molecule/cache/tests/test_cache.py": "",
    "molecule/shared/converge.yml": "- {hosts: all, gather_subset: ['!all']}",
    "playbooks/site.yml": (
        "---\n# ansible-playbook playbooks/site.yml\n# Tags: cache\n"
        "- {hosts: all, gather_subset: ['!all'], roles: [{role: cache, tags: cache}]}\n"
    ),
    "requirements.lock": "rich==1.0 \\\n    --hash=sha256:00\n    # via -r requirements.in\n",
    "images/packages/base.yml": "- {name: bash, source: 'bash.spec'}",
    "README.md": "`./ironlab up` and `./ironlab image build\\|list`; [docs](docs/a.md)\n",
    "docs/a.md": "    ./ironlab doctor\n",
}


@pytest.fixture
def lay(tmp_path: Path) -> Callable[..., Path]:
    """Write the sample repository, with some files changed or (None) left out."""

    def write(**changed: str | None) -> Path:
        for name, text in {**SAMPLE, **changed}.items():
            if text is not None:
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write
