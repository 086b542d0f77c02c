"""What a wrong answer promises in its header: how it is to fail.

Lines such as `# fails: stored, limited`, `# loses: kept`, `# breaks: kit-units`,
`# after: 01-playbook.yml` and `# why: systemctl start alone looks done`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ironlab.labs.source import read_text, wrong

if TYPE_CHECKING:
    from pathlib import Path

HEADER = re.compile(r"# (?P<key>[a-z]+): (?P<value>\S.*)")
_LISTS = ("fails", "loses", "breaks")
HEADERS = (*_LISTS, "after", "why")
_REMEDY = "a wrong answer opens with # fails:, # loses: or # breaks:, and # why:"


@dataclass(frozen=True)
class WrongAnswer:
    """A plausible wrong answer, and exactly what must fail with it."""

    path: Path
    why: str
    fails: frozenset[str] = frozenset()
    """Checks that fail at once."""
    loses: frozenset[str] = frozenset()
    """Checks that pass at first and not after the reboot."""
    breaks: frozenset[str] = frozenset()
    """What must not change, and did: ids of keeps and of the kit's invariants."""
    after: str | None = None
    """The solution that is applied first."""

    @classmethod
    def read(cls, path: Path) -> WrongAnswer:
        """Read the header: the comment lines that the file begins with."""
        found: dict[str, str] = {}
        for number, line in enumerate(read_text(path).splitlines(), 1):
            if line == "---" or line.startswith("#!") or not line.strip():
                continue
            if not line.startswith("#"):
                break
            header = HEADER.fullmatch(line.rstrip())
            if header is None:
                continue
            if header["key"] not in HEADERS:
                raise wrong(path, number, f"unknown header `{header['key']}`", _REMEDY)
            if header["key"] in found:
                raise wrong(path, number, f"has the header {header['key']} twice", _REMEDY)
            found[header["key"]] = header["value"].strip()
        if "why" not in found:
            raise wrong(path, 1, "doesn't say why somebody would do this", _REMEDY)
        if not any(key in found for key in _LISTS):
            raise wrong(path, 1, "doesn't say what fails with it", _REMEDY)
        lists = {key: frozenset(re.split(r"[,\s]+", found.get(key, ""))) - {""} for key in _LISTS}
        return cls(path=path, why=found["why"], after=found.get("after"), **lists)
