"""A small JSON service: users and posts in PostgreSQL, cached in Redis.

It runs on Python 3.9 (EL 9) and later, from one file that holds everything it imports.
"""

from __future__ import annotations

__version__ = "1.0.0"
