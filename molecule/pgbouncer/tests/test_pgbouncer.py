"""PgBouncer as its clients and its administrator find it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from testinfra.backend.base import CommandResult
    from testinfra.host import Host

UNITS = {9: "postgresql", 10: "postgresql-17"}
SHOP = ("shop", "only-for-tests-shop")
CLIENTS = 24
POOL_SIZE = 4


def ask(
    host: Host,
    login: tuple[str, str],
    statement: str = "SELECT current_user",
    database: str = "shop",
    port: str = "6432",
) -> CommandResult:
    """Log in over TCP as any client does; port 5432 goes past PgBouncer."""
    return host.run(
        "PGPASSWORD=%s psql -XAtqw -h 127.0.0.1 -p %s -U %s -d %s -c %s",
        login[1],
        port,
        login[0],
        database,
        statement,
    )


def console(host: Host, command: str) -> list[dict[str, str]]:
    """Rows that the admin console answers with."""
    answer = host.check_output(
        "cd / && runuser -u pgbouncer --"
        " psql -XAq -P footer=off -h /run/pgbouncer -p 6432 -d pgbouncer -c %s",
        command,
    )
    names, *rows = (line.split("|") for line in answer.splitlines())
    return [dict(zip(names, row, strict=True)) for row in rows]


def as_pgbouncer(host: Host, statement: str) -> CommandResult:
    """Ask PostgreSQL as PgBouncer itself does, by peer."""
    return host.run("cd / && runuser -u pgbouncer -- psql -XAtqw -d shop -c %s", statement)


def as_postgres(host: Host, statement: str) -> str:
    """Answer of PostgreSQL to its superuser."""
    return str(host.check_output("cd / && runuser -u postgres -- psql -XAtq -c %s", statement))


def test_service_runs_and_starts_at_boot(host: Host) -> None:
    service = host.service("pgbouncer")
    assert service.is_running
    assert service.is_enabled


@pytest.mark.parametrize(("name", "behind"), [("shop", "shop"), ("store", "stock")])
def test_query_reaches_postgresql(host: Host, name: str, behind: str) -> None:
    answer = ask(host, SHOP, "SELECT current_user, current_database()", database=name)
    assert answer.stdout == f"shop|{behind}\n", answer.stderr


@pytest.mark.parametrize(
    ("login", "database"),
    [
        (("shop", "wrong"), "shop"),
        (("shop", "only-for-tests-clerk"), "shop"),
        (("nobody", "wrong"), "shop"),
        (("postgres", "wrong"), "shop"),
        (("pgbouncer", "wrong"), "shop"),
        (("pgbouncer", "0" * 32), "shop"),
        (("pgbouncer", "md5" + "0" * 32), "shop"),
        (("pgbouncer", "wrong"), "pgbouncer"),
        (SHOP, "stock"),
        (SHOP, "postgres"),
        (SHOP, "pgbouncer"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_other_logins_are_refused(host: Host, login: tuple[str, str], database: str) -> None:
    answer = ask(host, login, "SELECT 42", database=database)
    assert answer.failed
    assert answer.stdout == ""


@pytest.mark.parametrize("database", ["shop", "pgbouncer"])
def test_empty_password_is_refused(host: Host, database: str) -> None:
    ask(host, SHOP)  # PgBouncer knows its own user once it has looked somebody up
    program = Path(__file__).with_name("empty_password.py").read_text(encoding="utf-8")
    answer = host.check_output("python3 -c %s pgbouncer %s", program, database)
    assert answer != "in"
    assert "08P01" in answer or "28P01" in answer or "closed" in answer


def test_privileges_are_those_of_the_client(host: Host) -> None:
    answer = ask(host, ("clerk", "only-for-tests-clerk"))
    assert "permission denied for database" in answer.stderr


def test_new_password_counts_at_once(host: Host) -> None:
    as_postgres(
        host,
        "CREATE ROLE visitor LOGIN PASSWORD 'first'; GRANT CONNECT ON DATABASE shop TO visitor",
    )
    try:
        assert ask(host, ("visitor", "first")).stdout == "visitor\n"
        as_postgres(host, "ALTER ROLE visitor PASSWORD 'second'")
        assert ask(host, ("visitor", "first")).failed
        assert ask(host, ("visitor", "second")).stdout == "visitor\n"
        as_postgres(host, "ALTER ROLE visitor VALID UNTIL 'yesterday'")
        assert ask(host, ("visitor", "second")).failed
    finally:
        as_postgres(host, "REVOKE CONNECT ON DATABASE shop FROM visitor; DROP ROLE visitor")


def test_pool_modes(host: Host) -> None:
    ask(host, SHOP)
    ask(host, SHOP, database="store")
    modes = {
        row["database"]: row["pool_mode"]
        for row in console(host, "SHOW POOLS")
        if row["user"] == "shop"
    }
    assert modes == {"shop": "transaction", "store": "session"}


def test_many_clients_share_few_server_connections(host: Host) -> None:
    client = (
        "PGPASSWORD=%s psql -XAtqw -h 127.0.0.1 -p 6432 -U shop -d shop"
        " -c 'SELECT pg_backend_pid() FROM pg_sleep(0.2)' &"
    )
    started = client * CLIENTS + " wait"
    answer = host.run(started, *[SHOP[1]] * CLIENTS)
    servers = answer.stdout.split()
    assert len(servers) == CLIENTS, answer.stderr
    assert 1 < len(set(servers)) <= POOL_SIZE


def test_session_settings_do_not_reach_the_next_client(host: Host) -> None:
    ask(host, SHOP, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", database="store")
    answer = ask(host, SHOP, "SHOW default_transaction_read_only", database="store")
    assert answer.stdout == "off\n"


def test_only_pgbouncer_may_look_up(host: Host) -> None:
    statement = "SELECT * FROM pgbouncer.user_lookup('shop')"
    assert "permission denied" in ask(host, SHOP, statement, port="5432").stderr
    assert "|SCRAM-SHA-256$" in as_pgbouncer(host, statement).stdout


@pytest.mark.parametrize("user", ["postgres", "pgbouncer_lookup", "nobody"])
def test_superusers_and_groups_are_not_looked_up(host: Host, user: str) -> None:
    lookup = "SELECT count(*) FROM pgbouncer.user_lookup('%s')"
    answer = as_pgbouncer(host, lookup % user)
    assert answer.stdout == "0\n", answer.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT rolpassword FROM pg_authid",
        "CREATE TABLE pgbouncer.t (i int)",
        "ALTER FUNCTION pgbouncer.user_lookup SECURITY INVOKER",
    ],
)
def test_pgbouncer_has_no_other_way_to_the_passwords(host: Host, statement: str) -> None:
    answer = as_pgbouncer(host, statement)
    assert answer.failed
    assert "permission denied" in answer.stderr or "must be owner" in answer.stderr


def test_console_is_for_the_service_user_alone(host: Host) -> None:
    answer = host.run(
        "psql -XAtqw -h /run/pgbouncer -p 6432 -U pgbouncer -d pgbouncer -c 'SHOW VERSION'"
    )
    assert answer.failed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("auth_type", "scram-sha-256"),
        ("max_client_conn", "500"),
        ("listen_addr", "127.0.0.1"),
        ("unix_socket_dir", "/run/pgbouncer"),
        ("ignore_startup_parameters", "extra_float_digits"),
    ],
)
def test_setting_is_in_effect(host: Host, key: str, value: str) -> None:
    settings = {row["key"]: row["value"] for row in console(host, "SHOW CONFIG")}
    assert settings[key] == value


def test_service_may_open_enough_files(host: Host) -> None:
    process = host.check_output("systemctl show -P MainPID pgbouncer")
    limit = host.check_output("awk '/^Max open files/ { print $4 }' /proc/%s/limits", process)
    assert int(limit) >= 2 * 500
    assert host.check_output("systemctl show -P LimitNOFILE pgbouncer") == "65536"


def test_only_the_loopback_is_listened_on(host: Host) -> None:
    listening = host.check_output("ss -Hltn 'sport = :6432'").splitlines()
    assert {line.split()[3].rsplit(":", 1)[0] for line in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("name", ["pgbouncer.ini", "listen.ini", "userlist.txt"])
def test_configuration_is_for_pgbouncer_alone(host: Host, name: str) -> None:
    file = host.file(f"/etc/pgbouncer/{name}")
    assert (file.user, file.group, file.mode) == ("pgbouncer", "pgbouncer", 0o600)


def test_clients_come_back_after_restarts(host: Host, el: int) -> None:
    assert ask(host, SHOP).succeeded
    host.check_output("systemctl restart %s", UNITS[el])
    assert ask(host, SHOP).stdout == "shop\n"
    host.check_output("systemctl restart pgbouncer")
    assert ask(host, SHOP).stdout == "shop\n"
