"""What the service is told: one INI file, read once at the start.

The file, not the environment, holds the passwords: an environment is inherited by every
child and shown in /proc.
"""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PATH = Path("/etc/webapp/webapp.conf")
MAX_PORT = 65535


class SettingsError(Exception):
    """The file is missing, unreadable or wrong; says which key and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """The whole configuration, checked."""

    path: Path
    address: str
    base_port: int
    instances: int
    threads: int
    writes: bool
    log_level: str
    db_host: str
    db_port: int
    db_name: str
    db_user: str
    db_password: str = field(repr=False)
    db_pool_size: int
    db_timeout: float
    cache: bool
    cache_host: str
    cache_port: int
    cache_password: str = field(repr=False)
    cache_ttl: int

    def port(self, instance: int) -> int:
        """Instance 1 listens on the base port, each further one on the next."""
        if not 1 <= instance <= self.instances:
            message = f"{self.path}: instance {instance} is not in 1..{self.instances}"
            raise SettingsError(message)
        return self.base_port + instance - 1


class _Reader:
    """Typed look-ups in the file, each failure naming file, section and key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # passwords may hold % and # and ;: nothing is interpolated, no comments inside a line
        self._parser = configparser.ConfigParser(
            interpolation=None, delimiters=("=",), comment_prefixes=("#",)
        )
        try:
            self._parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
        except (OSError, UnicodeDecodeError, configparser.Error) as error:
            message = f"can't read the configuration {path}: {error}"
            raise SettingsError(message) from error

    def text(self, section: str, key: str) -> str:
        try:
            value = self._parser.get(section, key)
        except configparser.Error as error:
            message = f"{self.path}: [{section}] {key} is missing"
            raise SettingsError(message) from error
        if not value:
            message = f"{self.path}: [{section}] {key} is empty"
            raise SettingsError(message)
        return value

    def number(self, section: str, key: str, low: int, high: int) -> int:
        value = self.text(section, key)
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            message = f"{self.path}: [{section}] {key} = {value} is not a number {low}..{high}"
            raise SettingsError(message)
        return int(value)

    def switch(self, section: str, key: str) -> bool:
        value = self.text(section, key)
        if value not in {"true", "false"}:
            message = f"{self.path}: [{section}] {key} = {value} is neither true nor false"
            raise SettingsError(message)
        return value == "true"


def load(path: Path | None = None) -> Settings:
    """Read and check the file (WEBAPP_CONFIG names another one).

    Raises:
        SettingsError: the first thing found wrong.
    """
    reader = _Reader(path or Path(os.environ.get("WEBAPP_CONFIG", DEFAULT_PATH)))
    return Settings(
        path=reader.path,
        address=reader.text("server", "address"),
        base_port=reader.number("server", "base_port", 1, MAX_PORT),
        instances=reader.number("server", "instances", 1, 64),
        threads=reader.number("server", "threads", 1, 128),
        writes=reader.switch("server", "writes"),
        log_level=reader.text("server", "log_level"),
        db_host=reader.text("database", "host"),
        db_port=reader.number("database", "port", 1, MAX_PORT),
        db_name=reader.text("database", "name"),
        db_user=reader.text("database", "user"),
        db_password=reader.text("database", "password"),
        db_pool_size=reader.number("database", "pool_size", 1, 128),
        db_timeout=float(reader.number("database", "timeout", 1, 300)),
        cache=reader.switch("cache", "enabled"),
        cache_host=reader.text("cache", "host"),
        cache_port=reader.number("cache", "port", 1, MAX_PORT),
        cache_password=reader.text("cache", "password"),
        cache_ttl=reader.number("cache", "ttl", 1, 86400),
    )
