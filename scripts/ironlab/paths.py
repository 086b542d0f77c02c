"""Where Ironlab keeps what is not in the repository (XDG base directories)."""

from __future__ import annotations

import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def _base(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default) / "ironlab"


def config_dir() -> Path:
    """The vault's password lives here, mode 0600."""
    return _base("XDG_CONFIG_HOME", ".config")


def state_dir() -> Path:
    """Ssh identity, known hosts, list of hosts, locks."""
    return _base("XDG_STATE_HOME", ".local/state")


def cache_dir() -> Path:
    """Built images and packages: deleting it costs time, nothing else."""
    return _base("XDG_CACHE_HOME", ".cache")
