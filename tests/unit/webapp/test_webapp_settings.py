"""The configuration is read as written, and what is wrong is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from webapp.settings import SettingsError, load

if TYPE_CHECKING:
    from pathlib import Path


def test_values_arrive_as_written(config: Path) -> None:
    settings = load(config)
    assert [settings.db_password, settings.cache_password] == ["a%(b)s#c;d=e", "cache%pass"]
    assert (settings.cache, settings.writes, settings.db_timeout) == (True, True, 1.0)
    assert [settings.port(1), settings.port(2)] == [8001, 8002]


def test_passwords_do_not_show(config: Path) -> None:
    assert "a%(b)s" not in repr(load(config))
    assert "cache%pass" not in repr(load(config))


@pytest.mark.parametrize("instance", [0, 3])
def test_only_configured_instances_have_a_port(config: Path, instance: int) -> None:
    with pytest.raises(SettingsError, match=rf"instance {instance} is not in 1\.\.2"):
        load(config).port(instance)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("ttl = 60", "ttl = 0", r"\[cache\] ttl = 0 is not a number 1\.\.86400"),
        ("ttl = 60", "ttl = -5", r"\[cache\] ttl = -5 is not a number"),
        ("ttl = 60", "ttl = 6²", r"\[cache\] ttl = 6² is not a number"),
        ("port = 6432", "port = 65536", r"\[database\] port = 65536 is not a number"),
        ("enabled = true", "enabled = yes", r"\[cache\] enabled = yes is neither true nor false"),
        ("name = webapp", "name =", r"\[database\] name is empty"),
        ("name = webapp", "", r"\[database\] name is missing"),
        ("[cache]", "[cash]", r"\[cache\] enabled is missing"),
        ("[cache]", "cache", r"can't read the configuration"),
    ],
)
def test_what_is_wrong_is_named(config: Path, right: str, wrong: str, message: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert right in text
    config.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        load(config)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"can't read the configuration .*nowhere\.conf"):
        load(tmp_path / "nowhere.conf")


def test_the_environment_may_name_another_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBAPP_CONFIG", str(config))
    assert load().path == config
