"""What Prometheus reads at /metrics, in a registry of the service's own."""

from __future__ import annotations

from typing import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """All series of one instance."""

    def __init__(self, version: str, release: str) -> None:
        """Register every series, so that each shows from the first scrape on."""
        # a time stamp for each series: twice the page, read by nobody
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it so
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Gauge(
            "webapp_info", "The running release", ["version", "release"], registry=self.registry
        ).labels(version, release).set(1)
        self.requests = Histogram(
            "webapp_request_duration_seconds",
            "Time from the request to the end of the answer",
            ["method", "route", "status"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.cache = Counter(
            "webapp_cache_requests_total",
            "Look-ups in the cache by result (off: switched off; error: not reachable)",
            ["result"],
            registry=self.registry,
        )
        for result in ("hit", "miss", "off", "error"):
            self.cache.labels(result)
        self.queries = Histogram(
            "webapp_db_query_duration_seconds",
            "Time of one transaction, from a connection of the pool to its commit",
            ["query"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.db_errors = Counter(
            "webapp_db_errors_total",
            "Transactions that failed (busy: no free connection in time)",
            ["reason"],
            registry=self.registry,
        )
        for reason in ("busy", "connection", "statement"):
            self.db_errors.labels(reason)
        self.pool_in_use = Gauge(
            "webapp_db_pool_in_use", "Connections lent to a request", registry=self.registry
        )
        self.pool_open = Gauge(
            "webapp_db_pool_open", "Connections open, lent or idle", registry=self.registry
        )
        self.pool_size = Gauge(
            "webapp_db_pool_size", "Most connections this instance opens", registry=self.registry
        )

    def watch_outdated(self, outdated: Callable[[], bool]) -> None:
        """Show 1 while this process runs something else than what is installed."""
        Gauge(
            "webapp_outdated",
            "1: release, configuration or unit changed since the start, a restart is due",
            registry=self.registry,
        ).set_function(outdated)

    def page(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self.registry)
