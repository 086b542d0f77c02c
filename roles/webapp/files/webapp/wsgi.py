"""The frame around every request: its id, its time, its log line, and errors as JSON."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable

from webapp.api import MAX_BODY, Answer, Api, RefusedError, Request
from webapp.database import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webapp.metrics import Metrics

Environ = dict[str, Any]
StartResponse = Callable[[str, "list[tuple[str, str]]"], object]
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{1,64}")
_METHODS = {"GET", "HEAD", "POST"}
_LOG = logging.getLogger(__name__)


class Application:
    """The WSGI callable."""

    def __init__(self, api: Api, metrics: Metrics, instance: int) -> None:
        """Keep the parts."""
        self._api = api
        self._metrics = metrics
        self._instance = instance

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, whatever happens."""
        started = time.monotonic()
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = uuid.uuid4().hex
        method = str(environ["REQUEST_METHOD"])
        path = str(environ.get("PATH_INFO", ""))
        answer = self._answer(environ, method, path, request_id)
        page = answer.page
        if answer.document is not None:
            page = json.dumps(answer.document, ensure_ascii=False).encode() + b"\n"
            answer.headers.setdefault("Content-Type", "application/json")
        headers = {
            **answer.headers,
            "Content-Length": str(len(page)),
            "X-Instance": str(self._instance),
            "X-Request-ID": request_id,
        }
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        self._record(environ, method, path, answer, request_id, time.monotonic() - started)
        return [] if method == "HEAD" else [page]

    def _answer(self, environ: Environ, method: str, path: str, request_id: str) -> Answer:
        try:
            return self._api.answer(_request(environ, method, path))
        except RefusedError as refused:
            return _error(refused.status, str(refused), refused.headers)
        except DatabaseUnavailableError as error:
            fields = {"request_id": request_id, "error": str(error)}
            _LOG.warning("the database doesn't answer", extra={"fields": fields})
            return _error(503, "the database doesn't answer, try again", {"Retry-After": "1"})
        except Exception:  # noqa: BLE001  (the last line of defence: logged, answered, not fatal)
            _LOG.exception("a bug", extra={"fields": {"request_id": request_id}})
            return _error(500, f"something went wrong; the log knows it as {request_id}")

    def _record(  # noqa: PLR0913, PLR0917  (the parts of one log line)
        self,
        environ: Environ,
        method: str,
        path: str,
        answer: Answer,
        request_id: str,
        seconds: float,
    ) -> None:
        route = self._api.route(path)
        # labels come from a fixed set: a client can't make new series
        known = method if method in _METHODS else "other"
        self._metrics.requests.labels(known, route, str(answer.status)).observe(seconds)
        fields = {
            "method": method,
            "path": path,
            "status": answer.status,
            "ms": round(seconds * 1000, 2),
            "cache": answer.headers.get("X-Cache"),
            "client": environ.get("REMOTE_ADDR"),
            "request_id": request_id,
        }
        level = logging.DEBUG if route in {"/healthz", "/metrics"} else logging.INFO
        _LOG.log(level, "request", extra={"fields": fields})


def _request(environ: Environ, method: str, path: str) -> Request:
    length = environ.get("CONTENT_LENGTH") or "0"
    body = b""
    if method == "POST":
        if int(length) > MAX_BODY:
            raise RefusedError(413, f"a body has at most {MAX_BODY} bytes")
        body = environ["wsgi.input"].read(int(length))
    return Request(
        method=method,
        path=path,
        query=environ.get("QUERY_STRING", ""),
        content_type=environ.get("CONTENT_TYPE", ""),
        body=body,
    )


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, {"error": message}, headers=dict(headers or {}))
