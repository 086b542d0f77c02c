"""Versions and dependencies as the archive's index states them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import IronlabError

if TYPE_CHECKING:
    from ironlab.images.mirror import Archive


def test_closure_follows_alternatives_and_virtual_packages(archive: Archive) -> None:
    found = archive.closure(["web"], {"debconf"}, {})
    assert found == ["web", "libc6", "libweb1", "helper-ng", "provider"]


def test_closure_does_not_follow_what_is_ignored(archive: Archive) -> None:
    found = archive.closure(["web"], {"debconf"}, {"web": {"virtual-thing", "helper"}})
    assert found == ["web", "libc6", "libweb1"]


def test_a_chosen_package_satisfies_before_the_first_alternative(archive: Archive) -> None:
    assert archive.resolve(("libweb1", "libc6"), ["libc6"]) == "libc6"
    assert archive.resolve(("libweb1", "libc6"), []) == "libweb1"
    assert archive.resolve(("nothing",), []) is None


def test_a_package_that_debian_has_not_is_named(archive: Archive) -> None:
    with pytest.raises(IronlabError, match="bookworm has no package nonesuch"):
        archive.closure(["nonesuch"], set(), {})


@pytest.mark.parametrize(
    ("name", "upstream"), [("web", "2.4.6"), ("provider", "3~rc1"), ("debconf", "1.5")]
)
def test_upstream_version_is_what_rpm_can_hold(archive: Archive, name: str, upstream: str) -> None:
    assert archive.debs[name].upstream == upstream
