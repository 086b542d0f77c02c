"""The application as its clients, its operator and its neighbours find it."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testinfra.host import Host

PORTS = {1: 8001, 2: 8002}
CONFIG = "/etc/webapp/webapp.conf"
CURRENT = "/opt/webapp/current.pyz"
CACHE = {9: "redis", 10: "valkey"}


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    document: Any
    text: str


def ask(host: Host, path: str, *options: str, instance: int = 1) -> Answer:
    """Send one request from the host itself."""
    quoted = " ".join(["%s"] * len(options))
    text = host.check_output(
        f"curl -sSi --max-time 20 {quoted} %s",
        *options,
        f"http://127.0.0.1:{PORTS[instance]}{path}",
    )
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.splitlines()
    headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
    document = json.loads(body) if headers.get("content-type") == "application/json" else None
    return Answer(int(status.split()[1]), headers, document, body)


def sql(host: Host, statement: str, database: str = "webapp") -> str:
    """Ask PostgreSQL itself, past PgBouncer."""
    answer: str = host.check_output(
        "cd / && runuser -u postgres -- psql -XAtq -d %s -c %s", database, statement
    )
    return answer


def transactions(host: Host) -> int:
    """How many transactions PgBouncer has passed on for the application."""
    answer = host.check_output(
        "cd / && runuser -u pgbouncer -- psql -XAtq -h /run/pgbouncer -p 6432 -d pgbouncer -c %s",
        "SHOW STATS",
    )
    rows = [line.split("|") for line in answer.splitlines()]
    return sum(int(row[1]) for row in rows if row[0] == "webapp")


@pytest.fixture
def cache(host: Host, el: int, role_vars: dict[str, Any]) -> Callable[..., str]:
    """Ask Redis or Valkey itself."""

    def command(*words: str) -> str:
        quoted = " ".join(["%s"] * len(words))
        answer: str = host.check_output(
            f"REDISCLI_AUTH=%s {CACHE[el]}-cli --no-auth-warning {quoted}",
            role_vars["redis_password"],
            *words,
        )
        return answer

    return command


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Look again until it holds, or say that it doesn't."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
    return False


@contextmanager
def stopped(host: Host, unit: str) -> Iterator[None]:
    """Have a service down, and up again afterwards, whatever happens."""
    host.check_output("systemctl stop %s", unit)
    try:
        yield
    finally:
        host.check_output("systemctl start %s", unit)


def pid(host: Host, instance: int) -> str:
    number: str = host.check_output(f"systemctl show -P MainPID webapp@{instance}")
    return number


@pytest.mark.parametrize("instance", PORTS)
def test_instance_runs_and_says_who_it_is(host: Host, instance: int) -> None:
    service = host.service(f"webapp@{instance}")
    assert service.is_running, host.run(f"journalctl -n 30 -u webapp@{instance}").stdout
    assert service.is_enabled
    answer = ask(host, "/healthz", instance=instance)
    assert (answer.status, answer.headers["x-instance"]) == (200, str(instance))
    release = host.check_output("basename $(readlink -f %s) .pyz", CURRENT)
    assert answer.document == {
        "status": "ok",
        "database": "up",
        "cache": "up",
        "instance": instance,
        "version": "1.0.0",
        "release": release,
        "outdated": False,
    }


def test_no_further_instance_runs(host: Host) -> None:
    units = host.check_output("systemctl list-units --all --plain --no-legend 'webapp@*'")
    assert [line.split()[0] for line in units.splitlines()] == [
        f"webapp@{instance}.service" for instance in PORTS
    ]


def test_release_is_named_by_its_bytes_and_belongs_to_root(host: Host) -> None:
    path = host.check_output("readlink -f %s", CURRENT)
    release = host.file(path)
    assert path == f"/opt/webapp/releases/webapp-{release.sha256sum[:12]}.pyz"
    assert (release.user, release.group, release.mode) == ("root", "root", 0o644)
    for target in (path, "/opt/webapp", "/opt/webapp/releases", CONFIG):
        assert host.run("runuser -u webapp -- test -w %s", target).rc == 1


@pytest.mark.parametrize("instance", PORTS)
def test_process_has_no_privileges(host: Host, instance: int) -> None:
    status = host.file(f"/proc/{pid(host, instance)}/status").content_string
    found = dict(line.split(":", 1) for line in status.splitlines())
    assert host.check_output("id -un %s", found["Uid"].split()[0]) == "webapp"
    assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 0
    assert found["NoNewPrivs"].strip() == "1"
    assert found["Seccomp"].strip() == "2"


def test_user_cannot_log_in(host: Host) -> None:
    assert host.user("webapp").shell == "/sbin/nologin"
    assert host.run("su webapp -c true").rc == 1


@pytest.mark.parametrize("instance", PORTS)
def test_listens_on_loopback_only(host: Host, instance: int) -> None:
    sockets = host.check_output(f"ss -Hltn 'sport = :{PORTS[instance]}'")
    assert [line.split()[3] for line in sockets.splitlines()] == [f"127.0.0.1:{PORTS[instance]}"]


def test_secrets_stay_in_one_file(host: Host, role_vars: dict[str, Any]) -> None:
    config = host.file(CONFIG)
    assert (config.user, config.group, config.mode) == ("root", "webapp", 0o640)
    assert f"password = {role_vars['webapp_db_password']}" in config.content_string.splitlines()
    assert host.run("runuser -u nobody -- cat %s", CONFIG).rc == 1
    for secret in (role_vars["webapp_db_password"], role_vars["webapp_redis_password"]):
        seen = host.run(
            "systemctl show webapp@1 webapp@2 | cat - /proc/%s/environ /proc/%s/cmdline"
            " | grep -aF %s",
            pid(host, 1),
            pid(host, 2),
            secret,
        )
        assert (seen.rc, seen.stdout) == (1, "")
        assert host.run("journalctl -q -u 'webapp@*' | grep -F %s", secret).rc == 1


def test_user_is_the_one_stored_in_postgresql(host: Host, cache: Callable[..., str]) -> None:
    sql(host, "INSERT INTO users (id, name, email) VALUES (900001, 'Åsa Øst', 'a@example.com')")
    try:
        answer = ask(host, "/users/900001")
        assert (answer.status, answer.headers["x-cache"]) == (200, "miss")
        stored = sql(host, "SELECT name FROM users WHERE id = 900001")
        assert answer.document["name"] == stored == "Åsa Øst"
    finally:
        sql(host, "DELETE FROM users WHERE id = 900001")
        cache("DEL", "webapp:user:900001")
    assert ask(host, "/users/900001").status == 404


def test_seed(host: Host) -> None:
    assert sql(host, "SELECT count(*), min(id), max(id) FROM users") == "500|1|500"
    posts = int(sql(host, "SELECT count(*) FROM posts WHERE title LIKE 'Note %'"))
    assert 4 <= posts / 500 <= 6
    assert (
        sql(host, "SELECT name, email FROM users WHERE id = 17") == "Alan Backus|user17@example.com"
    )
    assert sql(host, "SELECT tableowner FROM pg_tables WHERE tablename = 'users'") == "webapp"


def test_second_read_comes_from_the_cache(
    host: Host, cache: Callable[..., str], role_vars: dict[str, Any]
) -> None:
    cache("DEL", "webapp:user:21")
    before = transactions(host)
    first, second = ask(host, "/users/21"), ask(host, "/users/21", instance=2)
    assert [first.headers["x-cache"], second.headers["x-cache"]] == ["miss", "hit"]
    assert first.document == second.document == json.loads(cache("GET", "webapp:user:21"))
    assert 0 < int(cache("TTL", "webapp:user:21")) <= role_vars["webapp_cache_ttl"]
    # PgBouncer counts once in a while
    assert wait_for(lambda: transactions(host) > before)


def test_what_the_cache_holds_is_what_is_served(host: Host, cache: Callable[..., str]) -> None:
    cache("SET", "webapp:user:22", '{"id": 22, "name": "from the cache"}', "EX", "60")
    assert ask(host, "/users/22").document["name"] == "from the cache"
    cache("DEL", "webapp:user:22")
    assert ask(host, "/users/22").document["name"] != "from the cache"


def test_new_post_shows_at_once(host: Host) -> None:
    ask(host, "/users/23/posts")
    ask(host, "/posts?limit=1")
    post = {"user_id": 23, "title": "From a test", "body": "Nothing much."}
    answer = ask(host, "/posts", "-H", "Content-Type: application/json", "-d", json.dumps(post))
    assert answer.status == 201
    try:
        for path in ("/users/23/posts", "/posts?limit=1"):
            found = ask(host, path, instance=2)
            assert (found.headers["x-cache"], found.document[0]) == ("miss", answer.document)
        assert sql(host, "SELECT max(id) FROM posts") == str(answer.document["id"])
    finally:
        sql(host, "DELETE FROM posts WHERE title = 'From a test'")


def test_without_the_cache_everything_is_served(host: Host, el: int) -> None:
    with stopped(host, CACHE[el]):
        for path in ("/users/31", "/users/31/posts", "/posts"):
            answer = ask(host, path)
            assert (answer.status, answer.headers["x-cache"]) == (200, "off")
        health = ask(host, "/healthz")
        assert (health.status, health.document["status"]) == (200, "degraded")
        assert health.document["cache"] == "down"
    assert wait_for(lambda: ask(host, "/users/31").headers["x-cache"] == "hit")


@contextmanager
def closed(host: Host) -> Iterator[None]:
    """Have PostgreSQL refuse the database, while PgBouncer goes on."""
    sql(host, "ALTER DATABASE webapp ALLOW_CONNECTIONS false", database="postgres")
    try:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'webapp'"
        sql(host, kill, database="postgres")
        yield
    finally:
        sql(host, "ALTER DATABASE webapp ALLOW_CONNECTIONS true", database="postgres")


@pytest.mark.parametrize("what", ["pgbouncer", "postgresql"])
def test_without_the_database_it_says_so(host: Host, cache: Callable[..., str], what: str) -> None:
    cached = ask(host, "/users/41")
    cache("DEL", "webapp:user:42")
    with stopped(host, "pgbouncer") if what == "pgbouncer" else closed(host):
        answer = ask(host, "/users/42")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert answer.document == {"error": "the database doesn't answer, try again"}
        health = ask(host, "/healthz")
        assert (health.status, health.document["database"]) == (503, "down")
        assert ask(host, "/users/41").document == cached.document
    assert wait_for(lambda: ask(host, "/users/42").status == 200)
    assert wait_for(lambda: ask(host, "/healthz", instance=2).status == 200)


def test_many_clients_share_few_connections(host: Host, cache: Callable[..., str]) -> None:
    """PgBouncer hands two connections round: torn transactions would mix answers up."""
    numbers = range(1, 401)
    cache("DEL", *(f"webapp:user:{n}{'' if n % 3 else ':posts'}" for n in numbers))
    before = {instance: metrics(host, instance) for instance in PORTS}
    script = Path(__file__).with_name("clients.py").read_text(encoding="utf-8")
    command = ("python3 -c %s 40 400 8001 8002", script)
    assert json.loads(host.check_output(*command)) == {"seen": {"200 miss": 400}, "wrong": []}
    assert json.loads(host.check_output(*command)) == {"seen": {"200 hit": 400}, "wrong": []}
    opened = sql(
        host,
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'webapp' AND datname = 'webapp'",
    )
    assert 1 <= int(opened) <= 2
    for instance in PORTS:
        after = metrics(host, instance)
        assert after["webapp_db_pool_open"] > 1
        for reason in ("busy", "connection", "statement"):
            name = ("webapp_db_errors_total", f"reason={reason}")
            assert after[name] == before[instance][name]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/users/0", 400),
        ("/users/-1", 400),
        ("/users/abc", 400),
        ("/users/1%3BDROP%20TABLE%20users", 400),
        ("/users/9223372036854775808", 400),
        ("/users/501", 404),
        ("/users/9223372036854775807", 404),
        ("/users/501/posts", 404),
        ("/posts?limit=0", 400),
        ("/posts?limit=101", 400),
        ("/nothing", 404),
    ],
)
def test_bad_requests_are_refused_in_json(host: Host, path: str, status: int) -> None:
    answer = ask(host, path)
    assert answer.status == status
    assert list(answer.document) == ["error"]


def test_request_id_reaches_answer_and_journal(host: Host) -> None:
    given = f"molecule-{uuid.uuid4()}"
    answer = ask(host, "/users/51", "-H", f"X-Request-ID: {given}")
    assert answer.headers["x-request-id"] == given

    def lines() -> list[dict[str, Any]]:
        text = host.run("journalctl -q -o json -u webapp@1 -g %s", given).stdout
        return [json.loads(line) for line in text.splitlines()]

    assert wait_for(lambda: bool(lines()))
    (line,) = lines()
    assert line["PRIORITY"] == "6"
    message = json.loads(line["MESSAGE"])
    assert (message["path"], message["status"], message["instance"]) == ("/users/51", 200, 1)


def metrics(host: Host, instance: int = 1) -> dict[Any, float]:
    """Read all samples; those with labels by (name, label=value, ...)."""
    answer = ask(host, "/metrics", instance=instance)
    assert answer.headers["content-type"].startswith("text/plain")
    samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = [f"{name}={value}" for name, value in sorted(sample.labels.items())]
            samples[(sample.name, *labels) if labels else sample.name] = sample.value
    return samples


def test_metrics_follow_what_happens(host: Host, cache: Callable[..., str]) -> None:
    cache("DEL", "webapp:user:61")
    before = metrics(host)
    for _ in range(3):
        ask(host, "/users/61")
    after = metrics(host)

    def risen(*key: str) -> float:
        return after[key] - before[key]

    assert risen("webapp_cache_requests_total", "result=miss") == 1
    assert risen("webapp_cache_requests_total", "result=hit") == 2
    assert risen("webapp_db_query_duration_seconds_count", "query=user") == 1
    request = ("method=GET", "route=/users/<id>", "status=200")
    assert risen("webapp_request_duration_seconds_count", *request) == 3
    assert after["webapp_db_pool_in_use"] == 0
    assert after["webapp_db_pool_size"] == 4
    assert after["webapp_outdated"] == 0
    assert after["process_resident_memory_bytes"] < 200e6


def test_restart_is_over_when_it_serves(host: Host) -> None:
    text = host.check_output(
        "systemctl restart webapp@2 && curl -sS --max-time 5 http://127.0.0.1:8002/healthz"
    )
    assert json.loads(text)["status"] == "ok"


def test_killed_instance_comes_back(host: Host) -> None:
    killed = pid(host, 2)
    host.check_output("kill -KILL %s", killed)
    assert wait_for(lambda: pid(host, 2) not in {killed, "0"})
    assert wait_for(lambda: host.run("curl -sf http://127.0.0.1:8002/healthz").rc == 0)


def test_instance_notices_that_a_restart_is_due(host: Host) -> None:
    host.check_output("touch %s", CONFIG)
    assert ask(host, "/healthz").document["outdated"] is True
    assert metrics(host)["webapp_outdated"] == 1
    host.check_output("systemctl restart webapp@1 webapp@2")
    assert ask(host, "/healthz").document["outdated"] is False


def test_migration_is_done(host: Host) -> None:
    command = f"runuser -u webapp -- python3 -I {CURRENT} migrate --check --seed-users 500"
    report = json.loads(host.check_output(command))
    assert report == {"steps": [], "users": 0, "changed": False}
