"""Count the tasks of a play before it runs, for its progress display.

`ansible-playbook --list-tasks` takes seconds and does not see what `include_tasks` brings; reading
the roles' files takes no time and sees it. It is an estimate: a file that is included for one
release only, or twice, makes it a little wrong, and the display bears that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from ironlab import paths

if TYPE_CHECKING:
    from pathlib import Path

IMPORT = "ansible.builtin.import_playbook"
BLOCKS = ("block", "rescue", "always")


def estimate(playbook: Path, tags: str | None = None, roles: Path = paths.REPO / "roles") -> int:
    """How many tasks the playbook and its roles have; their handlers and removals don't count."""
    wanted = set(tags.split(",")) if tags else None
    total = 0
    for play in yaml.safe_load(playbook.read_text(encoding="utf-8")):
        if imported := play.get(IMPORT):
            total += estimate(playbook.parent / imported, tags, roles)
            continue
        total += _tasks(play.get("tasks"))
        total += int(play.get("gather_facts", True))
        for entry in play.get("roles", []):
            name = entry["role"] if isinstance(entry, dict) else entry
            if wanted is None or name in wanted:
                total += _role(roles / name)
    return total


def _role(folder: Path) -> int:
    files = (folder / "tasks").glob("*.yml")
    texts = [path.read_text(encoding="utf-8") for path in files if "absent" not in path.stem]
    validation = (folder / "meta" / "argument_specs.yml").exists()  # Ansible's own first task
    return sum(_tasks(yaml.safe_load(text)) for text in texts) + int(validation)


def _tasks(entries: list[dict[str, Any]] | None) -> int:
    total = 0
    for entry in entries or []:
        inner = [part for key in BLOCKS for part in entry.get(key) or []]
        total += _tasks(inner) if "block" in entry else 1
    return total
