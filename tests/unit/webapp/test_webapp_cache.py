"""The cache speeds up, and never decides."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest
import redis
from webapp import settings
from webapp.cache import Cache
from webapp.metrics import Metrics

if TYPE_CHECKING:
    from pathlib import Path


class FakeRedis:
    """A dictionary with expiry noted, which can be down."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (redis.Redis takes many kinds)
        self.options = options
        self.data: dict[str, str] = {}
        self.ttl: dict[str, int] = {}
        self.down = False
        self.calls = 0

    def _called(self) -> None:
        self.calls += 1
        if self.down:
            message = "refused"
            raise redis.ConnectionError(message)

    def get(self, key: str) -> str | None:
        self._called()
        return self.data.get(key)

    def set(self, key: str, text: str, ex: int) -> None:
        self._called()
        self.data[key], self.ttl[key] = text, ex

    def delete(self, *keys: str) -> None:
        self._called()
        for key in keys:
            self.data.pop(key, None)

    def ping(self) -> bool:
        self._called()
        return True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeRedis:
    fake = FakeRedis()
    monkeypatch.setattr(redis, "Redis", lambda **_: fake)
    return fake


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1", "release")


@pytest.fixture
def cache(server: FakeRedis, config: Path, metrics: Metrics) -> Cache:
    del server
    return Cache(settings.load(config), metrics)


class Source:
    """Counts how often the database was asked."""

    def __init__(self, value: object = None) -> None:
        self.value = {"id": 1} if value is None else value
        self.asked = 0

    def __call__(self) -> object:
        self.asked += 1
        return self.value


def results(metrics: Metrics) -> dict[str, float]:
    found = {
        name: metrics.registry.get_sample_value("webapp_cache_requests_total", {"result": name})
        for name in ("hit", "miss", "off", "error")
    }
    return {name: count for name, count in found.items() if count}


def test_second_read_comes_from_the_cache(
    cache: Cache, server: FakeRedis, metrics: Metrics
) -> None:
    source = Source({"id": 1, "name": "Åsa"})
    assert cache.read("webapp:user:1", source) == (source.value, "miss")
    assert cache.read("webapp:user:1", source) == (source.value, "hit")
    assert source.asked == 1
    assert server.ttl == {"webapp:user:1": 60}
    assert results(metrics) == {"hit": 1, "miss": 1}


def test_forgotten_is_asked_again(cache: Cache) -> None:
    source = Source()
    cache.read("a", source)
    cache.forget("a", "b")
    assert cache.read("a", source)[1] == "miss"
    assert source.asked == 2


def test_an_empty_list_is_an_answer_and_nothing_is_not(cache: Cache) -> None:
    empty = Source([])
    assert [cache.read("list", empty)[1] for _ in range(2)] == ["miss", "hit"]
    missing = Source()
    missing.value = None
    assert [cache.read("none", missing)[1] for _ in range(2)] == ["miss", "miss"]
    assert missing.asked == 2


def test_switched_off_is_not_asked(server: FakeRedis, config: Path, metrics: Metrics) -> None:
    cache = Cache(dataclasses.replace(settings.load(config), cache=False), metrics)
    source = Source()
    assert [cache.read("a", source)[1] for _ in range(2)] == ["off", "off"]
    cache.forget("a")
    assert cache.state() == "off"
    assert (server.calls, source.asked) == (0, 2)
    assert results(metrics) == {"off": 2}


def test_down_is_left_alone_for_a_while_and_then_used_again(
    cache: Cache, server: FakeRedis, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    server.down = True
    source = Source()
    assert cache.read("a", source) == (source.value, "off")
    assert cache.read("a", source) == (source.value, "off")
    assert server.calls == 1
    assert results(metrics) == {"error": 2}
    server.down = False
    now += 1.1
    assert cache.read("a", source)[1] == "miss"
    assert cache.read("a", source)[1] == "hit"


def test_state_asks_now(cache: Cache, server: FakeRedis) -> None:
    assert cache.state() == "up"
    server.down = True
    assert cache.state() == "down"
    server.down = False
    assert cache.state() == "up"


@pytest.mark.parametrize("text", ["{", "\x80", "nonsense"])
def test_damaged_values_are_replaced(cache: Cache, server: FakeRedis, text: str) -> None:
    server.data["a"] = text
    source = Source()
    assert cache.read("a", source) == (source.value, "miss")
    assert server.data["a"] == '{"id":1}'
