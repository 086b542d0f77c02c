"""What the lint jobs are given to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab.testing import lint

if TYPE_CHECKING:
    from pathlib import Path


def test_each_grader_gets_a_module_name_of_its_own(tmp_path: Path) -> None:
    for name in ("101-users", "102-set-gid"):
        (tmp_path / "labs" / name).mkdir(parents=True)
        (tmp_path / "labs" / name / "grade.py").write_text(name, encoding="utf-8")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "lab_100_gone.py").touch()
    lint.graders(tmp_path, folder)
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert found == {"lab_101_users.py": "101-users", "lab_102_set_gid.py": "102-set-gid"}
