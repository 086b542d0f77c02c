"""The Debian archive, seen through an apt of our own that leaves the controller's alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_ALTERNATIVE = re.compile(r"^\s*([a-z0-9][a-z0-9+.-]*)")


@dataclass(frozen=True)
class Deb:
    """What the archive says about one package."""

    name: str
    version: str
    arch: str
    filename: str
    depends: tuple[tuple[str, ...], ...]
    provides: tuple[str, ...]
    summary: str = ""

    @property
    def upstream(self) -> str:
        """The version without epoch, Debian revision and repacking marks."""
        version = self.version.split(":", 1)[-1].rsplit("-", 1)[0]
        return re.sub(r"[+.~](dfsg|ds|really|git)[^-]*$", "", version).replace("-", ".")


@dataclass
class Archive:
    """The packages of one suite and the way to fetch them."""

    suite: str
    work: Path
    debs: dict[str, Deb] = field(default_factory=dict)
    providers: dict[str, list[str]] = field(default_factory=dict)

    def update(self) -> None:
        """Fetch the suite's indexes, signature checked by apt, and read them."""
        for sub in ("state/lists/partial", "cache/archives/partial"):
            (self.work / sub).mkdir(parents=True, exist_ok=True)
        (self.work / "status").touch()
        self._write_configuration()
        outcome = self._apt("apt-get", "-o", "Acquire::Retries=2", "-q", "update", "--error-on=any")
        if outcome.returncode != 0:
            cause = (outcome.stderr.strip().splitlines() or ["apt-get update failed"])[0]
            raise IronlabError(
                f"the Debian mirror does not serve {self.suite} ({cause})",
                "check the network and this machine's apt sources",
                ExitCode.PREREQUISITE,
            )
        self.read(self._apt("apt-cache", "dumpavail").stdout)

    def read(self, available: str) -> None:
        """Take in an index in apt's own form."""
        for stanza in available.split("\n\n"):
            if deb := parse_stanza(stanza):
                self.debs[deb.name] = deb
                for virtual in deb.provides:
                    self.providers.setdefault(virtual, []).append(deb.name)

    def resolve(self, alternatives: tuple[str, ...], chosen: Iterable[str]) -> str | None:
        """Name the package that satisfies a dependency: a chosen one, else the first there is."""
        known = set(chosen)
        candidates = [
            name
            for alternative in alternatives
            for name in (alternative, *self.providers.get(alternative, ()))
            if name in self.debs
        ]
        return next((name for name in candidates if name in known), next(iter(candidates), None))

    def closure(
        self, wanted: Iterable[str], without: set[str], ignore: dict[str, set[str]]
    ) -> list[str]:
        """List the wanted packages and all they depend on.

        Args:
            wanted: names of Debian packages.
            without: packages that are never followed.
            ignore: dependencies not followed, by the package that has them.
        """
        queue = list(dict.fromkeys(wanted))
        if missing := [name for name in queue if name not in self.debs]:
            raise IronlabError(
                f"Debian {self.suite} has no package {', '.join(missing)}",
                "mend the debs of the manifest",
                ExitCode.USAGE,
            )
        found = dict.fromkeys(queue)
        while queue:
            name = queue.pop(0)
            for alternatives in self.debs[name].depends:
                dropped = without | ignore.get(name, set())
                if dropped & set(alternatives):
                    continue
                needed = self.resolve(alternatives, found)
                if needed and needed not in found and needed not in dropped:
                    found[needed] = None
                    queue.append(needed)
        return list(found)

    def download(
        self, names: Iterable[str], into: Path, progress: Callable[[str], None]
    ) -> dict[str, Path]:
        """Fetch packages that are not in the cache yet; apt checks their sums."""
        into.mkdir(parents=True, exist_ok=True)
        paths = {name: into / _file_name(self.debs[name]) for name in names}
        missing = [name for name, path in paths.items() if not path.exists()]
        partial = self.work / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        for start in range(0, len(missing), 25):
            batch = missing[start : start + 25]
            progress(f"download {start + len(batch)}/{len(missing)} {batch[-1]}")
            pins = [f"{name}={self.debs[name].version}" for name in batch]
            outcome = self._apt("apt-get", "-q", "download", *pins, cwd=partial)
            if outcome.returncode != 0:
                cause = (outcome.stderr.strip().splitlines() or ["no reason given"])[0]
                raise IronlabError(
                    f"a package could not be downloaded ({cause})",
                    "check the network, then run it again: what is here is kept",
                    ExitCode.PREREQUISITE,
                )
            for name in batch:
                (partial / paths[name].name).replace(paths[name])
        return paths

    def _apt(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"APT_CONFIG": str(self.work / "apt.conf"), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command, env=environment, cwd=cwd, capture_output=True, text=True, check=False
        )

    def _write_configuration(self) -> None:
        main, security = mirrors()
        lines = [(main, self.suite), (main, f"{self.suite}-updates")]
        lines.append((security, f"{self.suite}-security"))
        (self.work / "sources.list").write_text(
            "".join(f"deb [signed-by={KEYRING}] {uri} {suite} main\n" for uri, suite in lines)
        )
        options = {
            "Dir::State": self.work / "state",
            "Dir::State::status": self.work / "status",
            "Dir::Cache": self.work / "cache",
            "Dir::Etc::sourcelist": self.work / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferencesparts": "-",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
        }
        (self.work / "apt.conf").write_text(
            "".join(f'{option} "{value}";\n' for option, value in options.items())
        )


def mirrors() -> tuple[str, str]:
    """Read the controller's own Debian mirror and security mirror out of its apt."""
    command = ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    by_label = dict(line.rsplit(" ", 1) for line in reversed(listed.splitlines()) if " " in line)
    main = by_label.get("Debian")
    if main is None:
        raise IronlabError(
            "this machine's apt knows no Debian mirror",
            "run `apt-get update` with a Debian mirror in /etc/apt, then try again",
            ExitCode.PREREQUISITE,
        )
    fallback = main.rstrip("/").removesuffix("/debian") + "/debian-security/"
    return main, by_label.get("Debian-Security", fallback)


def parse_stanza(stanza: str) -> Deb | None:
    """Read one paragraph of a Packages index."""
    fields: dict[str, str] = {}
    for line in stanza.splitlines():
        if line[:1] not in {" ", "\t"}:
            key, _, value = line.partition(":")
            fields[key] = value.strip()
    if "Package" not in fields or "Filename" not in fields:
        return None
    depends = ", ".join(filter(None, (fields.get("Pre-Depends"), fields.get("Depends"))))
    return Deb(
        name=fields["Package"],
        version=fields["Version"],
        arch=fields["Architecture"],
        filename=fields["Filename"],
        depends=tuple(
            tuple(match[1] for part in group.split("|") if (match := _ALTERNATIVE.match(part)))
            for group in depends.split(",")
            if group.strip()
        ),
        provides=tuple(
            match[1]
            for part in fields.get("Provides", "").split(",")
            if (match := _ALTERNATIVE.match(part))
        ),
        summary=fields.get("Description", ""),
    )


def _file_name(deb: Deb) -> str:
    return f"{deb.name}_{deb.version.replace(':', '%3a')}_{deb.arch}.deb"
