"""Users and posts: the statements, the cache keys, and which change spoils which key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from webapp.database import ConstraintError

if TYPE_CHECKING:
    from webapp.cache import Cache
    from webapp.database import Database

RECENT = 100  # posts kept under one key; a shorter list is cut from it
_RECENT_KEY = "webapp:posts:recent"
_FOREIGN_KEY_VIOLATION = "23503"

_USER = "SELECT id, name, email, created_at FROM users WHERE id = :id"
_USER_POSTS = (
    "SELECT id, user_id, title, body, created_at FROM posts"
    " WHERE user_id = :id ORDER BY created_at DESC, id DESC LIMIT 100"
)
_RECENT_POSTS = (
    "SELECT id, user_id, title, body, created_at FROM posts"
    " ORDER BY created_at DESC, id DESC LIMIT :number"
)
_NEW_POST = (
    "INSERT INTO posts (user_id, title, body) VALUES (:user_id, :title, :body)"
    " RETURNING id, user_id, title, body, created_at"
)


class NoSuchUserError(Exception):
    """There is no user of that number."""


class Store:
    """Reads go through the cache; writes go to the database and clear what they outdate."""

    def __init__(self, database: Database, cache: Cache) -> None:
        """Keep the two."""
        self._database = database
        self._cache = cache

    def user(self, number: int) -> tuple[dict[str, Any] | None, str]:
        """One user, or None; and whether it came from the cache."""

        def load() -> dict[str, Any] | None:
            with self._database.transaction("user") as transaction:
                rows = transaction.rows(_USER, id=number)
            if not rows:
                return None
            names = ("id", "name", "email", "created_at")
            return _record(names, rows[0])

        return self._cache.read(f"webapp:user:{number}", load)

    def posts_of(self, number: int) -> tuple[list[dict[str, Any]] | None, str]:
        """The latest 100 posts of a user, newest first; None without such a user."""

        def load() -> list[dict[str, Any]] | None:
            with self._database.transaction("user_posts") as transaction:
                rows = transaction.rows(_USER_POSTS, id=number)
                if not rows and not transaction.rows(_USER, id=number):
                    return None
            return [_post(row) for row in rows]

        return self._cache.read(f"webapp:user:{number}:posts", load)

    def recent_posts(self, limit: int) -> tuple[list[dict[str, Any]], str]:
        """The latest posts of all users, newest first."""

        def load() -> list[dict[str, Any]]:
            with self._database.transaction("recent_posts") as transaction:
                return [_post(row) for row in transaction.rows(_RECENT_POSTS, number=RECENT)]

        posts, source = self._cache.read(_RECENT_KEY, load)
        return posts[:limit], source

    def add_post(self, user: int, title: str, body: str) -> dict[str, Any]:
        """Store a post, then clear the lists it belongs in.

        A reader that asked the database just before may still put an old list back: the
        time to live bounds how long that shows.

        Raises:
            NoSuchUserError: there is no such user.
        """
        try:
            with self._database.transaction("add_post", write=True) as transaction:
                row = transaction.rows(_NEW_POST, user_id=user, title=title, body=body)[0]
        except ConstraintError as error:
            if error.state == _FOREIGN_KEY_VIOLATION:
                raise NoSuchUserError from error
            raise
        self._cache.forget(f"webapp:user:{user}:posts", _RECENT_KEY)
        return _post(row)

    def database_answers(self) -> None:
        """Ask the database for nothing in particular.

        Raises:
            DatabaseUnavailableError: it doesn't answer.
        """
        with self._database.transaction("health") as transaction:
            transaction.rows("SELECT 1")

    def cache_state(self) -> str:
        """`up`, `down` or `off`."""
        return self._cache.state()


def _record(names: tuple[str, ...], row: list[Any]) -> dict[str, Any]:
    record = dict(zip(names, row))
    record["created_at"] = record["created_at"].isoformat()
    return record


def _post(row: list[Any]) -> dict[str, Any]:
    return _record(("id", "user_id", "title", "body", "created_at"), row)
