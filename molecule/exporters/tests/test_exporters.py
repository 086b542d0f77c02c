"""The exporters as Prometheus, and somebody who looks for passwords, find them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from prometheus_api import get

if TYPE_CHECKING:
    from testinfra.host import Host

PORTS = {"node": 9100, "postgres": 9187, "redis": 9121, "nginx": 9113}
USERS = {
    "node": "node_exporter",
    "postgres": "exporters",
    "redis": "redis_exporter",
    "nginx": "nginx_exporter",
}
MEASURED = {
    "node": "node_memory_MemAvailable_bytes",
    "postgres": "pg_up 1",
    "redis": "redis_up 1",
    "nginx": "nginx_up",
}

each = pytest.mark.parametrize("exporter", PORTS)


@each
def test_it_runs_at_boot_as_a_user_of_its_own(host: Host, exporter: str) -> None:
    service = host.service(f"{exporter}_exporter")
    assert service.is_running, host.check_output(f"journalctl -u {exporter}_exporter -n 20")
    assert service.is_enabled
    pid = service.systemd_properties["MainPID"]
    assert host.process.get(pid=int(pid)).user == USERS[exporter]


@each
def test_it_measures_its_service(host: Host, exporter: str) -> None:
    lines = get(host, f"http://127.0.0.1:{PORTS[exporter]}/metrics").splitlines()
    found = [line for line in lines if line.startswith(MEASURED[exporter])]
    assert found
    assert float(found[0].split()[-1]) > 0


@each
def test_it_listens_on_loopback_only(host: Host, exporter: str) -> None:
    sockets = host.check_output(f"ss -Hltn 'sport = :{PORTS[exporter]}'").splitlines()
    assert [line.split()[3] for line in sockets] == [f"127.0.0.1:{PORTS[exporter]}"]


def test_postgres_tells_connections_and_limits(host: Host) -> None:
    page = get(host, f"http://127.0.0.1:{PORTS['postgres']}/metrics")
    for name in ("pg_stat_database_numbackends{", "pg_settings_max_connections{"):
        assert f"\n{name}" in page


def test_the_root_file_system_is_measured(host: Host) -> None:
    page = get(host, f"http://127.0.0.1:{PORTS['node']}/metrics")
    assert any(
        line.startswith("node_filesystem_size_bytes{") and 'mountpoint="/"' in line
        for line in page.splitlines()
    )


def test_an_extra_argument_takes_effect(host: Host) -> None:
    page = get(host, f"http://127.0.0.1:{PORTS['node']}/metrics")
    assert "node_systemd_unit_state{" in page


def test_what_a_script_leaves_for_the_node_exporter_is_measured(host: Host) -> None:
    path = "/var/lib/node_exporter/molecule.prom"
    host.check_output(f"echo 'molecule_test 42' > {path}")
    try:
        assert "\nmolecule_test 42" in get(host, f"http://127.0.0.1:{PORTS['node']}/metrics")
    finally:
        host.check_output(f"rm {path}")


def test_the_password_is_for_the_redis_exporter_alone(
    host: Host, role_vars: dict[str, Any]
) -> None:
    password = role_vars["redis_password"]
    assert password not in host.check_output("ps -eo args")
    assert password not in host.check_output(
        "systemctl show '*_exporter' -p Environment -p ExecStart"
    )
    secret = host.file("/etc/sysconfig/redis_exporter")
    assert (secret.user, secret.group, secret.mode) == ("root", "root", 0o600)
    for user in ("nobody", USERS["redis"]):
        assert host.run(f"runuser -u {user} -- cat {secret.path}").failed
