"""The runtime-only twin of a task: what looks done until the host reboots.

One rule a module. A rule takes the module's arguments and gives those of the twin (and its module,
where that is another one), or None when the task makes nothing that a reboot could take away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = dict[str, Any]
Twin = tuple[str, Arguments] | None

MOUNTED = ("path", "src", "fstype", "opts")
COMMAND = "ansible.builtin.command"
# After these the runtime is as the stored configuration says, so they would undo the twin at once.
UNDOES_IT = {
    "ansible.posix.firewalld": re.compile(r"firewall-cmd\b.*--(complete-)?reload"),
    "community.general.sefcontext": re.compile(r"\b(restorecon|fixfiles)\b"),
}


def firewalld(given: Arguments) -> Twin:
    """The rule, in the running firewall only."""
    if not given.get("permanent"):
        return None
    runtime = {key: value for key, value in given.items() if key != "offline"}
    return "ansible.posix.firewalld", {**runtime, "permanent": False, "immediate": True}


def unit(module: str) -> Callable[[Arguments], Twin]:
    """The unit, started or stopped for now."""

    def rule(given: Arguments) -> Twin:
        enabled, state = given.get("enabled"), given.get("state")
        if enabled is True:
            return module, {**given, "enabled": False, "state": state or "started"}
        if enabled is False:
            rest = {key: value for key, value in given.items() if key not in {"enabled", "masked"}}
            return module, {**rest, "state": state or "stopped"}
        return None

    return rule


def mount(given: Arguments) -> Twin:
    """The file system, mounted without a line in fstab."""
    if given.get("state") != "mounted":
        return None
    kept: Arguments = {key: given[key] for key in MOUNTED if key in given}
    return "ansible.posix.mount", {**kept, "state": "ephemeral"}


def sysctl(given: Arguments) -> Twin:
    """The kernel's parameter, set in the running kernel only."""
    if given.get("state", "present") != "present" or "value" not in given:
        return None
    name = given.get("name") or given["key"]
    return COMMAND, {"argv": ["sysctl", "-w", f"{name}={given['value']}"]}


def seboolean(given: Arguments) -> Twin:
    """The SELinux boolean, until the policy is loaded again."""
    if not given.get("persistent"):
        return None
    return "ansible.posix.seboolean", {**given, "persistent": False}


def selinux(given: Arguments) -> Twin:
    """SELinux's mode, of the running kernel only."""
    modes = {"enforcing": "1", "permissive": "0"}
    mode = modes.get(str(given.get("state")))
    return (COMMAND, {"argv": ["setenforce", mode]}) if mode else None


def sefcontext(given: Arguments) -> Twin:
    """The label on the files, and nothing about it in the policy."""
    if given.get("state", "present") != "present":
        return None
    label = given.get("setype")
    path = str(given.get("target") or given.get("path")).split("(", 1)[0].replace("\\", "")
    return COMMAND, {"argv": ["chcon", "--recursive", "--type", label, path]}


def hostname(given: Arguments) -> Twin:
    """The name, of the running kernel only."""
    return COMMAND, {"argv": ["hostname", given["name"]]}


def nmcli(given: Arguments) -> Twin:
    """The connection, not brought up at the next boot."""
    if given.get("state") != "present" or given.get("autoconnect") is False:
        return None
    return "community.general.nmcli", {**given, "autoconnect": False}


def modprobe(given: Arguments) -> Twin:
    """The kernel's module, loaded for now."""
    if given.get("persistent") != "present":
        return None
    return "community.general.modprobe", {**given, "persistent": "disabled"}


RULES: dict[str, Callable[[Arguments], Twin]] = {
    "ansible.posix.firewalld": firewalld,
    "ansible.posix.mount": mount,
    "ansible.posix.seboolean": seboolean,
    "ansible.posix.selinux": selinux,
    "ansible.posix.sysctl": sysctl,
    "ansible.builtin.hostname": hostname,
    "ansible.builtin.service": unit("ansible.builtin.service"),
    "ansible.builtin.systemd": unit("ansible.builtin.systemd"),
    "ansible.builtin.systemd_service": unit("ansible.builtin.systemd_service"),
    "community.general.modprobe": modprobe,
    "community.general.nmcli": nmcli,
    "community.general.sefcontext": sefcontext,
}
