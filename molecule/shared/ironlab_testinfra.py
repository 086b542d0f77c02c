"""Pytest plugin of the role scenarios: which hosts the tests run on, and what they share.

`molecule verify` loads it. Each test that asks for `host` runs once on each host of the scenario,
as root through sudo, over one kept-open ssh connection a host.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from testinfra.host import Host

NEEDS_REAL_EL = "needs a real EL host"


def pytest_configure(config: pytest.Config) -> None:
    """Point testinfra at the hosts of this run, unless the command line named some."""
    if config.option.hosts:
        return
    ssh_config = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "ssh_config")
    scenario = os.environ["MOLECULE_SCENARIO_NAME"]
    merged = yaml.safe_load(Path(os.environ["MOLECULE_FILE"]).read_text(encoding="utf-8"))
    config.option.hosts = ",".join(
        f"ssh://mol-{scenario}-{platform['name']}?ssh_config={ssh_config}&sudo=true&timeout=60"
        for platform in merged["platforms"]
    )


@pytest.fixture(scope="session")
def role_vars() -> dict[str, Any]:
    """The values that the scenario's vars.yml gave to the role, as written there."""
    path = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"], "vars.yml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def el(host: Host) -> int:
    """The EL major version of the host: 9 or 10."""
    return int(host.check_output(". /etc/os-release && echo ${VERSION_ID%%.*}"))


@pytest.fixture(scope="module")
def stand_in(host: Host) -> dict[str, Any]:
    """What the host's image says about itself; empty on a real EL host."""
    fact = host.file("/etc/ansible/facts.d/ironlab.fact")
    loaded: dict[str, Any] = json.loads(fact.content_string) if fact.exists else {}
    return loaded if loaded.get("stand_in") else {}


@pytest.fixture
def real_el(stand_in: dict[str, Any]) -> None:
    """Skip the test on a stand-in: it checks what only a real EL host has."""
    if stand_in:
        pytest.skip(NEEDS_REAL_EL)
