"""Each rule that makes a wrong answer out of a right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ironlab.errors import IronlabError
from ironlab.labs import variants
from ironlab.labs.catalogue import load
from ironlab.proofs import mutate, twins

if TYPE_CHECKING:
    from ironlab.labs.model import Lab

FIREWALLD = "ansible.posix.firewalld"
SEFCONTEXT = "community.general.sefcontext"
SYSTEMD = "ansible.builtin.systemd_service"
MOUNT = "ansible.posix.mount"
COMMAND = "ansible.builtin.command"


@pytest.mark.parametrize(
    ("module", "given", "twin"),
    [
        (
            FIREWALLD,
            {"service": "http", "state": "enabled", "permanent": True, "immediate": True},
            {"service": "http", "state": "enabled", "permanent": False, "immediate": True},
        ),
        (
            SYSTEMD,
            {"name": "chronyd", "enabled": True, "daemon_reload": True},
            {"name": "chronyd", "enabled": False, "daemon_reload": True, "state": "started"},
        ),
        (
            "ansible.builtin.systemd",
            {"name": "cups", "enabled": False, "masked": True},
            {"name": "cups", "state": "stopped"},
        ),
        (
            "ansible.builtin.service",
            {"name": "atd", "enabled": True, "state": "restarted"},
            {"name": "atd", "enabled": False, "state": "restarted"},
        ),
        (
            MOUNT,
            {"path": "/d", "src": "UUID=1", "fstype": "xfs", "state": "mounted", "passno": "2"},
            {"path": "/d", "src": "UUID=1", "fstype": "xfs", "state": "ephemeral"},
        ),
        (
            "ansible.posix.seboolean",
            {"name": "b", "state": True, "persistent": True},
            {"name": "b", "state": True, "persistent": False},
        ),
        (
            "community.general.nmcli",
            {"conn_name": "lan", "state": "present", "autoconnect": True},
            {"conn_name": "lan", "state": "present", "autoconnect": False},
        ),
        (
            "community.general.modprobe",
            {"name": "nf", "state": "present", "persistent": "present"},
            {"name": "nf", "state": "present", "persistent": "disabled"},
        ),
    ],
)
def test_a_twin_by_the_same_module(
    module: str, given: dict[str, Any], twin: dict[str, Any]
) -> None:
    assert twins.RULES[module](given) == (module, twin)


@pytest.mark.parametrize(
    ("module", "given", "argv"),
    [
        (
            "ansible.posix.sysctl",
            {"name": "vm.swappiness", "value": 10},
            ["sysctl", "-w", "vm.swappiness=10"],
        ),
        ("ansible.builtin.hostname", {"name": "{{ lab.name }}"}, ["hostname", "{{ lab.name }}"]),
        ("ansible.posix.selinux", {"state": "enforcing"}, ["setenforce", "1"]),
        (
            SEFCONTEXT,
            {"target": "{{ lab.top }}/web(/.*)?", "setype": "httpd_sys_content_t"},
            ["chcon", "--recursive", "--type", "httpd_sys_content_t", "{{ lab.top }}/web"],
        ),
    ],
)
def test_a_twin_by_a_command(module: str, given: dict[str, Any], argv: list[str]) -> None:
    assert twins.RULES[module](given) == (COMMAND, {"argv": argv})


@pytest.mark.parametrize(
    ("module", "given"),
    [
        (FIREWALLD, {"service": "http", "state": "enabled", "immediate": True}),
        (SYSTEMD, {"name": "chronyd", "state": "restarted"}),
        (MOUNT, {"path": "none", "src": "UUID=1", "fstype": "swap", "state": "present"}),
        ("ansible.posix.sysctl", {"name": "vm.swappiness", "state": "absent"}),
        ("ansible.posix.seboolean", {"name": "b", "state": True}),
        ("ansible.posix.selinux", {"state": "disabled"}),
        (SEFCONTEXT, {"target": "/srv", "setype": "t", "state": "absent"}),
        ("community.general.nmcli", {"conn_name": "lan", "state": "up"}),
        ("community.general.modprobe", {"name": "nf", "state": "present"}),
    ],
)
def test_no_twin_of_what_a_reboot_leaves_alone(module: str, given: dict[str, Any]) -> None:
    assert twins.RULES[module](given) is None


def mutants(lab: Lab, plays: list[Any]) -> dict[str, mutate.Mutant]:
    (lab.folder / "solutions" / "01-playbook.yml").write_text(
        yaml.safe_dump(plays), encoding="utf-8"
    )
    variant = variants.draw(lab, 1)
    found = mutate.derive(load(lab.folder), variant, variants.neighbour(lab, 1))
    return {mutant.name: mutant for mutant in found}


def play(*tasks: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"name": "Solve", "hosts": "box", "tasks": list(tasks), **more}


def test_each_task_that_changes_something_is_left_out(lab: Lab) -> None:
    tasks: list[dict[str, Any]] = [
        {"name": "Look", "ansible.builtin.stat": {"path": "/x"}, "register": "seen"},
        {"name": "Read", COMMAND: "cat /x", "changed_when": False},
        {"name": "Ask", "community.general.cronvar_info": {}},
        {
            "name": "Block",
            "block": [{"name": "Write", "ansible.builtin.copy": {"dest": "/x"}, "notify": "Tell"}],
            "rescue": [{"name": "Mend", COMMAND: "true", "register": "mended"}],
        },
    ]
    handlers = [{"name": "Tell", COMMAND: "true", "listen": "told"}]
    found = mutants(lab, [play(*tasks, handlers=handlers)])
    assert list(found) == ["leave out: Write", "leave out: Mend", "leave out: Tell"]
    (changed,) = found["leave out: Write"].plays or []
    (gone,) = changed["tasks"][3]["block"]
    assert gone == {"name": "Write", "ansible.builtin.debug": {"msg": "left out"}}
    assert changed["handlers"] == handlers
    (changed,) = found["leave out: Mend"].plays or []
    assert changed["tasks"][3]["rescue"][0]["register"] == "mended"
    assert changed["tasks"][3]["block"] == tasks[3]["block"]
    (changed,) = found["leave out: Tell"].plays or []
    assert changed["handlers"][0]["listen"] == "told"


def test_a_twin_keeps_the_rest_of_its_task(lab: Lab) -> None:
    given = {"service": "http", "state": "enabled", "permanent": True}
    tasks: list[dict[str, Any]] = [
        {"name": "Open", FIREWALLD: given, "when": "x", "notify": "Load"},
        {"name": "Load", COMMAND: {"argv": ["firewall-cmd", "--reload"]}},
        {"name": "Other", COMMAND: "firewall-cmd --state"},
    ]
    (changed,) = mutants(lab, [play(*tasks)])["runtime only: Open"].plays or []
    assert changed["tasks"][0] == {
        "name": "Open",
        "when": "x",
        "notify": "Load",
        FIREWALLD: {**given, "permanent": False, "immediate": True},
    }
    assert "ansible.builtin.debug" in changed["tasks"][1]  # it would undo the twin at once
    assert changed["tasks"][2] == tasks[2]


def test_labels_are_not_restored_over_their_twin(lab: Lab) -> None:
    tasks: list[dict[str, Any]] = [
        {"name": "Say", SEFCONTEXT: {"target": "/srv/web(/.*)?", "setype": "t"}},
        {"name": "Do", COMMAND: "restorecon -R /srv/web"},
    ]
    (changed,) = mutants(lab, [play(*tasks)])["runtime only: Say"].plays or []
    assert changed["tasks"][0][COMMAND]["argv"][0] == "chcon"
    assert "ansible.builtin.debug" in changed["tasks"][1]


def test_one_value_of_the_neighbour_at_a_time(lab: Lab) -> None:
    copy = {"dest": "{{ lab.note }}", "content": "{{ lab['word'] }}"}
    found = mutants(lab, [play({"name": "Write", "ansible.builtin.copy": copy})])
    # `mode` isn't used by this playbook: with another one it is the same answer
    assert list(found) == ["leave out: Write", "neighbour's folder", "neighbour's word"]
    mine, theirs = variants.draw(lab, 1).values, variants.neighbour(lab, 1).values
    folder = found["neighbour's folder"].variant
    assert folder is not None
    assert folder.values == {
        **mine,
        "folder": theirs["folder"],
        "note": f"/srv/{theirs['folder']}/note",  # what is derived from it moves along
    }
    assert found["neighbour's folder"].plays is None


def test_a_task_without_a_name_is_refused(lab: Lab) -> None:
    with pytest.raises(IronlabError, match="has no name"):
        mutants(lab, [play({COMMAND: "true"})])
