"""What this machine can do: each finding says what was seen and what to do about it."""

from __future__ import annotations

import http.client
import os
import platform
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ironlab import kvm, paths, prerequisites
from ironlab.errors import IronlabError
from ironlab.finding import Finding
from ironlab.hosts import limits
from ironlab.process import run as run_here
from ironlab.process import run_as_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.finding import State
    from ironlab.process import Run

GIB = 1024**3
DISK_NEEDED = 8 * GIB  # both images, their layers and caches
MEMORY_NEEDED = 4 * GIB
CORES_NEEDED = 2
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
WATCHES_OF_A_HOST = 9  # measured: systemd, D-Bus and cron of one container
WATCHES_NEEDED = 128  # the kernel's own default
NOFILE_NEEDED = 10240  # what EL's units ask for (redis)
REGISTRY = "registry-1.docker.io"
ROCKY = "dl.rockylinux.org"
SECONDS = 3.0


def worst(findings: list[Finding]) -> State:
    """The state of the whole."""
    states = {finding.state for finding in findings}
    return "missing" if "missing" in states else "warn" if "warn" in states else "ok"


def examine(run: Run = run_here, run_root: Run = run_as_root) -> list[Finding]:
    """Look at everything; what takes long runs side by side."""
    looks: list[Callable[[], list[Finding]]] = [
        lambda: [python(), cores(), memory(), disk(), watches()],
        lambda: containers(run_root),
        lambda: [kvm.qemu(run), kvm.works(run)],
        lambda: supply(registry(), mirror(run)),
    ]
    with ThreadPoolExecutor(len(looks)) as pool:
        return [finding for found in pool.map(lambda look: look(), looks) for finding in found]


def python() -> Finding:
    """The interpreter that runs this."""
    return Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")


def cores() -> Finding:
    """How many processors this process may use."""
    count = len(os.sched_getaffinity(0))
    if count < CORES_NEEDED:
        return Finding("cores", "warn", str(count), "two cores halve the time of most things here")
    return Finding("cores", "ok", str(count))


def memory() -> Finding:
    """How much memory could be used now."""
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    free = int(found[1]) * 1024 if found else 0
    seen = f"{free / GIB:.1f} GiB available"
    if free < MEMORY_NEEDED:
        return Finding("memory", "warn", seen, "the stack and its tests want 4 GiB")
    return Finding("memory", "ok", seen)


def disk() -> Finding:
    """How much space images and caches have."""
    free = {}
    for folder in (prerequisites.STORAGE, paths.cache_dir()):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free[folder] = shutil.disk_usage(there).free
    folder, least = min(free.items(), key=lambda item: item[1])
    seen = f"{least / GIB:.1f} GiB free at {folder}"
    if least < DISK_NEEDED:
        return Finding("disk", "warn", seen, "both images and their caches want 8 GiB")
    return Finding("disk", "ok", seen)


def watches(limit: Path = INOTIFY) -> Finding:
    """How many containers the kernel's limit on inotify leaves room for: each runs a systemd."""
    count = int(limit.read_text(encoding="ascii"))
    seen = f"{count} instances a user: some {count // WATCHES_OF_A_HOST} containers at once"
    if count < WATCHES_NEEDED:
        remedy = f"for more: sysctl -w fs.inotify.max_user_instances={8 * WATCHES_NEEDED}"
        return Finding("inotify", "warn", seen, remedy)
    return Finding("inotify", "ok", seen)


def containers(run: Run) -> list[Finding]:
    """podman, and what it can use here."""
    try:
        facts = limits.detect(run)
    except IronlabError as error:
        return [Finding("root", "missing", error.message, error.remedy)]
    findings = [_cgroup(facts), _ulimits(facts)]
    form = "{{.Version.Version}} {{.Host.NetworkBackend}} {{.Host.OCIRuntime.Name}}"
    info = run(["podman", "info", "--format", form], timeout=20)
    if not info.ok:
        remedy = "./ironlab up installs it"
        return [Finding("podman", "missing", info.reason, remedy), *findings]
    version, network, runtime = info.out.split()
    findings.insert(0, Finding("podman", "ok", f"{version}"))
    if network == "netavark":
        findings.append(Finding("network backend", "ok", network))
    else:
        remedy = (
            "install netavark and aardvark-dns, then `podman system reset` (removes containers)"
        )
        findings.append(Finding("network backend", "warn", network, remedy))
    try:
        limits.require_runtime(facts)
        findings.append(Finding("runtime", "ok", facts.runtime or runtime))
    except IronlabError as error:
        findings.append(Finding("runtime", "missing", error.message, error.remedy))
    return findings


def _cgroup(facts: limits.Limits) -> Finding:
    if facts.cgroup == "v2":
        return Finding("cgroup", "ok", "v2")
    seen = f"{facts.cgroup}: works with runc; EL 10's systemd is at home on v2"
    return Finding("cgroup", "warn", seen, "boot with systemd.unified_cgroup_hierarchy=1")


def _ulimits(facts: limits.Limits) -> Finding:
    if facts.may_raise_limits:
        return Finding("ulimits", "ok", "can be raised (CAP_SYS_RESOURCE)")
    seen = f"no CAP_SYS_RESOURCE: at most {facts.nofile} files, {facts.nproc} processes"
    if facts.nofile < NOFILE_NEEDED:
        return Finding("ulimits", "warn", seen, f"raise the hard limit to {NOFILE_NEEDED} files")
    return Finding("ulimits", "ok", seen)


def supply(registry: Finding, mirror: Finding) -> list[Finding]:
    """Images can be built as long as one of the two answers."""
    if registry.state == mirror.state == "warn":
        mirror = replace(mirror, state="missing")
    return [registry, mirror]


def registry() -> Finding:
    """Whether real Rocky images can be had."""
    if _answers("https", REGISTRY, "/v2/"):
        return Finding("container registry", "ok", f"{REGISTRY} answers")
    seen = f"{REGISTRY} does not answer within {SECONDS:g} s: images will be stand-ins"
    remedy = "for real Rocky, connect to docker.io (stand-ins need Debian 12 or newer)"
    return Finding("container registry", "warn", seen, remedy)


def mirror(run: Run) -> Finding:
    """Whether packages for a stand-in can be had, from where this machine's apt gets its own."""
    if prerequisites.package_manager() != "apt":
        if _answers("https", ROCKY, "/"):
            return Finding("package mirror", "ok", f"{ROCKY} answers")
        return Finding("package mirror", "warn", f"{ROCKY} does not answer", "check the network")
    done = run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"])
    sites = sorted({site for site in done.out.split() if site.startswith("http")})
    if not sites:
        remedy = "name a Debian mirror in /etc/apt/sources.list, then `apt-get update`"
        return Finding("package mirror", "warn", "this machine's apt knows no mirror", remedy)
    for site in sites:
        parts = urlsplit(site)
        if _answers(parts.scheme, parts.netloc, parts.path or "/"):
            return Finding("package mirror", "ok", f"{parts.hostname} answers")
    seen = f"none of {', '.join(sites)} answers within {SECONDS:g} s"
    return Finding("package mirror", "warn", seen, "check the network, or apt's sources")


def _answers(scheme: str, host: str, path: str) -> bool:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, timeout=SECONDS)
    try:
        connection.request("HEAD", path)
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
