"""Each rule rejects what it is there to reject, and accepts the sample it was taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ironlab.testing.rules import repo, roles, tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SPECS = """
argument_specs:
  main:
    options:
      cache_state: {type: str, description: d, choices: [present, absent], default: present}
      cache_ports: {type: list, elements: int, description: d, default: [1]}
      cache_password: {type: str, description: d}
"""
ROLE = {
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


def lay(root: Path, **changed: str | None) -> Path:
    """Write the sample repository, with some files changed or left out."""
    for name, text in {**ROLE, **changed}.items():
        if text is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("rule", roles.RULES)
def test_a_right_role_passes(tmp_path: Path, rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(lay(tmp_path) / "roles/cache")) == []


def specs(old: str, new: str) -> dict[str, str]:
    assert old in SPECS
    return {"roles/cache/meta/argument_specs.yml": SPECS.replace(old, new)}


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
            {"roles/cache/defaults/main.yml": ROLE["roles/cache/defaults/main.yml"] + "cache_x: 1"},
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
    tmp_path: Path,
    rule: Callable[[Path], Iterator[str]],
    changed: dict[str, str | None],
    says: str,
) -> None:
    assert says in "\n".join(rule(lay(tmp_path, **changed) / "roles/cache"))


GOOD_TASKS = """
- name: read
  ansible.builtin.command: {argv: [id]}
  changed_when: false
- name: make
  ansible.builtin.command: {argv: [touch, /x], creates: /x}
- name: set
  community.postgresql.postgresql_user: {password: "{{ cache_password }}"}
  no_log: true
  register: __cache_user
- name: check
  ansible.builtin.assert: {that: [cache_password is defined]}
- name: together
  no_log: true
  block:
    - name: inside
      ansible.builtin.copy: {content: "{{ cache_password }}", dest: /x}
- name: not a secret
  ansible.builtin.copy: {content: "{{ cache_password_file }}", dest: /x}
- name: not one either
  ansible.builtin.service: {name: x, state: "{{ __cache_secret is changed }}"}
