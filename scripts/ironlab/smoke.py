"""Ask the running stack whether it works, from where its users are.

What is public is asked through nginx, with TLS verified against the certificate the host uses;
what listens on the host's loopback only is asked over ssh.
"""

from __future__ import annotations

import http.client
import json
import shlex
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ironlab import files, paths
from ironlab.hosts import identity
from ironlab.process import run as run_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ironlab.hosts import Host
    from ironlab.process import Run

State = Literal["ok", "failed", "skipped"]
CERTIFICATE = "/etc/pki/tls/certs/ironlab-nginx.crt"  # roles/nginx, where none is given
TIMEOUT = 5.0
SCRAPED_SECONDS = 45.0  # Prometheus asks every 15 s: after a first start, two rounds and a bit
TRIES = 20


@dataclass(frozen=True)
class Check:
    """One question and its answer."""

    name: str
    state: State
    detail: str


class ProblemError(Exception):
    """A check's answer is no; the text says what was seen."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Stack:
    """The stack on one host, and its variables as the inventory gives them."""

    def __init__(self, host: Host, variables: dict[str, Any], run: Run = run_here) -> None:
        """Ask `host`; `run` starts ssh."""
        self.host = host
        self._variables = variables
        self._run = run

    def _number(self, name: str, default: int) -> int:
        return int(self._variables.get(name, default))

    @property
    def address(self) -> str:
        """What to type into a browser."""
        port = self._number("nginx_https_port", 443)
        return f"https://{self.host.address}" + ("" if port == 443 else f":{port}")  # noqa: PLR2004

    @property
    def certificate(self) -> Path:
        """Where `fetch_certificate` puts the host's certificate, for `curl --cacert`."""
        return paths.state_dir() / "tls" / f"{self.host.name}.crt"

    def ssh(self, *command: str) -> str:
        """Run a command on the host that changes nothing there."""
        options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5", *identity.ssh_options()]
        target = f"{self.host.user}@{self.host.address}"
        done = self._run(["ssh", *options, target, "--", shlex.join(command)], timeout=15)
        if not done.ok:
            raise ProblemError(done.reason)
        return done.out

    def fetch_certificate(self) -> None:
        """Get the certificate to trust, over ssh: not from the one that is to be verified."""
        source = str(self._variables.get("nginx_tls_certificate") or CERTIFICATE)
        files.write(self.certificate, self.ssh("cat", source), mode=0o644)

    def get(self, path: str) -> Answer:
        """Ask nginx, verifying its certificate."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        port = self._number("nginx_https_port", 443)
        connection = http.client.HTTPSConnection(
            self.host.address, port, timeout=TIMEOUT, context=context
        )
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            headers = {key.lower(): value for key, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise ProblemError(f"GET {self.address}{path}: {error}") from error
        finally:
            connection.close()

    def user(self) -> str:
        """A user comes out of PostgreSQL, through PgBouncer, an instance and nginx."""
        self.fetch_certificate()
        answer = self.get("/users/1")
        if answer.status != http.client.OK:
            raise ProblemError(f"GET /users/1 answered {answer.status}: {answer.body[:200]!r}")
        name = json.loads(answer.body).get("name")
        if not name:
            raise ProblemError(f"GET /users/1 has no user's name: {answer.body[:200]!r}")
        return f"GET {self.address}/users/1 is {name}"

    def cache(self) -> str:
        """A second read of the same user comes from Redis."""
        if not self._variables.get("webapp_cache_enabled", True):
            return "switched off by webapp_cache_enabled"
        self.get("/users/1")
        seen = self.get("/users/1").headers.get("x-cache")
        if seen != "hit":
            raise ProblemError(f"second read of /users/1 has X-Cache: {seen}")
        return "the second read has X-Cache: hit"

    def balance(self) -> str:
        """Nginx reaches every instance, and each is healthy."""
        wanted = {str(number + 1) for number in range(self._number("webapp_instances", 2))}
        seen: set[str] = set()
        for _ in range(TRIES * len(wanted)):
            answer = self.get("/healthz")
            instance = answer.headers.get("x-instance", "")
            if answer.status != http.client.OK:
                raise ProblemError(f"/healthz of instance {instance} answered {answer.status}")
            seen.add(instance)
            if seen >= wanted:
                return f"instances {', '.join(sorted(seen))} answer /healthz through nginx"
        raise ProblemError(f"nginx reaches instances {sorted(seen)}, not {sorted(wanted)}")

    def targets(self, patience: float) -> str:
        """Prometheus reaches all it measures."""
        port = self._number("prometheus_port", 9090)
        address = f"http://127.0.0.1:{port}/api/v1/targets?state=active"
        deadline = time.monotonic() + patience
        while True:
            targets = json.loads(self.ssh("curl", "-sSf", address))["data"]["activeTargets"]
            down = [target for target in targets if target["health"] != "up"]
            if targets and not down:
                return f"all {len(targets)} targets are up"
            if time.monotonic() > deadline:
                break
            time.sleep(1)  # between two looks at a condition with a deadline
        if not targets:
            raise ProblemError("Prometheus has no targets")
        first = down[0]
        name = first["labels"].get("job", "?")
        raise ProblemError(f"target {name} is {first['health']}: {first['lastError'] or 'not yet'}")

    def grafana(self) -> str:
        """Grafana answers and reaches its database."""
        port = self._number("grafana_port", 3000)
        health = json.loads(self.ssh("curl", "-sSf", f"http://127.0.0.1:{port}/api/health"))
        if health.get("database") != "ok":
            raise ProblemError(f"Grafana's database: {health.get('database')}")
        return f"version {health.get('version')}"

    def checks(self, *, patience: float, grafana: bool) -> Iterator[Check]:
        """Every check, one after the other.

        Args:
            patience: how long Prometheus may take to have asked every target.
            grafana: whether Grafana's server can run on this host's image.
        """
        questions: list[tuple[str, Callable[[], str]]] = [
            ("user through nginx, application, PgBouncer, PostgreSQL", self.user),
            ("cache in Redis", self.cache),
            ("load balancing", self.balance),
            ("Prometheus", lambda: self.targets(patience)),
        ]
        if grafana:
            questions.append(("Grafana", self.grafana))
        for name, question in questions:
            try:
                yield Check(name, "ok", question())
            except (ProblemError, ValueError, KeyError) as error:
                yield Check(name, "failed", str(error))
        if not grafana:
            yield Check("Grafana", "skipped", "needs a real EL host (this image is a stand-in)")
