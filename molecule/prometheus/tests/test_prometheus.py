"""Prometheus as those who rely on its alerts find it."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_api import BASE, api, get, query, targets, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testinfra.host import Host

TARGETS = {"prometheus 127.0.0.1:9090", "node 127.0.0.1:9100"}
ALERTS = {
    "DiskWillFill",
    "HighErrorRatio",
    "PostgresConnectionsNearLimit",
    "ServiceDown",
    "SlowRequests",
    "TargetDown",
}
SCRAPE = 1.0  # seconds, as vars.yml has it
RUNBOOKS = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], "docs/runbooks/alerts.md")


def rules(host: Host) -> list[dict[str, Any]]:
    """All rules that are loaded."""
    return [rule for group in api(host, "rules")["groups"] for rule in group["rules"]]


def alert_state(host: Host, name: str) -> str:
    """State of an alert: inactive, pending or firing."""
    return str(next(rule["state"] for rule in rules(host) if rule["name"] == name))


def test_it_runs_at_boot_as_its_own_user(host: Host) -> None:
    service = host.service("prometheus")
    assert service.is_running, host.check_output("journalctl -u prometheus -n 20")
    assert service.is_enabled
    pid = int(service.systemd_properties["MainPID"])
    assert host.process.get(pid=pid).user == "prometheus"


def test_it_listens_on_loopback_only(host: Host) -> None:
    sockets = host.check_output("ss -Hltn 'sport = :9090'").splitlines()
    assert [line.split()[3] for line in sockets] == ["127.0.0.1:9090"]


def test_every_target_is_up(host: Host) -> None:
    seen = wait_for(lambda: targets(host), lambda t: set(t.values()) == {"up"}, 20 * SCRAPE)
    assert seen == dict.fromkeys(TARGETS, "up")


def test_what_is_scraped_can_be_asked_for(host: Host) -> None:
    seen = wait_for(lambda: query(host, "node_load1"), bool, 20 * SCRAPE)
    assert [series["metric"]["purpose"] for series in seen] == ["test"]


def test_rules_are_loaded_and_none_fails(host: Host) -> None:
    loaded = wait_for(
        lambda: rules(host), lambda seen: all(r["health"] == "ok" for r in seen), 20 * SCRAPE
    )
    assert {r["name"]: r["lastError"] for r in loaded if r.get("lastError")} == {}
    assert {r["name"]: r["health"] for r in loaded} == dict.fromkeys({*ALERTS, "job:up:sum"}, "ok")


def test_each_alert_leads_to_its_runbook(host: Host) -> None:
    sections = {
        f"docs/runbooks/alerts.md#{line[3:].strip().lower()}"
        for line in RUNBOOKS.read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    }
    alerts = [rule for rule in rules(host) if rule["type"] == "alerting"]
    assert {rule["name"] for rule in alerts} == ALERTS
    assert {rule["annotations"]["runbook"] for rule in alerts} == sections


@pytest.fixture
def stopped_exporter(host: Host) -> Iterator[None]:
    """A target that goes away, and comes back after the test."""
    host.check_output("systemctl stop node_exporter")
    yield
    host.check_output("systemctl start node_exporter")


@pytest.mark.usefixtures("stopped_exporter")
def test_a_stopped_exporter_is_noticed(host: Host) -> None:
    gone = "node 127.0.0.1:9100"
    # one scrape, one evaluation of the rules, and as much again for the questions to get there
    seen = wait_for(lambda: targets(host), lambda t: t[gone] == "down", 4 * SCRAPE)
    assert seen[gone] == "down"
    state = wait_for(lambda: alert_state(host, "TargetDown"), lambda s: s == "pending", 4 * SCRAPE)
    assert state == "pending"  # prometheus_alert_down_for is an hour here


def test_the_alert_goes_when_the_exporter_is_back(host: Host) -> None:
    state = wait_for(
        lambda: alert_state(host, "TargetDown"), lambda s: s == "inactive", 20 * SCRAPE
    )
    assert state == "inactive"


def test_settings_are_those_of_the_role(host: Host) -> None:
    flags = api(host, "status/flags")
    assert flags["storage.tsdb.retention.time"] == "3d"
    assert flags["storage.tsdb.path"] == "/var/lib/prometheus"
    assert "estate: molecule" in api(host, "status/config")["yaml"]


def test_a_reload_takes_up_a_new_rule(host: Host) -> None:
    path = "/etc/prometheus/rules/molecule.yml"
    rule = {"record": "molecule:one", "expr": "vector(1)"}
    text = json.dumps({"groups": [{"name": "molecule", "rules": [rule]}]})
    before = host.service("prometheus").systemd_properties["MainPID"]
    host.check_output(f"printf %s '{text}' > {path} && chmod 0644 {path}")
    try:
        host.check_output("systemctl reload prometheus")
        seen = wait_for(lambda: query(host, "molecule:one"), bool, 20 * SCRAPE)
        assert seen
        assert host.service("prometheus").systemd_properties["MainPID"] == before
    finally:
        host.check_output(f"rm {path} && systemctl reload prometheus")
    assert "prometheus_config_last_reload_successful 1" in get(host, f"{BASE}/metrics")


def test_alerts_fire_when_they_must_and_only_then(host: Host) -> None:
    cases = Path(__file__).with_name("alerts.yml").read_bytes()
    folder = host.check_output("mktemp -d")
    try:
        encoded = base64.b64encode(cases).decode()
        host.check_output(f"echo {encoded} | base64 -d > {folder}/alerts.yml")
        host.check_output(f"/usr/local/bin/promtool test rules {folder}/alerts.yml")
    finally:
        host.check_output(f"rm -r {folder}")
