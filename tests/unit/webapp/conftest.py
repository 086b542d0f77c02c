"""The application and its Ansible module live in the role: make them importable."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROLE = Path(__file__).resolve().parents[3] / "roles/webapp"
sys.path[:0] = [str(ROLE / "files"), str(ROLE / "library")]

CONFIG = """\
# a comment
[server]
address = 127.0.0.1
base_port = 8001
instances = 2
threads = 8
writes = true
log_level = info
[database]
host = 127.0.0.1
port = 6432
name = webapp
user = webapp
password = a%(b)s#c;d=e
pool_size = 2
timeout = 1
[cache]
enabled = true
host = 127.0.0.1
port = 6379
password = cache%pass
ttl = 60
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Write a configuration that is right; tests spoil their own copy."""
    path = tmp_path / "webapp.conf"
    path.write_text(CONFIG, encoding="utf-8")
    return path
