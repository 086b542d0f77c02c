"""Ask the Prometheus on a host, from the tests of the roles that need one."""

from __future__ import annotations

import json
import shlex
import time
import urllib.parse
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

T = TypeVar("T")
BASE = "http://127.0.0.1:9090"


def get(host: Host, url: str) -> str:
    """What the host gets at an address."""
    return str(host.check_output(f"curl -fsS --max-time 5 {shlex.quote(url)}"))


def api(host: Host, path: str, **parameters: str) -> Any:  # noqa: ANN401 - JSON
    """The data of an answer of Prometheus' API."""
    query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
    answer = json.loads(get(host, f"{BASE}/api/v1/{path}{query}"))
    assert answer["status"] == "success", answer
    return answer["data"]


def query(host: Host, expression: str) -> list[dict[str, Any]]:
    """The series that an expression gives now."""
    result: list[dict[str, Any]] = api(host, "query", query=expression)["result"]
    return result


def targets(host: Host) -> dict[str, str]:
    """Health of each target by its job and address."""
    return {
        f"{t['labels']['job']} {t['labels']['instance']}": t["health"]
        for t in api(host, "targets", state="active")["activeTargets"]
    }


def wait_for(look: Callable[[], T], good: Callable[[T], bool], seconds: float) -> T:
    """Look until what is seen is good or the time is over; return what was seen last."""
    end = time.monotonic() + seconds
    while not good(seen := look()) and time.monotonic() < end:
        time.sleep(0.5)
    return seen
