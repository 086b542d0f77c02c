"""Which scenarios run, in what order, and what Molecule's log tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from ironlab.errors import ExitCode, IronlabError
from ironlab.testing import scenarios
from ironlab.testing.model import Group, Job

RECAP = """PLAY RECAP *****
el10                       : ok=3    changed={0}    unreachable=0    failed=0
el9                        : ok=3    changed={1}    unreachable=0    failed=0
"""


def molecule_log(last_check: str, form: str = "INFO     [redis > {}] Executing\n") -> str:
    steps = {"check": RECAP.format(2, 2), "converge": RECAP.format(2, 2), "idempotence": ""}
    text = "".join(form.format(step) + out for step, out in steps.items())
    return text + form.format("check") + last_check + form.format("verify")


def test_a_truthful_check_mode_passes() -> None:
    assert scenarios.changed_at_last_check(molecule_log(RECAP.format(0, 0))) == ""


def test_a_change_in_the_last_check_is_named() -> None:
    found = scenarios.changed_at_last_check(molecule_log(RECAP.format(0, 12)))
    assert found == "check after converge reports changes: 12 on el9"


def test_a_run_without_check_is_no_pass() -> None:
    assert scenarios.changed_at_last_check("") == "molecule ran no check"


@pytest.mark.parametrize("form", ["[redis > {}] Executing\n", "redis ➜ {}: Executing\n"])
def test_the_step_is_the_last_one_begun(form: str) -> None:
    assert scenarios.step_of(molecule_log("", form)) == "verify"
    assert scenarios.changed_at_last_check(molecule_log(RECAP.format(0, 1), form))
    assert scenarios.step_of("nothing yet") == ""


def test_scenarios_are_the_folders_with_a_molecule_yml(tmp_path: Path) -> None:
    for path in (
        "molecule/b/molecule.yml",
        "molecule/a/molecule.yml",
        "molecule/shared/create.yml",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert scenarios.names(tmp_path) == ["a", "b"]


def test_naming_none_chooses_all() -> None:
    assert scenarios.chosen([], ["el9", "el10"], "image") == ["el9", "el10"]
    assert scenarios.chosen(["el10"], ["el9", "el10"], "image") == ["el10"]


def test_an_unknown_name_is_a_usage_error() -> None:
    with pytest.raises(
        IronlabError, match=r"no image is called 'el8'; choose from: el9, el10"
    ) as e:
        scenarios.chosen(["el9", "el8"], ["el9", "el10"], "image")
    assert e.value.code is ExitCode.USAGE


def test_one_image_restricts_molecule(tmp_path: Path) -> None:
    (job,) = scenarios.role_jobs(["redis"], ["el9"], tmp_path)
    assert job.argv[-2:] == ["--platform-name", "el9"]
    (job,) = scenarios.role_jobs(["redis"], ["el9", "el10"], tmp_path)
    assert "--platform-name" not in job.argv


def test_an_unusable_image_skips_the_roles(tmp_path: Path) -> None:
    (job,) = scenarios.role_jobs(["redis"], ["el9"], tmp_path, "image el9 could not be built")
    assert job.skip == "image el9 could not be built"


def test_the_longest_scenario_starts_first(tmp_path: Path) -> None:
    jobs = [Job(name, Group.ROLES, []) for name in ("short", "new", "long")]
    scenarios.remember(tmp_path, {"short": 1.0})
    scenarios.remember(tmp_path, {"long": 9.0})
    ordered = scenarios.longest_first(jobs, scenarios.durations(tmp_path))
    assert [job.name for job in ordered] == ["new", "long", "short"]


def test_broken_durations_are_as_good_as_none(tmp_path: Path) -> None:
    Path(tmp_path, "durations.json").write_text("{", encoding="utf-8")
    assert scenarios.durations(tmp_path) == {}


def test_the_cause_comes_before_the_cleaning_up() -> None:
    log = "fatal: [el9]: FAILED!\nWARNING  [redis > create] An error occurred during the test "
    log += "sequence action: 'create'. Cleaning up.\nPLAY [Destroy the hosts]\n"
    assert scenarios.cause(log) == "fatal: [el9]: FAILED!\n"
    assert scenarios.cause("ERROR! no such playbook") == "ERROR! no such playbook"
