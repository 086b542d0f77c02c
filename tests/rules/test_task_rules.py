"""Each rule for tasks rejects what it is there to reject, and accepts right tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ironlab.testing.rules import tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Lay = Callable[..., Path]
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


def breaches(lay: Lay, rule: Callable[..., Iterator[str]], text: str) -> list[str]:
    """What a rule finds in a role's tasks."""
    path = lay(**{"roles/cache/tasks/main.yml": text}) / "roles/cache/tasks/main.yml"
    return [found for task in tasks.tasks_of(path) for found in rule(task, path)]


@pytest.mark.parametrize("rule", tasks.RULES)
def test_right_tasks_pass(lay: Lay, rule: Callable[..., Iterator[str]]) -> None:
    assert breaches(lay, rule, GOOD_TASKS) == []


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
    lay: Lay,
    rule: Callable[..., Iterator[str]],
    task: dict[str, Any],
    says: str,
    nested: bool,  # noqa: FBT001 - a parametrized test is called by name
) -> None:
    entry = {"block": [{"rescue": [], "block": [task]}]} if nested else task
    assert says in "\n".join(breaches(lay, rule, yaml.safe_dump([entry])))


@pytest.mark.parametrize(
    ("extra", "count"),
    [({}, 1), ({"diff": False}, 0), ({"no_log": True}, 0)],
    ids=["shown", "no diff", "no log"],
)
def test_a_template_may_not_show_a_secret(lay: Lay, extra: Any, count: int) -> None:  # noqa: ANN401
    lay(**{"roles/cache/templates/users.j2": "{{ cache_password }}"})
    task = {"ansible.builtin.template": {"src": "users.j2", "dest": "/x"}, **extra}
    found = breaches(lay, tasks.secrets_are_not_logged, yaml.safe_dump([task]))
    assert len(found) == count


def test_tasks_of_a_playbook_are_found(lay: Lay) -> None:
    play = {"hosts": "all", "pre_tasks": [{"block": [{"name": "a"}]}], "tasks": [{"name": "b"}]}
    path = lay(**{"playbooks/x.yml": yaml.safe_dump([play])}) / "playbooks/x.yml"
    assert [task["name"] for task in tasks.tasks_of(path)] == ["a", "b"]
