"""Each rule for the repository rejects what it is there to reject, and accepts the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ironlab.testing.rules import repo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Lay = Callable[..., Path]


@pytest.mark.parametrize("rule", repo.RULES)
def test_a_right_repository_passes(lay: Lay, rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(lay())) == []


@pytest.mark.parametrize(
    ("rule", "name", "text", "says"),
    [
        (repo.every_role_is_deployed, "roles/extra/x", "", "roles/extra is not in site.yml"),
        (
            repo.every_role_is_deployed,
            "playbooks/site.yml",
            "- {hosts: all, roles: [{role: gone, tags: other}]}",
            "site.yml runs gone",
        ),
        (
            repo.scenarios_gather_what_the_site_gathers,
            "molecule/shared/converge.yml",
            "- {hosts: all}",
            "different facts",
        ),
        (repo.playbooks_say_how, "playbooks/backup.yml", "---\n- {hosts: all}", "without an examp"),
        (
            repo.playbooks_say_how,
            "playbooks/backup.yml",
            "# playbooks/backup.yml\n- {hosts: all, roles: [{role: x, tags: dump}]}",
            "has a tag dump",
        ),
        (repo.lock_is_hashed_and_addressless, "requirements.lock", "rich==1.0\n", "no hash for"),
        (repo.lock_is_hashed_and_addressless, "requirements.lock", "rich>=1\n", "pins no version"),
        (
            repo.lock_is_hashed_and_addressless,
            "requirements.lock",
            "--index-url https://example.org/simple\n",
            "has an address",
        ),
        (
            repo.lock_is_hashed_and_addressless,
            "requirements.lock",
            "# from https://example.org\nrich==1.0 --hash=sha256:00\n",
            "in a comment",
        ),
        (repo.no_path_of_a_machine, "docs/b.md", "see /" + "home/ann/ironlab", "docs/b.md:1 has"),
        (repo.templates_are_stable, "roles/cache/templates/a.j2", "x", "no ansible_managed"),
        (
            repo.templates_are_stable,
            "roles/cache/templates/a.j2",
            "{{ ansible_managed }} {{ now() }}",
            "renders a date",
        ),
        (
            repo.manifest_entries_have_a_source,
            "images/packages/base.yml",
            "- {name: bash}",
            "bash has no source",
        ),
        (repo.links_lead_somewhere, "docs/b.md", "[x](gone.md)", "links to gone.md"),
    ],
)
def test_a_wrong_repository_fails(
    lay: Lay,
    rule: Callable[[Path], Iterator[str]],
    name: str,
    text: str,
    says: str,
) -> None:
    assert says in "\n".join(rule(lay(**{name: text})))


def test_each_command_must_be_mentioned(lay: Lay) -> None:
    root = lay()
    assert list(repo.docs_mention(root, ["up", "image build", "image list", "doctor"])) == []
    assert list(repo.docs_mention(root, ["image describe", "down"])) == [
        "no document mentions `./ironlab image describe`",
        "no document mentions `./ironlab down`",
    ]
