"""What this machine allows a container to have: cgroup version and resource limits.

podman's defaults assume a machine with cgroup v2 and a caller who may raise limits. Neither holds
everywhere (in a container or a small VM often neither does), so both are looked at.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from ironlab.process import Run

SOURCES = ("/proc/self/status", "/proc/self/limits", "/proc/mounts", "/proc/sys/kernel/pid_max")
CAP_SYS_RESOURCE = 24
PODMAN_NOFILE = 1048576  # podman's own default; more would serve nothing here
SBIN = "/usr/sbin:/sbin:/usr/local/sbin"

Cgroup = Literal["v1", "hybrid", "v2"]


@dataclass(frozen=True)
class Limits:
    """The facts that decide how a container can be started."""

    cgroup: Cgroup
    may_raise_limits: bool
    nofile: int
    nproc: int

    @property
    def runtime(self) -> str | None:
        """The OCI runtime to ask for; None is podman's own choice."""
        return None if self.cgroup == "v2" else "runc"  # crun refuses v1 and hybrid

    @property
    def ulimits(self) -> list[str]:
        """Podman options: limits no higher than what the caller may set."""
        if self.may_raise_limits:
            return []
        nofile = f"nofile={self.nofile}:{self.nofile}"
        return ["--ulimit", nofile, "--ulimit", f"nproc={self.nproc}:{self.nproc}"]


def detect(run: Run) -> Limits:
    """Read the facts as the user that will start containers (root, maybe through sudo)."""
    done = run(["cat", *SOURCES])
    if not done.ok:
        remedy = "Ironlab starts containers as root: run it as root or allow yourself sudo"
        raise IronlabError(f"cannot act as root: {done.reason}", remedy, ExitCode.PREREQUISITE)
    return parse(done.out)


def parse(text: str) -> Limits:
    """Understand the concatenated text of `SOURCES`."""
    effective = int(_field(r"^CapEff:\s*([0-9a-f]+)$", text), 16)
    # podman first lowers its own process limit to pid_max, and can't raise it again
    pid_max = int(_field(r"^(\d+)$", text))
    return Limits(
        cgroup=_cgroup(text),
        may_raise_limits=bool(effective >> CAP_SYS_RESOURCE & 1),
        nofile=min(_hard("Max open files", text), PODMAN_NOFILE),
        nproc=min(_hard("Max processes", text), pid_max),
    )


def _cgroup(text: str) -> Cgroup:
    kinds = dict(re.findall(r"^\S+ (/sys/fs/cgroup(?:/unified)?) (\S+) ", text, re.MULTILINE))
    if kinds.get("/sys/fs/cgroup") == "cgroup2":
        return "v2"
    return "hybrid" if "/sys/fs/cgroup/unified" in kinds else "v1"


def _hard(name: str, text: str) -> int:
    value = _field(rf"^{name}\s+\S+\s+(\S+)", text)
    return 2**31 if value == "unlimited" else int(value)


def _field(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        message = f"cannot understand /proc on this machine (no {pattern!r})"
        raise IronlabError(message, "report it with the output of `./ironlab doctor --json`")
    return found[1]


def require_runtime(limits: Limits) -> None:
    """Fail in one line when the runtime that this machine needs is not installed."""
    runtime = limits.runtime
    if runtime and not shutil.which(runtime) and not shutil.which(runtime, path=SBIN):
        message = f"this machine has cgroup {limits.cgroup}, where only {runtime} can run podman"
        remedy = f"install {runtime} (`./ironlab up` does), or boot with cgroup v2"
        raise IronlabError(message, remedy, ExitCode.PREREQUISITE)
