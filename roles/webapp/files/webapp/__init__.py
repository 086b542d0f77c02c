"""A small JSON service: users and posts in PostgreSQL, cached in Redis.

It runs on Python 3.9 (EL 9) and later, from one file that holds everything it imports.
"""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "1.0.0"


def release() -> str:
    """The file this process runs from, without its ending: `webapp-<hash>`."""
    return Path(sys.argv[0]).resolve().name.partition(".")[0]
