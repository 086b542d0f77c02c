"""Virtual machines of QEMU."""

from __future__ import annotations

from ironlab.hosts.machine.backend import MachineHosts, exists

__all__ = ["MachineHosts", "exists"]
