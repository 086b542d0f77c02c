"""The dashboard against the live Prometheus, and Grafana's server where it can be had."""

from __future__ import annotations

import itertools
import json
import math
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from prometheus_api import get, query, targets, wait_for

if TYPE_CHECKING:
    from testinfra.host import Host

DASHBOARD = json.loads(
    Path(
        os.environ["MOLECULE_PROJECT_DIRECTORY"], "roles/grafana/files/dashboards/overview.json"
    ).read_text(encoding="utf-8")
)
PANELS = [
    pytest.param(target["expr"], id=f"{panel['id']} {panel['title']} {target['refId']}")
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", [])
]
TARGETS = {
    "prometheus 127.0.0.1:9090",
    "node 127.0.0.1:9100",
    "postgres 127.0.0.1:9187",
    "redis 127.0.0.1:9121",
    "nginx 127.0.0.1:9113",
    "webapp 127.0.0.1:8001",
    "webapp 127.0.0.1:8002",
}
FILES = {
    "/etc/grafana/grafana.ini": 0o640,
    "/etc/grafana/provisioning/datasources/ironlab.yml": 0o640,
    "/etc/grafana/provisioning/dashboards/ironlab.yml": 0o640,
    "/etc/grafana/dashboards/ironlab/overview.json": 0o640,
    "/etc/grafana/ironlab/admin-password": 0o640,
    "/etc/grafana/ironlab/secret-key": 0o640,
}
API = "http://127.0.0.1:3000/api"
USERS = itertools.cycle(range(1, 981, 20))  # webapp_seed_users is 1000


def send_traffic(host: Host) -> None:
    """A hundred requests through nginx: twenty users new to the cache, five times each."""
    first = next(USERS)
    urls = f"https://127.0.0.1/users/[{first}-{first + 19}]?round=[1-5]"
    host.check_output(f"curl -fsSk -o /dev/null '{urls}'")


def has_data(series: list[dict[str, Any]]) -> bool:
    """Whether a panel would show something: a number, not nothing and not NaN."""
    return any(math.isfinite(float(one["value"][1])) for one in series)


def test_every_target_is_up(host: Host) -> None:
    seen = wait_for(lambda: targets(host), lambda t: set(t.values()) == {"up"}, 30)
    assert seen == dict.fromkeys(TARGETS, "up")


@pytest.mark.parametrize("expression", PANELS)
def test_a_panel_shows_data(host: Host, expression: str) -> None:
    asked = expression.replace("$__rate_interval", "5m")

    def look() -> list[dict[str, Any]]:
        send_traffic(host)  # rates want something to happen between two scrapes
        return query(host, asked)

    seen = query(host, asked)
    assert has_data(seen) or has_data(wait_for(look, has_data, 20)), seen


def test_every_panel_has_a_number_of_its_own() -> None:
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(("path", "mode"), FILES.items())
def test_files_are_for_root_and_grafana(host: Host, path: str, mode: int) -> None:
    file = host.file(path)
    group = "grafana" if host.group("grafana").exists else "root"
    assert (file.user, file.group, file.mode) == ("root", group, mode)


def test_what_is_provisioned_points_to_what_is_there(host: Host) -> None:
    folder = "/etc/grafana/provisioning"
    source = yaml.safe_load(host.file(f"{folder}/datasources/ironlab.yml").content_string)
    uid, url = source["datasources"][0]["uid"], source["datasources"][0]["url"]
    panels = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in panels} == {uid}
    assert "prometheus_build_info" in get(host, f"{url}/metrics")
    provider = yaml.safe_load(host.file(f"{folder}/dashboards/ironlab.yml").content_string)
    assert host.file(f"{provider['providers'][0]['options']['path']}/overview.json").exists


def test_no_secret_is_in_the_configuration(host: Host, role_vars: dict[str, Any]) -> None:
    text = host.file("/etc/grafana/grafana.ini").content_string
    assert role_vars["grafana_admin_password"] not in text
    assert role_vars["grafana_secret_key"] not in text


def ask_grafana(host: Host, path: str, password: str) -> Any:  # noqa: ANN401 - JSON
    """What Grafana answers to its administrator."""
    login = shlex.quote(f"admin:{password}")
    return json.loads(host.check_output(f"curl -fsS -u {login} {API}/{path}"))


real_el = pytest.mark.usefixtures("real_el")


@real_el
def test_the_server_runs_at_boot_on_loopback_only(host: Host) -> None:
    service = host.service("grafana-server")
    assert service.is_running
    assert service.is_enabled
    sockets = host.check_output("ss -Hltn 'sport = :3000'").splitlines()
    assert [line.split()[3] for line in sockets] == ["127.0.0.1:3000"]


@real_el
def test_the_server_refuses_the_well_known_password(host: Host) -> None:
    assert host.run(f"curl -fsS -u admin:admin {API}/org").failed


@real_el
def test_the_server_has_the_dashboard(host: Host, role_vars: dict[str, Any]) -> None:
    password = role_vars["grafana_admin_password"]
    seen = ask_grafana(host, "dashboards/uid/ironlab-overview", password)
    assert seen["meta"]["folderTitle"] == "Ironlab"
    assert seen["dashboard"]["title"] == DASHBOARD["title"]


@real_el
def test_the_server_gets_data_from_prometheus(host: Host, role_vars: dict[str, Any]) -> None:
    path = "datasources/proxy/uid/ironlab-prometheus/api/v1/query?query=up"
    assert ask_grafana(host, path, role_vars["grafana_admin_password"])["data"]["result"]
