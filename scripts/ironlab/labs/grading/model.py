"""What a grading leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from ironlab.hosts import Host

Outcome: TypeAlias = Literal["passed", "failed", "not_checked", "error", "unreachable"]
Kind: TypeAlias = Literal["check", "keep", "kit"]
Fault: TypeAlias = Literal["none", "host", "learner"]
Value: TypeAlias = str | int

COMMAND_SECONDS = 20.0  # on a host, for one command; `host.run(..., limit=60)` for a slow one


@dataclass(frozen=True)
class Target:
    """How the grader reaches a host of a lab."""

    name: str
    address: str
    port: int
    user: str
    identity_file: str
    known_hosts: str

    @classmethod
    def of(cls, host: Host) -> Target:
        """The target that a host of Ironlab is."""
        return cls(
            host.name,
            host.address,
            host.port,
            host.user,
            str(host.identity_file),
            str(host.known_hosts),
        )


class Record(BaseModel):
    """Never changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expectation(Record):
    """One thing that a check wanted, and what there was."""

    what: str
    wanted: str
    found: str
    met: bool


class Probe(Record):
    """A command that the grader ran, and all it said."""

    host: str
    command: str
    rc: int
    stdout: str
    stderr: str
    seconds: float = 0.0


class Access(Record):
    """Whether the grader got into a host, and whose fault it is when it did not."""

    ok: bool
    fault: Fault = "none"
    message: str = ""
    remedy: str = ""
    boot_id: str = ""
    notes: list[str] = []
    """What is wrong with the host and no check asks about, such as a full disk."""


class CheckResult(Record):
    """How one check, keep or kit-wide invariant came out."""

    id: str
    title: str
    objective: str | None = None
    kind: Kind = "check"
    points: int
    """What it is worth; of a keep and of an invariant, what breaking it costs."""
    persists: bool = True
    """Whether it must hold after the reboot too."""
    outcome: Outcome
    expectations: list[Expectation] = []
    message: str = ""
    """Why it did not pass, in one line."""
    probes: list[Probe] = []


class Grading(Record):
    """All checks at one moment."""

    at: datetime
    access: dict[str, Access]
    results: list[CheckResult]
    values: dict[str, Value] = {}
    """The parameters' values that it was graded by."""
    sources: dict[str, str] = {}
    """The sha256 of each file of the lab that decides a grading."""

    @property
    def boot_ids(self) -> dict[str, str]:
        """Of each host that was reached."""
        return {alias: access.boot_id for alias, access in self.access.items() if access.ok}

    @property
    def fault(self) -> Fault:
        """Whose fault it is that a host was not reached; the kit's side comes first."""
        faults = {access.fault for access in self.access.values()}
        return "host" if "host" in faults else "learner" if "learner" in faults else "none"

    def result(self, check_id: str) -> CheckResult:
        """The result of that check, keep or invariant."""
        return next(result for result in self.results if result.id == check_id)
