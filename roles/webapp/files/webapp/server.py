"""One instance: waitress in front, ready when it listens, finished when its work is done."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from waitress import create_server, wasyncore

from webapp import __version__, release
from webapp.api import MAX_BODY, Api, Identity
from webapp.cache import Cache
from webapp.database import Database
from webapp.metrics import Metrics
from webapp.store import Store
from webapp.wsgi import Application

if TYPE_CHECKING:
    from types import FrameType

    from webapp.settings import Settings

UNIT = Path("/etc/systemd/system/webapp@.service")
_DRAIN_SECONDS = 10.0
_LOG = logging.getLogger(__name__)


class Installed:
    """Notices that what is installed is no longer what this process was started from."""

    def __init__(self, *paths: Path) -> None:
        """Remember the files as they are now."""
        self._paths = paths
        self._then = self._look()

    def changed(self) -> bool:
        """Another release, configuration or unit has been put in place since."""
        return self._look() != self._then

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [self._stamp(path) for path in self._paths]

    @staticmethod
    def _stamp(path: Path) -> tuple[int, int, int] | None:
        try:
            status = path.stat()  # follows the link to the current release
        except OSError:
            return None
        return status.st_dev, status.st_ino, status.st_mtime_ns


def notify(state: str) -> None:
    """Tell systemd (sd_notify); does nothing when systemd didn't ask."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(address)
        sender.sendall(state.encode())


class Server:
    """Listens, serves, drains."""

    def __init__(self, settings: Settings, instance: int) -> None:
        """Bind the port; the first request is accepted by `run`."""
        installed = Installed(Path(sys.argv[0]), settings.path, UNIT)
        metrics = Metrics(__version__, release())
        metrics.watch_outdated(installed.changed)
        self._database = Database(settings, metrics, f"webapp@{instance}")
        self._cache = Cache(settings, metrics)
        identity = Identity(instance, __version__, release(), installed.changed)
        api = Api(Store(self._database, self._cache), metrics, identity, writes=settings.writes)
        self._where = f"{settings.address}:{settings.port(instance)}"
        self._stopping = False
        self._channels: dict[int, object] = {}
        self._server = create_server(
            Application(api, metrics, instance),
            map=self._channels,
            listen=self._where,
            threads=settings.threads,
            ident=None,
            connection_limit=512,
            channel_timeout=75,  # a little longer than nginx keeps an idle connection: 60 s
            max_request_header_size=16 * 1024,
            max_request_body_size=MAX_BODY,
            trusted_proxy="127.0.0.1",
            trusted_proxy_headers={"x-forwarded-for"},
            clear_untrusted_proxy_headers=True,
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then finish what has been begun."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        notify(f"READY=1\nSTATUS=Serving on {self._where}")
        _LOG.info("serving", extra={"fields": {"address": self._where, "release": release()}})
        while not self._stopping:
            wasyncore.loop(timeout=30, use_poll=True, map=self._channels, count=1)
        wasyncore.dispatcher.close(self._server)  # the listening socket only
        notify("STOPPING=1\nSTATUS=Finishing the requests that are under way")
        self._drain()
        self._server.task_dispatcher.shutdown()
        self._database.close()
        self._cache.close()
        _LOG.info("stopped")

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._server.pull_trigger()  # ends the wait in wasyncore.loop

    def _drain(self) -> None:
        """Let every request that has begun, or has just come in, get its answer."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        while True:
            wasyncore.loop(timeout=0.1, use_poll=True, map=self._channels, count=1)
            if not self._busy() or time.monotonic() > deadline:
                break
        wasyncore.close_all(self._channels)

    def _busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)
