"""The routes: input is checked here, at the edge, and answers are JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import parse_qs

from prometheus_client import CONTENT_TYPE_LATEST

from webapp.database import DatabaseUnavailableError
from webapp.store import RECENT, NoSuchUserError

if TYPE_CHECKING:
    from webapp.metrics import Metrics
    from webapp.store import Store

MAX_ID = 2**63 - 1  # bigint
MAX_BODY = 64 * 1024
_DEFAULT_LIMIT = 20
_LIMITS = {"title": 200, "body": 10_000}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL's text can't hold


class RefusedError(Exception):
    """The request can't be served; says why, and what would be right."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        """Keep the HTTP status next to the sentence."""
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


@dataclass
class Request:
    """What a handler may look at."""

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""


@dataclass
class Answer:
    """What goes back; `document` becomes JSON, `page` is sent as it is."""

    status: int = 200
    document: Any = None
    page: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Identity:
    """Which process answers, and how to tell that it runs something outdated."""

    instance: int
    version: str
    release: str
    outdated: Callable[[], bool]


class Api:
    """Finds the route and runs its handler."""

    def __init__(self, store: Store, metrics: Metrics, identity: Identity, *, writes: bool) -> None:
        """Keep what the handlers need."""
        self._store = store
        self._metrics = metrics
        self._identity = identity
        self._writes = writes
        self._routes: tuple[tuple[str, re.Pattern[str], dict[str, Callable[..., Answer]]], ...] = (
            ("/healthz", re.compile(r"/healthz"), {"GET": self._health}),
            ("/metrics", re.compile(r"/metrics"), {"GET": self._page}),
            ("/users/<id>", re.compile(r"/users/([^/]*)"), {"GET": self._user}),
            ("/users/<id>/posts", re.compile(r"/users/([^/]*)/posts"), {"GET": self._posts_of}),
            ("/posts", re.compile(r"/posts"), {"GET": self._recent, "POST": self._add}),
        )

    def route(self, path: str) -> str:
        """The route's pattern: one label for all paths of a kind."""
        return next((name for name, shape, _ in self._routes if shape.fullmatch(path)), "other")

    def answer(self, request: Request) -> Answer:
        """Serve one request.

        Raises:
            RefusedError: it asks for what isn't there or isn't allowed.
        """
        for _, shape, methods in self._routes:
            match = shape.fullmatch(request.path)
            if match is None:
                continue
            handler = methods.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                allowed = ", ".join(sorted({*methods, "HEAD"}))
                raise RefusedError(405, f"use {allowed} here", {"Allow": allowed})
            return handler(request, *match.groups())
        raise RefusedError(404, f"nothing is at {request.path}")

    def _health(self, _: Request) -> Answer:
        """200 while users can be served: a cache that is down makes it slower, not useless."""
        try:
            self._store.database_answers()
            database = "up"
        except DatabaseUnavailableError:
            database = "down"
        cache = self._store.cache_state()
        status = "down" if database == "down" else "degraded" if cache == "down" else "ok"
        document = {
            "status": status,
            "database": database,
            "cache": cache,
            "instance": self._identity.instance,
            "version": self._identity.version,
            "release": self._identity.release,
            "outdated": self._identity.outdated(),
        }
        return Answer(503 if database == "down" else 200, document)

    def _page(self, _: Request) -> Answer:
        return Answer(page=self._metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _user(self, _: Request, text: str) -> Answer:
        number = _number("the user's id", text, MAX_ID)
        user, source = self._store.user(number)
        if user is None:
            raise RefusedError(404, f"there is no user {number}", {"X-Cache": source})
        return Answer(document=user, headers={"X-Cache": source})

    def _posts_of(self, _: Request, text: str) -> Answer:
        number = _number("the user's id", text, MAX_ID)
        posts, source = self._store.posts_of(number)
        if posts is None:
            raise RefusedError(404, f"there is no user {number}", {"X-Cache": source})
        return Answer(document=posts, headers={"X-Cache": source})

    def _recent(self, request: Request) -> Answer:
        given = parse_qs(request.query, keep_blank_values=True).get("limit", [str(_DEFAULT_LIMIT)])
        limit = _number("limit", given[0] if len(given) == 1 else "", RECENT)
        posts, source = self._store.recent_posts(limit)
        return Answer(document=posts, headers={"X-Cache": source})

    def _add(self, request: Request) -> Answer:
        if not self._writes:
            raise RefusedError(403, "writing is switched off here")
        user, title, body = _new_post(request)
        try:
            post = self._store.add_post(user, title, body)
        except NoSuchUserError:
            raise RefusedError(404, f"there is no user {user}") from None
        return Answer(201, post, headers={"Location": f"/users/{user}/posts"})


def _number(what: str, text: str, high: int) -> int:
    if re.fullmatch("[1-9][0-9]{0,18}", text) and int(text) <= high:
        return int(text)
    raise RefusedError(400, f"{what} must be a whole number from 1 to {high}")


def _new_post(request: Request) -> tuple[int, str, str]:
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "send the post as application/json")
    try:
        document = json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body is no JSON in UTF-8") from None
    if not isinstance(document, dict) or set(document) != {"user_id", *_LIMITS}:
        raise RefusedError(400, "a post has exactly the fields user_id, title and body")
    user = document["user_id"]
    if type(user) is not int or not 1 <= user <= MAX_ID:  # True is an int, too
        raise RefusedError(400, f"user_id must be a whole number from 1 to {MAX_ID}")
    for name, longest in _LIMITS.items():
        text = document[name]
        if not isinstance(text, str) or not 1 <= len(text) <= longest or _NO_TEXT.search(text):
            raise RefusedError(400, f"{name} must be a text of 1 to {longest} characters")
    return user, document["title"], document["body"]
