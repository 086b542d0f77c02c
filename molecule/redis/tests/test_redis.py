"""The key-value server as its clients find it: Redis on EL 9, Valkey on EL 10."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from testinfra.host import Host

CHECK = Path(__file__).parents[3] / "roles" / "redis" / "files" / "check-settings.sh"


@pytest.fixture(scope="module")
def name(el: int) -> str:
    """What the server is called: package, unit and programs bear this name."""
    return {9: "redis", 10: "valkey"}[el]


class Client:
    """Logs in as a user and sends commands."""

    def __init__(self, host: Host, program: str, *login: str) -> None:
        """Take the login that each command starts with."""
        self.host = host
        self.start = [program, *login]

    def __call__(self, *words: str) -> str:
        """Answer of the server to one command; errors are answers, too."""
        command = [*self.start, *words]
        return str(self.host.run(" ".join(["%s"] * len(command)), *command).stdout).strip()


@pytest.fixture(scope="module")
def stranger(host: Host, name: str) -> Client:
    """A client without a password."""
    return Client(host, f"{name}-cli")


@pytest.fixture(scope="module")
def password() -> str:
    """The password of user default in this scenario."""
    return "molecule-only-0f3bca15"


@pytest.fixture(scope="module")
def client(host: Host, name: str, password: str) -> Client:
    """A client with the password."""
    return Client(host, f"{name}-cli", "--no-auth-warning", "-a", password)


def test_scenario_gives_that_password(role_vars: dict[str, Any], password: str) -> None:
    assert role_vars["redis_password"] == password


def test_service_runs_and_starts_at_boot(host: Host, name: str) -> None:
    assert host.service(name).is_running
    assert host.service(name).is_enabled


def test_nobody_comes_in_without_password(stranger: Client) -> None:
    assert stranger("PING").startswith("NOAUTH")


def test_wrong_password_is_refused(stranger: Client) -> None:
    assert stranger("AUTH", "molecule-only-0f3bca16").startswith("WRONGPASS")


def test_key_is_kept(client: Client) -> None:
    assert client("SET", "greeting", "hello") == "OK"
    assert client("GET", "greeting") == "hello"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("maxmemory", str(16 * 1024**2)),
        ("maxmemory-policy", "allkeys-lru"),
        ("maxclients", "12000"),
        ("protected-mode", "yes"),
        ("bind", "127.0.0.1"),
        ("save", "3600 1 300 100 60 10000"),
    ],
)
def test_setting_is_in_effect(client: Client, setting: str, value: str) -> None:
    assert client("CONFIG", "GET", setting).splitlines() == [setting, value]


@pytest.mark.parametrize("command", ["FLUSHALL", "KEYS *", "REPLICAOF NO ONE"])
def test_dangerous_command_is_refused(client: Client, command: str) -> None:
    assert client(*command.split()).startswith("NOPERM")


def test_further_user_may_do_what_its_rules_say(host: Host, name: str, client: Client) -> None:
    login = ["--no-auth-warning", "--user", "reports", "-a", "molecule-only-reports-71"]
    reports = Client(host, f"{name}-cli", *login)
    assert client("SET", "report:1", "ready") == "OK"
    assert reports("GET", "report:1") == "ready"
    assert reports("SET", "report:1", "changed").startswith("NOPERM")
    assert reports("GET", "greeting").startswith("NOPERM")


def test_full_memory_evicts_instead_of_refusing(client: Client) -> None:
    """A script writes about 40 MB into the 16 MB that there are."""
    script = """
        for n = 1, 400 do redis.call('SET', ARGV[1] .. n, string.rep('x', 10000)) end
        return 'done'
    """
    for batch in range(10):
        assert client("EVAL", script, "0", f"filler:{batch}:") == "done"
    stats = dict(
        line.strip().split(":", 1) for line in client("INFO", "stats").splitlines() if ":" in line
    )
    assert int(stats["evicted_keys"]) > 0
    assert client("SET", "after", "full") == "OK"


def test_data_outlive_a_restart(host: Host, name: str, client: Client) -> None:
    assert client("SET", "durable", "yes") == "OK"
    host.check_output(f"systemctl restart {name}")
    assert client("GET", "durable") == "yes"


def test_listens_on_loopback_alone(host: Host) -> None:
    sockets = host.check_output("ss -Hltn sport = :6379").splitlines()
    assert [line.split()[3] for line in sockets] == ["127.0.0.1:6379"]


def test_is_not_reached_from_outside(host: Host) -> None:
    shown = host.check_output("ip -4 -o address show scope global").splitlines()[0]
    address = shown.split()[3].split("/")[0]
    with pytest.raises(OSError, match=r"refused|timed out|No route|unreachable"):
        socket.create_connection((address, 6379), timeout=2)


def test_open_files_follow_the_clients(host: Host, name: str) -> None:
    assert host.check_output(f"systemctl show -P LimitNOFILE {name}") == "12240"


def test_password_is_not_on_the_host(host: Host, name: str, password: str) -> None:
    """Only its hash is; and no other user reads even that."""
    assert host.run("grep -rqF %s /etc/%s", password, name).rc == 1
    settings = host.file(f"/etc/{name}/ironlab.conf")
    assert (settings.user, settings.group, settings.mode) == (name, "root", 0o640)


@pytest.mark.parametrize(
    "line",
    ["maxmemory 16parsecs", "user broken on nopass ~* +@nonsense", "no-such-setting yes"],
)
def test_bad_setting_never_reaches_the_server(
    host: Host, name: str, client: Client, line: str
) -> None:
    script = CHECK.read_text(encoding="utf-8")
    before = host.check_output(f"systemctl show -P MainPID {name}")
    candidate = host.check_output("mktemp")
    host.check_output("cat /etc/%s/ironlab.conf >%s", name, candidate)
    good = host.run("bash -c %s check %s %s", script, name, candidate)
    host.check_output("echo %s >>%s", line, candidate)
    bad = host.run("bash -c %s check %s %s", script, name, candidate)
    host.check_output("rm %s", candidate)
    assert good.rc == 0, good.stderr
    assert bad.rc == 1
    assert bad.stderr
    assert client("PING") == "PONG"
    assert host.check_output(f"systemctl show -P MainPID {name}") == before
