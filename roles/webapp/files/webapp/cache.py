"""Cache-aside: look here first, else ask the database and leave the answer here for a while.

A cache that is down must cost little: calls have short timeouts, and after a failure the
cache is left alone for a second. Nothing that is read here is trusted to be well-formed.
"""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any, Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

if TYPE_CHECKING:
    from webapp.metrics import Metrics
    from webapp.settings import Settings

HIT, MISS, OFF = "hit", "miss", "off"
_TIMEOUT = 0.25  # seconds: more than this and asking the database is quicker
_PAUSE = 1.0  # seconds without the cache after it failed
_LOG = logging.getLogger(__name__)


class Cache:
    """JSON values under `webapp:...` keys."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Connect lazily; each call gets one more try, as an idle connection may be stale."""
        self.enabled = settings.cache
        self._ttl = settings.cache_ttl
        self._metrics = metrics
        self._paused_until = 0.0
        self._redis = redis.Redis(
            host=settings.cache_host,
            port=settings.cache_port,
            password=settings.cache_password,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            retry=Retry(NoBackoff(), 1),
            max_connections=settings.threads + 1,
            client_name="webapp",
            lib_name=None,  # Redis 7.0 doesn't know CLIENT SETINFO: saves two failing calls
            lib_version=None,
        )

    def read(self, key: str, load: Callable[[], Any]) -> tuple[Any, str]:
        """Return the value and where it came from; `load` asks the database.

        `off` means that the cache took no part: it is switched off or not reachable.
        """
        if not self.enabled:
            self._metrics.cache.labels("off").inc()
            return load(), OFF
        reached, value = self._get(key)
        if not reached:
            self._metrics.cache.labels("error").inc()
            return load(), OFF
        if value is not None:
            self._metrics.cache.labels("hit").inc()
            return value, HIT
        self._metrics.cache.labels("miss").inc()
        value = load()
        text = json.dumps(value, separators=(",", ":"))
        self._call(lambda: self._redis.set(key, text, ex=self._ttl))
        return value, MISS

    def forget(self, *keys: str) -> None:
        """Remove values whose rows changed; if that fails, they last until their time is up."""
        if self.enabled:
            self._call(lambda: self._redis.delete(*keys))

    def state(self) -> str:
        """`up`, `down` or `off` (switched off), asked now."""
        if not self.enabled:
            return "off"
        self._paused_until = 0.0
        return "up" if self._call(self._redis.ping)[0] else "down"

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _get(self, key: str) -> tuple[bool, Any]:
        reached, text = self._call(lambda: self._redis.get(key))
        if not text:
            return reached, None
        try:
            return reached, json.loads(text)
        except ValueError:
            _LOG.warning("ignored a cached value that is no JSON", extra={"fields": {"key": key}})
            return reached, None

    def _call(self, command: Callable[[], Any]) -> tuple[bool, Any]:
        """Run one command: (reached, answer)."""
        if time.monotonic() < self._paused_until:
            return False, None
        try:
            return True, command()
        except (redis.RedisError, OSError) as error:
            self._paused_until = time.monotonic() + _PAUSE
            _LOG.warning("the cache doesn't answer", extra={"fields": {"error": str(error)}})
            return False, None
