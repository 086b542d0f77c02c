"""What turns an image into the root of a virtual machine, as the repository has it."""

from __future__ import annotations

import re

import pytest

from ironlab.images.recipe import Recipe, image_names, load_recipe


@pytest.fixture(params=image_names())
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return load_recipe(request.param)


def test_a_machine_boots_and_enforces(recipe: Recipe) -> None:
    wanted = {"kernel", "grub2-pc", "selinux-policy-targeted", "NetworkManager"}
    assert wanted <= set(recipe.release.machine_install)
    known = {package.name for package in recipe.packages}
    assert set(recipe.release.machine_install) <= known


def test_a_container_has_nothing_of_it(recipe: Recipe) -> None:
    assert not set(recipe.release.install) & set(recipe.release.machine_install)


def _content(recipe: Recipe, package: str, path: str) -> str:
    entry = next(entry for entry in recipe.packages if entry.name == package)
    return recipe.content(entry.files[path], entry)


def test_the_boot_menu_switches_selinux_on(recipe: Recipe) -> None:
    text = _content(recipe, "grub2-common", "/etc/default/grub")
    line = next(line for line in text.splitlines() if line.startswith("GRUB_CMDLINE_LINUX="))
    assert {"security=selinux", "selinux=1"} <= set(line.split('"')[1].split())


def test_selinux_enforces_the_policy_that_is_installed(recipe: Recipe) -> None:
    text = _content(recipe, "selinux-policy", "/etc/selinux/config")
    assert re.findall(r"^(\w+)=(\w+)$", text, re.MULTILINE) == [
        ("SELINUX", "enforcing"),
        ("SELINUXTYPE", "targeted"),
    ]


def test_the_policy_has_what_labs_and_roles_confine(recipe: Recipe) -> None:
    folder = "/usr/share/selinux/targeted"
    names = _content(recipe, "selinux-policy-targeted", f"{folder}/installed-modules").split()
    assert names == sorted(set(names))
    assert {"apache", "ssh", "unconfined", "postgresql", "redis", "chronyd"} <= set(names)


def test_the_local_module_leaves_network_services_confined(recipe: Recipe) -> None:
    folder = "/usr/share/selinux/targeted"
    text = _content(recipe, "selinux-policy-targeted", f"{folder}/ironlab.cil")
    assert text.count("(") == text.count(")")
    trusted = set(re.findall(r"ironlab_system \((\w+)\)\)", text))
    assert "firewalld_t" in trusted
    assert not {"sshd_t", "httpd_t", "postgresql_t", "redis_t", "named_t"} & trusted