"""


def breaches(
    root: Path,
    rule: Callable[[tasks.Task, Path], Iterator[str]],
    text: str,
) -> list[str]:
    lay(root, **{"roles/cache/tasks/main.yml": text})
    path = root / "roles/cache/tasks/main.yml"
    return [found for task in tasks.tasks_of(path) for found in rule(task, path)]


@pytest.mark.parametrize("rule", tasks.RULES)
def test_right_tasks_pass(tmp_path: Path, rule: Callable[..., Iterator[str]]) -> None:
    assert breaches(tmp_path, rule, GOOD_TASKS) == []


@pytest.mark.parametrize(
    ("rule", "task", "says"),
    [
        (tasks.errors_are_not_hidden, {"ignore_errors": True}, "ignores errors"),
        (tasks.errors_are_not_hidden, {"failed_when": False}, "never fail"),
        (tasks.changes_are_told, {"a.b.copy": {}, "changed_when": False}, "hides what copy"),
        (tasks.changes_are_told, {"a.b.shell": "make"}, "neither changed_when nor creates"),
        (tasks.no_waiting_blindly, {"a.b.pause": {"seconds": 1}}, "pauses"),
        (tasks.no_waiting_blindly, {"a.b.wait_for": {"timeout": 1}}, "nothing but time"),
        (tasks.no_waiting_blindly, {"a.b.shell": "sleep 3"}, "sleeps"),
        (
            tasks.secrets_are_not_logged,
            {"a.b.copy": {"content": "{{ cache_password }}"}},
            "uses cache_password",
        ),
        (tasks.secrets_are_not_logged, {"a.b.user": {}, "loop": "{{ x_secrets }}"}, "x_secrets"),
        (tasks.registered_names, {"a.b.stat": {}, "register": "found"}, "sets found"),
        (tasks.registered_names, {"a.b.set_fact": {"cache_x": 1}}, "sets cache_x"),
    ],
)
@pytest.mark.parametrize("nested", [False, True], ids=["plain", "in a block"])
def test_wrong_tasks_fail(
    tmp_path: Path,
    rule: Callable[..., Iterator[str]],
    task: dict[str, Any],
    says: str,
    nested: bool,  # noqa: FBT001 - a parametrized test is called by name
) -> None:
    entry = {"block": [{"rescue": [], "block": [task]}]} if nested else task
    assert says in "\n".join(breaches(tmp_path, rule, yaml.safe_dump([entry])))


@pytest.mark.parametrize(
    ("extra", "count"),
    [({}, 1), ({"diff": False}, 0), ({"no_log": True}, 0)],
    ids=["shown", "no diff", "no log"],
)
def test_a_template_may_not_show_a_secret(tmp_path: Path, extra: Any, count: int) -> None:  # noqa: ANN401
    lay(tmp_path, **{"roles/cache/templates/users.j2": "{{ cache_password }}"})
    task = {"ansible.builtin.template": {"src": "users.j2", "dest": "/x"}, **extra}
    found = breaches(tmp_path, tasks.secrets_are_not_logged, yaml.safe_dump([task]))
    assert len(found) == count


def test_tasks_of_a_playbook_are_found(tmp_path: Path) -> None:
    play = {"hosts": "all", "pre_tasks": [{"block": [{"name": "a"}]}], "tasks": [{"name": "b"}]}
    lay(tmp_path, **{"playbooks/x.yml": yaml.safe_dump([play])})
    assert [task["name"] for task in tasks.tasks_of(tmp_path / "playbooks/x.yml")] == ["a", "b"]


@pytest.mark.parametrize("rule", repo.RULES)
def test_a_right_repository_passes(tmp_path: Path, rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(lay(tmp_path))) == []


@pytest.mark.parametrize(
    ("rule", "name", "text", "says"),
    [
        (repo.every_role_is_deployed, "roles/extra/x", "", "roles/extra is not in site.yml"),
        (
            repo.every_role_is_deployed,
            "playbooks/site.yml",
            "- {hosts: all, roles: [{role: gone, tags: other}]}",
            "site.yml runs gone",
        ),
        (
            repo.scenarios_gather_what_the_site_gathers,
            "molecule/shared/converge.yml",
            "- {hosts: all}",
            "different facts",
        ),
        (repo.playbooks_say_how, "playbooks/backup.yml", "---\n- {hosts: all}", "without an examp"),
        (
            repo.playbooks_say_how,
            "playbooks/backup.yml",
            "# playbooks/backup.yml\n- {hosts: all, roles: [{role: x, tags: dump}]}",
            "has a tag dump",
        ),
        (repo.lock_is_hashed_and_addressless, "requirements.lock", "rich==1.0\n", "no hash for"),
        (repo.lock_is_hashed_and_addressless, "requirements.lock", "rich>=1\n", "pins no version"),
        (
            repo.lock_is_hashed_and_addressless,
            "requirements.lock",
            "--index-url https://example.org/simple\n",
            "has an address",
        ),
        (
            repo.lock_is_hashed_and_addressless,
            "requirements.lock",
            "# from https://example.org\nrich==1.0 --hash=sha256:00\n",
            "in a comment",
        ),
        (repo.no_path_of_a_machine, "docs/b.md", "see /" + "home/ann/ironlab", "docs/b.md:1 has"),
        (repo.templates_are_stable, "roles/cache/templates/a.j2", "x", "no ansible_managed"),
        (
            repo.templates_are_stable,
            "roles/cache/templates/a.j2",
            "{{ ansible_managed }} {{ now() }}",
            "renders a date",
        ),
        (
            repo.manifest_entries_have_a_source,
            "images/packages/base.yml",
            "- {name: bash}",
            "bash has no source",
        ),
        (repo.links_lead_somewhere, "docs/b.md", "[x](gone.md)", "links to gone.md"),
    ],
)
def test_a_wrong_repository_fails(
    tmp_path: Path,
    rule: Callable[[Path], Iterator[str]],
    name: str,
    text: str,
    says: str,
) -> None:
    assert says in "\n".join(rule(lay(tmp_path, **{name: text})))


def test_each_command_must_be_mentioned(tmp_path: Path) -> None:
    root = lay(tmp_path)
    assert list(repo.docs_mention(root, ["up", "image build", "image list", "doctor"])) == []
    assert list(repo.docs_mention(root, ["image describe", "down"])) == [
        "no document mentions `./ironlab image describe`",
        "no document mentions `./ironlab down`",
    ]
