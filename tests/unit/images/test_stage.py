"""How Debian's files are laid out as EL's, tried on packages made for it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from ironlab.errors import IronlabError
from ironlab.images.layout import at_home, matcher, merged, relocated
from ironlab.images.stage import Entry, Stage, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ironlab.images.recipe import Recipe

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")

FILES = {
    "/bin/tool": "#!/bin/sh\n",
    "/usr/sbin/toold": "daemon",
    "/lib/x86_64-linux-gnu/libtool.so.1.0": "library",
    "/usr/lib/x86_64-linux-gnu/libtool.so.1": "-> /lib/x86_64-linux-gnu/libtool.so.1.0",
    "/usr/lib/x86_64-linux-gnu/data": "-> ../../share/tool",
    "/lib64/loader": "-> /usr/lib/x86_64-linux-gnu/loader",
    "/etc/tool.conf": "colour = red\nsize = 1\n",
    "/usr/share/doc/tool/copyright": "free",
    "/usr/share/doc/tool/README": "read me",
    "/usr/share/tool/a": "a",
}


@pytest.fixture
def staged(
    tmp_path: Path, deb: Callable[..., Path], recipe_of: Callable[..., Recipe]
) -> Callable[..., tuple[dict[str, Entry], Path]]:
    """Stage an entry made of the package above, with others beside it."""

    def stage(*others: dict[str, Any], **entry: Any) -> tuple[dict[str, Entry], Path]:  # noqa: ANN401 - any key
        package = deb("tool", FILES, "/etc/tool.conf\n")
        recipe = recipe_of({"name": "tool", "debs": ["tool"], **entry}, *others)
        tree = unpack(package, tmp_path / "trees" / "tool")
        root = tmp_path / "root"
        entries = Stage(recipe, recipe.packages[1], root).fill({"tool": tree})
        return {found.path: found for found in entries}, root

    return stage


def test_paths_are_merged_and_libraries_are_at_home(staged: Callable[..., Any]) -> None:
    entries, root = staged()
    assert entries["/usr/bin/tool"].kind == "file"
    assert entries["/usr/lib64/libtool.so.1.0"].kind == "file"
    assert (root / "usr/lib64/libtool.so.1").readlink().as_posix() == "/usr/lib64/libtool.so.1.0"
    assert (root / "usr/lib64/data").readlink().as_posix() == "../share/tool"
    assert "/usr/bin" not in entries  # belongs to filesystem


def test_a_link_to_itself_is_left_out(staged: Callable[..., Any]) -> None:
    entries, _ = staged()
    assert "/usr/lib64/loader" not in {
        path for path, found in entries.items() if found.kind == "file"
    }
    assert "/usr/lib64/x86_64-linux-gnu" not in entries


def test_documents_go_and_the_licence_stays(staged: Callable[..., Any]) -> None:
    entries, _ = staged()
    assert "/usr/share/licenses/tool/tool" in entries
    assert not any(path.startswith("/usr/share/doc/") for path in entries)
    assert entries["/etc/tool.conf"].config == "noreplace"


def test_an_exact_take_overrules_what_is_dropped_everywhere(staged: Callable[..., Any]) -> None:
    entries, _ = staged(take=["/usr/share/doc/tool/README"])
    assert "/usr/share/doc/tool/README" in entries
    assert "/usr/bin/tool" not in entries


def test_what_another_entry_takes_is_not_in_the_rest(staged: Callable[..., Any]) -> None:
    other = {"name": "daemon", "debs": ["tool"], "take": ["/usr/sbin/**"]}
    entries, _ = staged(other)
    assert "/usr/sbin/toold" not in entries
    assert "/usr/bin/tool" in entries


def test_moves_edits_files_links_and_attributes(staged: Callable[..., Any]) -> None:
    entries, root = staged(
        move={"/usr/sbin/toold": "/usr/bin/toold", "/usr/share/tool/": "/usr/share/el-tool/"},
        edit={"/etc/tool.conf": [{"find": "red", "put": "blue"}]},
        files={"/etc/sysconfig/tool": {"content": "EL={{ el }} {{ release.version }}\n"}},
        links={"/bin/t": "tool"},
        attrs={"/usr/bin/toold": {"mode": "4111"}},
        dirs={"/var/lib/tool": {"mode": "0700", "owner": "tool"}},
    )
    assert entries["/usr/bin/toold"].attr.mode == "4111"
    assert "/usr/share/el-tool/a" in entries
    assert (root / "etc/tool.conf").read_text() == "colour = blue\nsize = 1\n"
    assert (root / "etc/sysconfig/tool").read_text() == "EL=9 9.8\n"
    assert entries["/etc/sysconfig/tool"].config == "noreplace"
    assert entries["/usr/bin/t"].kind == "link"
    assert entries["/var/lib/tool"].attr.owner == "tool"


def test_an_edit_leaves_the_shared_tree_alone(staged: Callable[..., Any], tmp_path: Path) -> None:
    staged(edit={"/etc/tool.conf": [{"find": "red", "put": "blue"}]})
    assert "red" in (tmp_path / "trees/tool/etc/tool.conf").read_text()


@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ({"edit": {"/etc/tool.conf": [{"find": "green", "put": ""}]}}, "'green' occurs 0 times"),
        ({"edit": {"/etc/tool.conf": [{"find": "e", "put": ""}]}}, "occurs 2 times"),
        ({"edit": {"/etc/none": []}}, "edits /etc/none, which it has not"),
        ({"attrs": {"/usr/bin/none": {"mode": "0755"}}}, "attributes to /usr/bin/none"),
        (
            {"files": {"/etc/pam.d/x": {"content": "@include common-auth\n"}}},
            "Debian's /etc/pam.d/x",
        ),
        ({"files": {"/etc/x": {"src": "nowhere"}}}, "images/files/nowhere does not exist"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(
    staged: Callable[..., Any], entry: dict[str, Any], cause: str
) -> None:
    with pytest.raises(IronlabError, match=r".+") as caught:
        staged(**entry)
    assert cause in str(caught.value)
    assert "tool" in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "path", "hit"),
    [
        ("/usr/bin/*", "/usr/bin/a", True),
        ("/usr/bin/*", "/usr/bin/a/b", False),
        ("/usr/**", "/usr/bin/a/b", True),
        ("/bin/a", "/usr/bin/a", True),
        ("/usr/share/man/??/**", "/usr/share/man/de/man1/a.1", True),
        ("/usr/share/man/??/**", "/usr/share/man/man1/a.1", False),
        ("/usr/lib/rpm2?[ab]", "/usr/lib/rpm2xb", True),
    ],
)
def test_globs(pattern: str, path: str, *, hit: bool) -> None:
    assert bool(matcher([pattern]).fullmatch(path)) is hit


def test_no_pattern_matches_nothing() -> None:
    assert matcher([]).fullmatch("") is None


def test_directories_themselves_keep_their_names() -> None:
    assert merged("/lib") == "/lib"
    assert at_home("/usr/lib/x86_64-linux-gnu") == "/usr/lib/x86_64-linux-gnu"
    assert relocated("bash", "/usr/bin/sh", "/usr/bin/sh") == "bash"
