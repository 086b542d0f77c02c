"""Choosing between registry, stand-in and what is there already; and the recipes themselves."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from ironlab import images
from ironlab.errors import ExitCode, IronlabError
from ironlab.images import asroot, registry, standin, store
from ironlab.images.recipe import IMAGES, load_recipe
from ironlab.images.store import ImageInfo

NAMES = ["el9", "el10"]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which builder is called instead of calling it; podman then has the image."""
    called: list[str] = []
    there: list[ImageInfo] = []

    def note(kind: store.Kind) -> None:
        called.append(kind)
        there[:] = [_info(load_recipe("el9").digest, kind)]

    monkeypatch.setattr(store, "image", lambda _name: there[0] if there else None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(standin, "build", lambda *_: note("stand-in"))
    monkeypatch.setattr(registry, "build", lambda *_: note("rocky"))
    monkeypatch.setattr(registry, "answers", lambda _reference: False)
    return called


def _info(recipe: str, kind: store.Kind) -> ImageInfo:
    return ImageInfo(
        name="el9",
        kind=kind,
        recipe=recipe,
        tag="localhost/ironlab/el9:latest",
        size_bytes=1,
        build_seconds=1,
        built_at=datetime.now(tz=UTC),
        packages=1,
    )


def test_an_image_of_the_same_recipe_is_not_built_again(built: list[str]) -> None:
    images.build("el9", print)
    images.build("el9", print)
    assert built == ["stand-in"]


def test_auto_takes_rocky_where_a_registry_answers(
    built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "answers", lambda _reference: True)
    assert images.build("el9", print).kind == "rocky"
    assert built == ["rocky"]


def test_a_source_that_is_asked_for_is_built_beside_the_other(built: list[str]) -> None:
    images.build("el9", print, "registry")
    images.build("el9", print, "stand-in")
    assert built == ["rocky", "stand-in"]


def test_who_is_not_root_builds_under_sudo(
    built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(asroot, "build", lambda name, *_: seen.append(name))
    with pytest.raises(IronlabError, match="does not show image el9"):
        images.build("el9", print)
    assert (seen, built) == (["el9"], [])


def test_a_name_that_is_not_found_in_time_is_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    released = Event()
    monkeypatch.setattr(registry, "TIMEOUT", 0.05)
    monkeypatch.setattr(registry, "_asked", lambda _host: released.wait(5))
    assert not registry.answers("docker.io/some/image:9")
    released.set()


def test_an_unknown_image_is_named_with_those_there_are(built: list[str]) -> None:
    with pytest.raises(
        IronlabError, match="unknown image 'el7'; choose one of el9, el10"
    ) as caught:
        images.build("el7", print)
    assert caught.value.code == ExitCode.UNREACHABLE
    assert built == []


def test_neither_registry_nor_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _tool: None)
    with pytest.raises(IronlabError, match="no container registry answers") as caught:
        standin.check_machine("el9")
    assert caught.value.code == ExitCode.PREREQUISITE


def test_no_space(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    monkeypatch.setattr(standin, "KEYRING", Path("/"))
    with pytest.raises(IronlabError, match=r"needs 3 GiB and .* has 0.9 GiB free"):
        standin.check_machine("el9")


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_is_complete(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.release.image == name
    names = [package.name for package in recipe.packages]
    assert len(names) == len(set(names))
    for package in recipe.packages:
        assert recipe.digest_of(package)  # renders every file it carries


@pytest.mark.parametrize("name", NAMES)
def test_describe_names_sources_and_what_is_missing(name: str) -> None:
    text = images.describe(name).as_text()
    assert "authselect" in text
    assert "[V]" in text


def test_the_digest_follows_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    shutil.copytree(IMAGES, folder)
    before = load_recipe("el9", folder).digest
    assert load_recipe("el9", folder).digest == before
    with (folder / "files/base/setup/profile").open("a") as stream:
        stream.write("# one more line\n")
    assert load_recipe("el9", folder).digest != before
