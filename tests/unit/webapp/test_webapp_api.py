"""Requests through the whole application, with the database and the cache played."""

from __future__ import annotations

import datetime as dt
import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from webapp.api import Api, Identity
from webapp.database import ConstraintError, DatabaseUnavailableError
from webapp.metrics import Metrics
from webapp.store import Store
from webapp.wsgi import Application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHEN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
TOO_LARGE = 2**63


class FakeDatabase:
    """Users 1 and 2; user 1 has posts. `error` is what every transaction raises."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.posts = [[n, 1, f"title {n}", "body", WHEN] for n in range(30, 0, -1)]

    @contextmanager
    def transaction(self, query: str, *, write: bool = False) -> Iterator[FakeDatabase]:
        assert write == (query == "add_post")
        if self.error:
            raise self.error
        yield self

    def rows(self, sql: str, **given: Any) -> list[list[Any]]:  # noqa: ANN401  (SQL's values)
        if "INSERT" in sql:
            if given["user_id"] > 2:
                raise ConstraintError("23503", "no such user")
            self.posts.insert(0, [99, given["user_id"], given["title"], given["body"], WHEN])
            return self.posts[:1]
        if "FROM users" in sql:
            number = given["id"]
            return [[number, f"Name {number}", "a@b", WHEN]] if number in {1, 2} else []
        if "user_id = :id" in sql:
            return [post for post in self.posts if post[1] == given["id"]]
        return self.posts if "FROM posts" in sql else [[1]]


class FakeCache:
    """Remembers as the real one does; `how` is its state."""

    def __init__(self) -> None:
        self.how = "up"
        self.data: dict[str, str] = {}

    def read(self, key: str, load: Callable[[], Any]) -> tuple[Any, str]:
        if self.how != "up":
            return load(), "off"
        if key in self.data:
            return json.loads(self.data[key]), "hit"
        value = load()
        if value is not None:
            self.data[key] = json.dumps(value)
        return value, "miss"

    def forget(self, *keys: str) -> None:
        for key in keys:
            self.data.pop(key, None)

    def state(self) -> str:
        return self.how


class Client:
    """Calls the application as a WSGI server does."""

    def __init__(self, *, writes: bool = True) -> None:
        self.database, self.cache = FakeDatabase(), FakeCache()
        self.outdated = False
        metrics = Metrics("1.0.0", "webapp-abc")
        identity = Identity(2, "1.0.0", "webapp-abc", lambda: self.outdated)
        store = Store(self.database, self.cache)  # type: ignore[arg-type]  # played parts
        self.application = Application(Api(store, metrics, identity, writes=writes), metrics, 2)

    def __call__(
        self, path: str, method: str = "GET", body: bytes = b"", **environ: str
    ) -> tuple[int, dict[str, str], Any]:
        path, _, query = path.partition("?")
        started: list[Any] = []
        page = self.application(
            {
                "REQUEST_METHOD": method,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
                **environ,
            },
            lambda status, headers: started.extend((status, headers)),
        )
        headers = dict(started[1])
        data = b"".join(page)
        if method != "HEAD":
            assert headers["Content-Length"] == str(len(data))
        parsed = (
            json.loads(data) if headers["Content-Type"] == "application/json" and data else data
        )
        return int(started[0].split()[0]), headers, parsed

    def post(self, document: object, kind: str = "application/json") -> tuple[int, Any]:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        status, _, answer = self("/posts", "POST", body, CONTENT_TYPE=kind)
        return status, answer


@pytest.fixture
def client() -> Client:
    return Client()


def test_user_is_read_once_and_then_cached(client: Client) -> None:
    status, headers, user = client("/users/1")
    assert (status, headers["X-Cache"], headers["X-Instance"]) == (200, "miss", "2")
    assert user == {
        "id": 1,
        "name": "Name 1",
        "email": "a@b",
        "created_at": "2024-01-01T00:00:00+00:00",
    }
    assert client("/users/1")[1]["X-Cache"] == "hit"
    assert client("/users/1")[2] == user


@pytest.mark.parametrize(
    "number", ["0", "-1", "abc", "01", "1.0", "", "1%20", "٣", str(TOO_LARGE), "9" * 40]
)
@pytest.mark.parametrize("rest", ["", "/posts"])
def test_ids_are_checked(client: Client, number: str, rest: str) -> None:
    status, _, answer = client(f"/users/{number}{rest}")
    assert status == 400
    assert answer == {"error": f"the user's id must be a whole number from 1 to {TOO_LARGE - 1}"}


@pytest.mark.parametrize("path", ["/users/3", "/users/3/posts", f"/users/{TOO_LARGE - 1}"])
def test_no_such_user(client: Client, path: str) -> None:
    status, headers, answer = client(path)
    assert (status, headers["X-Cache"]) == (404, "miss")
    assert answer["error"].startswith("there is no user ")


@pytest.mark.parametrize(
    "path", ["/", "/user/1", "/users", "/users/1/", "/users/1/posts/2", "//posts"]
)
def test_nothing_there(client: Client, path: str) -> None:
    assert client(path)[0] == 404


def test_posts_of_a_user(client: Client) -> None:
    assert len(client("/users/1/posts")[2]) == 30
    assert client("/users/2/posts")[::2] == (200, [])


def test_recent_posts_share_one_key(client: Client) -> None:
    assert len(client("/posts")[2]) == 20
    status, headers, posts = client("/posts?limit=3")
    assert (status, headers["X-Cache"]) == (200, "hit")
    assert [post["id"] for post in posts] == [30, 29, 28]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=", "limit=a", "limit=1&limit=2"])
def test_limit_is_checked(client: Client, query: str) -> None:
    status, _, answer = client(f"/posts?{query}")
    assert (status, answer["error"]) == (400, "limit must be a whole number from 1 to 100")


def test_a_new_post_shows_at_once(client: Client) -> None:
    client("/users/1/posts")
    client("/posts")
    status, headers, post = client(
        "/posts",
        "POST",
        json.dumps({"user_id": 1, "title": "näw", "body": "b"}).encode(),
        CONTENT_TYPE="application/json; charset=utf-8",
    )
    assert (status, headers["Location"], post["title"]) == (201, "/users/1/posts", "näw")
    for path in ("/users/1/posts", "/posts"):
        _, headers, posts = client(path)
        assert (headers["X-Cache"], posts[0]["title"]) == ("miss", "näw")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 60_000, "no JSON"),
        ([], "exactly the fields"),
        ({"user_id": 1, "title": "t"}, "exactly the fields"),
        ({"user_id": 1, "title": "t", "body": "b", "id": 7}, "exactly the fields"),
        ({"user_id": True, "title": "t", "body": "b"}, "user_id must be"),
        ({"user_id": "1", "title": "t", "body": "b"}, "user_id must be"),
        ({"user_id": TOO_LARGE, "title": "t", "body": "b"}, "user_id must be"),
        ({"user_id": 1, "title": "", "body": "b"}, "title must be"),
        ({"user_id": 1, "title": "t" * 201, "body": "b"}, "title must be"),
        ({"user_id": 1, "title": "t\0", "body": "b"}, "title must be"),
        ({"user_id": 1, "title": "t", "body": "\ud800"}, "body must be"),
        ({"user_id": 1, "title": "t", "body": ["b"]}, "body must be"),
    ],
)
def test_posts_are_checked(client: Client, document: object, message: str) -> None:
    status, answer = client.post(document)
    assert status == 400
    assert message in answer["error"]


def test_other_refusals_of_a_post(client: Client) -> None:
    right = {"user_id": 1, "title": "t", "body": "b"}
    assert client.post(right, "text/plain")[0] == 415
    assert client.post({**right, "user_id": 3}) == (404, {"error": "there is no user 3"})
    assert client.post(b" " * 65_537)[0] == 413
    assert Client(writes=False).post(right)[0] == 403


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [("/posts", "PUT", "GET, HEAD, POST"), ("/users/1", "POST", "GET, HEAD")],
)
def test_methods_are_checked(client: Client, path: str, method: str, allow: str) -> None:
    status, headers, _ = client(path, method)
    assert (status, headers["Allow"]) == (405, allow)


def test_head_is_get_without_its_body(client: Client) -> None:
    status, headers, body = client("/users/1", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 50


def test_request_id_is_passed_on_or_made(client: Client) -> None:
    assert client("/users/1", HTTP_X_REQUEST_ID="abc-1.2_3")[1]["X-Request-ID"] == "abc-1.2_3"
    for bad in ("", "a b", "x\r\nSet-Cookie: a", "a" * 65):
        made = client("/users/1", HTTP_X_REQUEST_ID=bad)[1]["X-Request-ID"]
        assert len(made) == 32
        assert made.isalnum()


@pytest.mark.parametrize(
    ("database_up", "cache", "status", "said"),
    [
        (True, "up", 200, "ok"),
        (True, "off", 200, "ok"),
        (True, "down", 200, "degraded"),
        (False, "up", 503, "down"),
        (False, "down", 503, "down"),
    ],
)
def test_health(client: Client, *, database_up: bool, cache: str, status: int, said: str) -> None:
    client.cache.how = cache
    client.database.error = None if database_up else DatabaseUnavailableError("gone")
    found, _, answer = client("/healthz")
    assert (found, answer["status"], answer["cache"]) == (status, said, cache)
    assert answer["database"] == ("up" if database_up else "down")
    assert (answer["instance"], answer["release"]) == (2, "webapp-abc")


def test_health_says_when_a_restart_is_due(client: Client) -> None:
    assert client("/healthz")[2]["outdated"] is False
    client.outdated = True
    assert client("/healthz")[2]["outdated"] is True


def test_without_the_cache_it_serves(client: Client) -> None:
    client.cache.how = "down"
    assert [client("/users/1")[1]["X-Cache"] for _ in range(2)] == ["off", "off"]


def test_without_the_database_it_says_so(client: Client) -> None:
    client("/users/1")
    client.database.error = DatabaseUnavailableError("secret details")
    status, headers, answer = client("/users/2")
    assert (status, headers["Retry-After"]) == (503, "1")
    assert "secret" not in str(answer)
    assert client("/users/1")[0] == 200  # still cached


def test_a_bug_is_answered_and_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.database.error = ZeroDivisionError("secret details")
    status, headers, answer = client("/users/1")
    assert status == 500
    assert headers["X-Request-ID"] in answer["error"]
    assert "secret" not in str(answer)
    assert "ZeroDivisionError" in caplog.text


def test_metrics_count_routes_not_paths(client: Client) -> None:
    for path in ("/users/1", "/users/2", "/users/x", "/nothing/1", "/nothing/2"):
        client(path)
    client("/users/1", "BREW")
    status, headers, page = client("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    samples = {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for family in text_string_to_metric_families(page.decode())
        for s in family.samples
        if s.name == "webapp_request_duration_seconds_count"
    }
    assert samples == {
        ("GET", "/users/<id>", "200"): 2,
        ("GET", "/users/<id>", "400"): 1,
        ("GET", "other", "404"): 2,
        ("other", "/users/<id>", "405"): 1,
    }
