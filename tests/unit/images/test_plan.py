"""Which RPMs there are, what they are called, and which needs which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.errors import IronlabError
from ironlab.images.plan import install_set, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.images.mirror import Archive
    from ironlab.images.recipe import Recipe

    MakeRecipe = Callable[..., Recipe]

WEB = {"name": "webserver", "debs": ["web"], "provides": ["httpd = 1"]}


def test_debian_dependencies_become_requires_by_el_names(
    archive: Archive, recipe_of: MakeRecipe
) -> None:
    rpms = {rpm.name: rpm for rpm in plan(recipe_of(WEB), archive)}
    assert rpms["webserver"].requires == [
        "glibc",
        "web-libs",
        "helper-ng",
        "provider",
        "filesystem",
    ]
    assert rpms["web-libs"].requires == ["glibc", "filesystem"]
    assert "debconf" not in rpms
    assert rpms["webserver"].version == "2.4.6"
    assert (rpms["webserver"].arch, rpms["provider"].arch) == ("x86_64", "noarch")


def test_the_first_entry_that_lists_a_package_answers_for_it(
    archive: Archive, recipe_of: MakeRecipe
) -> None:
    first = {"name": "first", "debs": ["provider"], "take": ["/a"]}
    second = {"name": "second", "debs": ["provider"]}
    rpms = {rpm.name: rpm for rpm in plan(recipe_of(WEB, first, second), archive)}
    assert "first" in rpms["webserver"].requires
    assert "second" not in rpms["webserver"].requires


def test_an_entry_may_ignore_a_dependency(archive: Archive, recipe_of: MakeRecipe) -> None:
    rpms = plan(recipe_of({**WEB, "ignore_requires": ["virtual-thing", "web-libs"]}), archive)
    names = {rpm.name: rpm.requires for rpm in rpms}
    assert "provider" not in names
    assert "web-libs" not in names["webserver"]


def test_what_nothing_provides_is_refused(archive: Archive, recipe_of: MakeRecipe) -> None:
    with pytest.raises(IronlabError, match="webserver requires moonlight"):
        plan(recipe_of({**WEB, "requires": ["moonlight"]}), archive)


def test_a_mapping_onto_an_entry_must_be_in_the_entry(
    archive: Archive, recipe_of: MakeRecipe
) -> None:
    with pytest.raises(IronlabError, match="glibc has an entry, yet libc6"):
        plan(recipe_of(WEB, {"name": "glibc"}), archive)


def test_install_set_follows_requires_and_provides(archive: Archive, recipe_of: MakeRecipe) -> None:
    rpms = plan(recipe_of(WEB, {"name": "other", "requires": ["httpd"]}), archive)
    names = {rpm.name for rpm in install_set(rpms, ["other"])}
    assert names == {
        "other",
        "webserver",
        "filesystem",
        "glibc",
        "web-libs",
        "helper-ng",
        "provider",
    }
    with pytest.raises(IronlabError, match="installs nonesuch"):
        install_set(rpms, ["nonesuch"])


KERNEL = """\
Package: kernel-today
Version: 6.1-1
Architecture: amd64
Depends: kernel-6.1-5 (= 6.1.9-2)
Filename: pool/today.deb

Package: kernel-6.1-5
Version: 6.1.9-2
Architecture: amd64
Filename: pool/kernel.deb
"""


def test_a_package_with_its_version_in_its_name_is_found_by_the_one_that_names_it(
    archive: Archive, recipe_of: MakeRecipe
) -> None:
    archive.read(KERNEL)
    core = {"name": "kernel-core", "via": ["kernel-today"], "take": ["/boot/**"]}
    modules = {"name": "kernel-modules", "via": ["kernel-today"], "take": ["/lib/**"]}
    rpms = {rpm.name: rpm for rpm in plan(recipe_of(core, modules), archive)}
    assert [deb.name for deb in rpms["kernel-core"].debs] == ["kernel-6.1-5"]
    assert (rpms["kernel-core"].version, rpms["kernel-modules"].version) == ("6.1.9", "6.1.9")
    assert not {"kernel-today", "kernel-6.1-5"} & set(rpms)


def test_a_name_that_leads_nowhere_is_refused(archive: Archive, recipe_of: MakeRecipe) -> None:
    with pytest.raises(IronlabError, match="no package kernel-today"):
        plan(recipe_of({"name": "kernel-core", "via": ["kernel-today"]}), archive)
