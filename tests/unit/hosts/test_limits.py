"""What this machine allows is read from /proc, and decides how containers start."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.hosts import limits
from ironlab.process import Done

from .conftest import PROC

if TYPE_CHECKING:
    from collections.abc import Sequence


def parsed(name: str) -> limits.Limits:
    return limits.parse((PROC / name).read_text(encoding="ascii"))


@pytest.mark.parametrize(
    ("name", "cgroup", "runtime"),
    [("v1.txt", "v1", "runc"), ("hybrid-limited.txt", "hybrid", "runc"), ("v2.txt", "v2", None)],
)
def test_runtime_follows_the_cgroup_version(name: str, cgroup: str, runtime: str | None) -> None:
    assert (parsed(name).cgroup, parsed(name).runtime) == (cgroup, runtime)


def test_without_sys_resource_the_limits_are_the_callers() -> None:
    # the caller may have 96365 processes, but podman first goes down to pid_max
    expected = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768"]
    assert parsed("hybrid-limited.txt").ulimits == expected


@pytest.mark.parametrize("name", ["v1.txt", "v2.txt"])
def test_who_may_raise_limits_leaves_them_to_podman(name: str) -> None:
    assert parsed(name).ulimits == []


def test_limits_are_capped_at_podmans_own_default() -> None:
    assert parsed("v2.txt").nofile == limits.PODMAN_NOFILE


def refused(_argv: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None) -> Done:
    del stdin, timeout
    return Done(1, "", "sudo: a password is required")


def test_no_root_is_one_line() -> None:
    with pytest.raises(IronlabError, match="sudo: a password is required") as caught:
        limits.detect(refused)
    assert caught.value.code == ExitCode.PREREQUISITE
    assert "allow yourself sudo" in caught.value.remedy


def test_unknown_proc_is_an_error_not_a_guess() -> None:
    with pytest.raises(IronlabError, match="cannot understand /proc"):
        limits.parse("nothing of use")


def test_missing_runtime_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name, path=None: path and None)
    with pytest.raises(IronlabError, match="only runc can run podman") as caught:
        limits.require_runtime(parsed("v1.txt"))
    assert caught.value.code == ExitCode.PREREQUISITE
    limits.require_runtime(parsed("v2.txt"))
