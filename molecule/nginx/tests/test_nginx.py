"""nginx as its users find it: requests come from the controller, through firewall and TLS."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testinfra.host import Host

CERTIFICATE = "/etc/pki/tls/certs/ironlab-nginx.crt"
KEY = "/etc/pki/tls/private/ironlab-nginx.key"
SCRIPT = Path(__file__).parents[3] / "roles" / "nginx" / "files" / "self-signed.sh"


@pytest.fixture(scope="module")
def address(host: Host) -> str:
    """The host's address as the controller reaches it."""
    first = host.check_output("ip -4 -o address show scope global").splitlines()[0]
    return str(first.split()[3].split("/")[0])


@pytest.fixture(scope="module")
def trust(host: Host) -> ssl.SSLContext:
    """Trusts the certificate that a user would fetch, and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=host.file(CERTIFICATE).content_string)
    return context


class Site:
    """Asks the site, each time over a new connection."""

    def __init__(self, address: str, trust: ssl.SSLContext) -> None:
        """Take where it is and what to trust."""
        self.address = address
        self.trust = trust

    def ask(self, path: str = "/", method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
        """One request and its answer."""
        connection = http.client.HTTPSConnection(self.address, context=self.trust, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path)
            response = connection.getresponse()
            return response, response.read()

    def instance(self) -> int:
        """The port of the instance that answers next."""
        response, body = self.ask()
        assert response.status == 200
        return int(json.loads(body)["instance"])

    def wait_for(self, instances: set[int]) -> None:
        """Until the instances, and only these, answer; an instance that failed is left out 1 s."""
        end = time.monotonic() + 15
        while {self.instance() for _ in range(8)} != instances:
            assert time.monotonic() < end, f"{instances} don't all answer"


@pytest.fixture
def site(address: str, trust: ssl.SSLContext) -> Site:
    """The site with all its instances in turn."""
    site = Site(address, trust)
    site.wait_for({8001, 8002})
    return site


@pytest.fixture
def one_stopped(host: Host, site: Site) -> Iterator[Site]:
    """The site while one of its instances is down."""
    host.check_output("systemctl stop backend@8001")
    yield site
    host.check_output("systemctl start backend@8001")


def drops(host: Host) -> int:
    """How many requests reached an instance that hung up."""
    answers = [
        host.check_output(f"curl -sS http://127.0.0.1:{port}/drops") for port in (8001, 8002)
    ]
    return sum(int(json.loads(answer)["drops"]) for answer in answers)


def test_service_runs_and_starts_at_boot(host: Host) -> None:
    assert host.service("nginx").is_running
    assert host.service("nginx").is_enabled


def test_requests_reach_every_instance(site: Site) -> None:
    assert {site.instance() for _ in range(20)} == {8001, 8002}


def test_stopped_instance_costs_no_request(one_stopped: Site) -> None:
    assert {one_stopped.instance() for _ in range(20)} == {8002}


def test_request_that_does_no_harm_is_tried_again(host: Host, site: Site) -> None:
    before = drops(host)
    response, _ = site.ask("/drop")
    assert response.status == 502
    assert drops(host) == before + 2


def test_request_that_may_change_data_is_not(host: Host, site: Site) -> None:
    before = drops(host)
    response, _ = site.ask("/drop", method="POST")
    assert response.status == 502
    assert drops(host) == before + 1


@pytest.mark.parametrize("path", ["/", "/users/7?full=yes"])
def test_plain_http_is_redirected(address: str, path: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == 301
    assert response.headers["Location"] == f"https://{address}{path}"


@pytest.mark.parametrize("name", ["backend.test", "hostname", "address"])
def test_certificate_is_good_for(
    host: Host, address: str, trust: ssl.SSLContext, name: str
) -> None:
    known = {"hostname": host.check_output("uname -n"), "address": address}
    with (
        socket.create_connection((address, 443), timeout=10) as plain,
        trust.wrap_socket(plain, server_hostname=known.get(name, name)) as secured,
    ):
        assert secured.version() == "TLSv1.3"


def test_certificate_is_for_no_other_name(address: str, trust: ssl.SSLContext) -> None:
    with (
        socket.create_connection((address, 443), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match=r"other\.test"),
    ):
        trust.wrap_socket(plain, server_hostname="other.test")


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
    ids=["1.1", "1.2", "1.3"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_version_of_tls(address: str, version: ssl.TLSVersion, *, accepted: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")  # else this side refuses 1.1 by itself
    context.minimum_version = context.maximum_version = version
    refused = contextlib.nullcontext() if accepted else pytest.raises(ssl.SSLError, match="ALERT")
    with socket.create_connection((address, 443), timeout=10) as plain, refused:
        context.wrap_socket(plain)


def test_http2_is_offered(address: str, trust: ssl.SSLContext) -> None:
    trust.set_alpn_protocols(["h2"])
    with (
        socket.create_connection((address, 443), timeout=10) as plain,
        trust.wrap_socket(plain, server_hostname=address) as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"
    trust.set_alpn_protocols(["http/1.1"])


def test_private_key_is_roots_alone(host: Host) -> None:
    key = host.file(KEY)
    assert (key.user, key.group, key.mode) == ("root", "root", 0o600)


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({}, ""),
        ({"ADDRESSES": "192.0.2.7"}, "wanting: it lacks a name or an address"),
        ({"NAMES": "new.test"}, "wanting: it lacks a name or an address"),
        ({"RENEW_DAYS": "398"}, "wanting: it ends soon"),
        ({"KEY": "/etc/pki/tls/private/none.key"}, "wanting: there is none"),
    ],
    ids=["good", "address", "name", "old", "no key"],
)
def test_certificate_is_renewed_when_needed(
    host: Host, settings: dict[str, str], answer: str
) -> None:
    environment = {
        "CERTIFICATE": CERTIFICATE,
        "KEY": KEY,
        "NAMES": "backend.test",
        "ADDRESSES": "",
        "DAYS": "397",
        "RENEW_DAYS": "30",
        "DRY_RUN": "yes",
    } | settings
    assigned = " ".join(f"{name}='{value}'" for name, value in environment.items())
    script = SCRIPT.read_text(encoding="utf-8")
    assert host.check_output(f"env {assigned} bash -c %s", script) == answer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Strict-Transport-Security", None),  # nobody could click a self-signed certificate away
        ("Server", "nginx"),  # and not which
    ],
)
def test_answer_has_header(site: Site, name: str, value: str | None) -> None:
    response, _ = site.ask()
    assert response.headers[name] == value


def test_request_can_be_followed(host: Host, site: Site) -> None:
    """The same id is in the answer, at the instance and in the log, with the times beside it."""
    response, body = site.ask("/followed")
    (request_id,) = response.headers.get_all("X-Request-ID", [])
    assert json.loads(body)["headers"]["x-request-id"] == request_id
    line = host.check_output("grep -F %s /var/log/nginx/access.log", request_id)
    entry: dict[str, Any] = json.loads(line)
    assert (entry["uri"], entry["status"], entry["site"]) == ("/followed", 200, "backend.test")
    assert entry["upstream"] in {"127.0.0.1:8001", "127.0.0.1:8002"}
    assert 0 <= float(entry["upstream_seconds"]) <= entry["seconds"] + 0.001


@pytest.mark.parametrize(
    ("path", "status"),
    [("/metrics", 404), ("/metrics/", 404), ("/metrics/x?y=1", 404), ("/metricsx", 200)],
)
def test_hidden_path_is_not_found(site: Site, path: str, status: int) -> None:
    assert site.ask(path)[0].status == status


def test_instance_learns_who_asks_and_how(site: Site, address: str) -> None:
    with socket.create_connection((address, 443)) as probe:
        controller = probe.getsockname()[0]
    headers = json.loads(site.ask()[1])["headers"]
    assert headers["x-real-ip"] == headers["x-forwarded-for"] == controller
    assert headers["x-forwarded-proto"] == "https"
    assert headers["host"] == address


def test_figures_are_on_loopback_alone(host: Host, address: str) -> None:
    assert "Active connections" in host.check_output("curl -sSf http://127.0.0.1:8080/stub_status")
    sockets = host.check_output("ss -Hltn sport = :8080").splitlines()
    assert [line.split()[3] for line in sockets] == ["127.0.0.1:8080"]
    with pytest.raises(OSError, match=r"refused|timed out|No route|unreachable"):
        socket.create_connection((address, 8080), timeout=2)


@pytest.mark.parametrize("when", ["", "--permanent"], ids=["now", "at boot"])
def test_firewall_lets_both_in(host: Host, when: str) -> None:
    services = host.check_output(f"firewall-cmd {when} --list-services").split()
    assert {"http", "https"} <= set(services)
