"""PostgreSQL as its users and its administrator find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from testinfra.backend.base import CommandResult
    from testinfra.host import Host

UNITS = {9: "postgresql", 10: "postgresql-17"}
DATA = {9: "/var/lib/pgsql/data", 10: "/var/lib/pgsql/17/data"}


def as_postgres(host: Host, statement: str, database: str = "postgres") -> str:
    """Answer of the server to its superuser, who logs in by peer."""
    command = "cd / && runuser -u postgres -- psql -XAtq -d %s -c %s"
    return str(host.check_output(command, database, statement))


def with_password(
    host: Host,
    login: tuple[str, str],
    statement: str = "SELECT 42",
    database: str = "shop",
    address: str = "127.0.0.1",
) -> CommandResult:
    """Log in over TCP as any client does."""
    return host.run(
        "PGPASSWORD=%s psql -XAtqw -h %s -U %s -d %s -c %s",
        login[1],
        address,
        login[0],
        database,
        statement,
    )


@pytest.fixture
def shop(role_vars: dict[str, Any]) -> tuple[str, str]:
    """User shop and its password."""
    return "shop", str(role_vars["postgresql_users"][0]["password"])


def test_service_runs_and_starts_at_boot(host: Host, el: int) -> None:
    service = host.service(UNITS[el])
    assert service.is_running
    assert service.is_enabled


def test_layout_is_that_of_the_release(host: Host, el: int) -> None:
    assert as_postgres(host, "SHOW data_directory") == DATA[el]
    assert as_postgres(host, "SHOW server_version").split(".")[0] == {9: "15", 10: "17"}[el]


def test_owner_works_in_the_database(host: Host, shop: tuple[str, str]) -> None:
    statement = """
        CREATE TABLE till (amount int); INSERT INTO till VALUES (40), (2);
        SELECT sum(amount) FROM till; DROP TABLE till
    """
    answer = with_password(host, shop, statement)
    assert answer.stdout == "42\n", answer.stderr


@pytest.mark.parametrize("guess", ["", "wrong", "only-for-tests-clerk"])
def test_wrong_password_is_refused(host: Host, guess: str) -> None:
    answer = with_password(host, ("shop", guess))
    assert answer.failed
    assert answer.stdout == ""


def test_passwords_are_kept_as_scram_verifiers(host: Host) -> None:
    statement = "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%' ORDER BY 1"
    assert as_postgres(host, statement).split() == ["clerk", "shop"]
    assert as_postgres(host, "SHOW password_encryption") == "scram-sha-256"


def test_no_login_is_by_ident_trust_or_md5(host: Host) -> None:
    statement = "SELECT DISTINCT auth_method FROM pg_hba_file_rules ORDER BY 1"
    assert as_postgres(host, statement).split() == ["peer", "scram-sha-256"]


@pytest.mark.parametrize("address", ["/run/postgresql", "127.0.0.1"])
@pytest.mark.parametrize("user", ["postgres", "watcher", "admin", "shop"])
def test_root_is_nobody_in_the_database(host: Host, user: str, address: str) -> None:
    answer = with_password(host, (user, ""), database="postgres", address=address)
    assert answer.failed


def test_user_without_password_comes_in_by_peer(host: Host) -> None:
    command = "cd / && runuser -u admin -- psql -XAtq -d postgres -c 'SELECT current_user'"
    assert host.check_output(command) == "admin"


def test_mapped_user_may_monitor(host: Host) -> None:
    # whoever isn't a member of pg_monitor sees NULL here
    statement = "SELECT count(backend_start) > 0 FROM pg_stat_activity WHERE usename IS NULL"
    command = "cd / && runuser -u admin -- psql -XAtq -U watcher -d postgres -c %s"
    assert host.check_output(command, statement) == "t"


def test_database_is_closed_to_others(host: Host) -> None:
    answer = with_password(host, ("clerk", "only-for-tests-clerk"))
    assert "permission denied for database" in answer.stderr


def test_public_schema_is_closed(host: Host, shop: tuple[str, str]) -> None:
    answer = with_password(host, shop, "CREATE TABLE t (i int)", database="postgres")
    assert "permission denied for schema public" in answer.stderr


def test_data_pages_have_checksums(host: Host) -> None:
    assert as_postgres(host, "SHOW data_checksums") == "on"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", "60"),
        ("idle_session_timeout", "1h"),
        ("log_line_prefix", "%m it's %u "),
        ("unix_socket_directories", "/run/postgresql"),
        ("track_io_timing", "on"),
        ("server_encoding", "UTF8"),
    ],
)
def test_setting_is_in_effect(host: Host, name: str, value: str) -> None:
    assert as_postgres(host, f"SHOW {name}") == value


def test_sorting_does_not_depend_on_the_c_library(host: Host) -> None:
    statement = "SELECT datcollate, datctype FROM pg_database WHERE datname = 'shop'"
    assert as_postgres(host, statement) == "C.UTF-8|C.UTF-8"


def test_buffers_follow_from_memory(host: Host) -> None:
    kilobytes = int(host.check_output("awk '$1 == \"MemTotal:\" { print $2 }' /proc/meminfo"))
    planned = kilobytes * 10 // 100 // 1024 // 64 * 64
    statement = "SELECT setting::int * 8 / 1024 FROM pg_settings WHERE name = 'shared_buffers'"
    assert int(as_postgres(host, statement)) == max(planned // 4, 64)


def test_server_has_taken_up_its_whole_configuration(host: Host) -> None:
    statement = """
        SELECT name FROM pg_settings WHERE pending_restart
        UNION ALL SELECT error FROM pg_file_settings WHERE error IS NOT NULL
        UNION ALL SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL
        UNION ALL SELECT error FROM pg_ident_file_mappings WHERE error IS NOT NULL
    """
    assert as_postgres(host, statement) == ""


def test_statements_are_counted_and_show_no_password(host: Host, shop: tuple[str, str]) -> None:
    with_password(host, shop, "SELECT 4711 AS counted")
    counted = "SELECT calls > 0 FROM pg_stat_statements WHERE query ~ 'AS counted$'"
    assert as_postgres(host, counted) == "t"
    shown = "SELECT count(*) FROM pg_stat_statements WHERE query ~* 'password .*only.for.tests'"
    assert as_postgres(host, shown) == "0"


def test_only_the_loopback_is_listened_on(host: Host) -> None:
    listening = host.check_output("ss -Hltn 'sport = :5432'").splitlines()
    addresses = {line.split()[3].rsplit(":", 1)[0] for line in listening}
    assert addresses
    assert addresses <= {"127.0.0.1", "[::1]"}
    assert not host.file("/tmp/.s.PGSQL.5432").exists  # noqa: S108 - where EL's default puts it


def test_data_is_for_postgres_alone(host: Host, el: int) -> None:
    folder = host.file(DATA[el])
    assert (folder.user, folder.group, folder.mode) == ("postgres", "postgres", 0o700)
    assert host.user("postgres").uid == 26


def test_service_comes_back_after_a_restart(host: Host, el: int, shop: tuple[str, str]) -> None:
    before = with_password(host, shop, "SELECT pg_postmaster_start_time()")
    host.check_output("systemctl restart %s", UNITS[el])
    after = with_password(host, shop, "SELECT pg_postmaster_start_time()")
    assert before.succeeded
    assert after.succeeded
    assert before.stdout < after.stdout
