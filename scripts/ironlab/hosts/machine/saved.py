"""Saved states inside a machine's disk files: its memory is with the root disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ironlab.hosts.machine.qmp import Monitor

ROOT = "root"


def tags(monitor: Monitor) -> set[str]:
    """The states that there are."""
    nodes = monitor.call("query-named-block-nodes", flat=True)
    image = next(node["image"] for node in nodes if node.get("node-name") == ROOT)
    return {entry["name"] for entry in image.get("snapshots", [])}


def save(monitor: Monitor, tag: str, nodes: Sequence[str]) -> None:
    """Save the state of a machine, in place of one of that name; it goes on running."""
    if tag in tags(monitor):
        drop(monitor, tag, nodes)
    monitor.job("snapshot-save", tag=tag, vmstate=ROOT, devices=list(nodes))


def drop(monitor: Monitor, tag: str, nodes: Sequence[str]) -> None:
    """Forget a state."""
    monitor.job("snapshot-delete", tag=tag, devices=list(nodes))


def load(monitor: Monitor, tag: str, nodes: Sequence[str]) -> None:
    """Put a machine into a saved state; it stands still until `cont`."""
    if monitor.call("query-status")["status"] in {"shutdown", "guest-panicked", "internal-error"}:
        monitor.call("system_reset")  # QEMU lets nothing else be done with a machine that is off
    monitor.call("stop")
    monitor.job("snapshot-load", tag=tag, vmstate=ROOT, devices=list(nodes))
