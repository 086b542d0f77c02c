"""The manifest: what each EL package of a stand-in is made of, as data.

An entry of `images/packages/*.yml` may give any value as a map whose keys are EL majors
(`{9: ..., 10: ...}`); `load_packages` picks the image's own before the entry is validated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ironlab.errors import ExitCode, IronlabError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAJORS = (9, 10)

Repo = Literal["baseos", "appstream", "extras", "epel", "pgdg"]


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        message = f"'{path}' is not an absolute path"
        raise ValueError(message)
    return path


def _octal(mode: str) -> str:
    if not mode.isdigit() or int(mode, 8) > 0o7777:  # noqa: PLR2004 - the bits chmod knows
        message = f"'{mode}' is not an octal mode in quotes"
        raise ValueError(message)
    return mode


def _text(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


AbsolutePath = Annotated[str, AfterValidator(_absolute)]
Mode = Annotated[str, AfterValidator(_octal)]
Text = Annotated[str, BeforeValidator(_text)]


class Strict(BaseModel):
    """A misspelt key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Attr(Strict):
    """Owner and mode of a path, by EL's names."""

    mode: Mode | None = None
    owner: str = "root"
    group: str = "root"
    caps: str | None = None


class Directory(Attr):
    """A directory that the package owns."""

    mode: Mode = "0755"


class File(Attr):
    """A file with EL's content: `src` under images/files/, or the content itself."""

    mode: Mode = "0644"
    src: str | None = None
    content: str | None = None
    config: Literal["noreplace", "replace", "none"] | None = None
    varies: bool = False  # other packages and the administrator write it: `rpm -V` looks away

    def model_post_init(self, _context: object) -> None:
        """Exactly one of the two must say what is in it."""
        if (self.src is None) == (self.content is None):
            message = "give either src or content"
            raise ValueError(message)


class Edit(Strict):
    """A change to a Debian text file: `find` must occur in it exactly once."""

    find: str
    put: str


class User(Strict):
    """A system user made before the package's files are laid down."""

    name: str
    uid: int | None = None
    gid: int | None = None
    group: str | None = None
    home: AbsolutePath = "/"
    shell: AbsolutePath = "/sbin/nologin"
    comment: str = ""
    groups: list[str] = []


class Group(Strict):
    """A system group."""

    name: str
    gid: int | None = None


class Module(Strict):
    """The AppStream module stream that also carries the package (EL 9)."""

    name: str
    stream: Text


class Package(Strict):
    """One EL package."""

    name: str
    el: list[Literal[9, 10]] = [9, 10]
    repo: Repo = "baseos"
    version: Text | None = None
    release: Text = "1"
    epoch: int | None = None
    module: Module | None = None
    debs: list[str] = []
    via: list[str] = []  # Debian packages that only name the current one: it joins `debs`
    take: list[AbsolutePath] | None = None
    drop: list[AbsolutePath] = []
    move: dict[AbsolutePath, AbsolutePath] = {}
    links: dict[AbsolutePath, str] = {}
    edit: dict[AbsolutePath, list[Edit]] = {}
    files: dict[AbsolutePath, File] = {}
    dirs: dict[AbsolutePath, Directory] = {}
    attrs: dict[AbsolutePath, Attr] = {}
    config: list[AbsolutePath] | None = None
    ghost: list[AbsolutePath] = []
    users: list[User] = []
    groups: list[Group] = []
    units: list[str] = []
    requires: list[str] = []
    ignore_requires: list[str] = []
    provides: list[str] = []
    conflicts: list[str] = []
    obsoletes: list[str] = []
    pre: str = ""
    post: str = ""
    preun: str = ""
    postun: str = ""
    triggers: dict[AbsolutePath, str] = {}
    summary: str = ""
    source: str = Field(min_length=1)
    standin: str = ""


def for_major(value: Any, major: int) -> Any:  # noqa: ANN401 - YAML as it was read
    """Pick what `{9: ..., 10: ...}` says for one major, at any depth.

    A key whose map has nothing for this major is left out.
    """
    if isinstance(value, list):
        return [for_major(_chosen(item, major), major) for item in value if _concerns(item, major)]
    if isinstance(value, dict):
        return {
            key: for_major(_chosen(item, major), major)
            for key, item in value.items()
            if _concerns(item, major)
        }
    return value


def _by_major(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and set(value) <= set(MAJORS)


def _concerns(value: object, major: int) -> bool:
    return not (isinstance(value, dict) and _by_major(value)) or major in value


def _chosen(value: Any, major: int) -> Any:  # noqa: ANN401 - YAML as it was read
    return value[major] if _by_major(value) else value


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - YAML as it was read
    """Read one file of the recipe; what is wrong with it is said in one line."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        cause = str(error).replace("\n", " ")
        raise IronlabError(
            f"cannot read {path}: {cause}", "mend the file", ExitCode.USAGE
        ) from error


def validation_error(path: Path, what: str, error: ValidationError) -> IronlabError:
    """Name the file, the entry, the key and what is wrong with it."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    return IronlabError(
        f"{path.name}: {what}: {key}: {first['msg']}", "mend the recipe", ExitCode.USAGE
    )


def load_packages(paths: Iterable[Path], major: int) -> list[Package]:
    """Read the entries that concern one EL major, in the order of the files."""
    found: dict[str, Package] = {}
    for path in paths:
        for raw in read_yaml(path) or []:
            what = str(raw.get("name", "entry without a name"))
            if major not in raw.get("el", MAJORS):
                continue
            try:
                entry = Package.model_validate(for_major(raw, major))
            except ValidationError as error:
                raise validation_error(path, what, error) from error
            if entry.name in found:
                raise IronlabError(
                    f"{path.name}: {what} is described twice for EL {major}",
                    "keep one entry",
                    ExitCode.USAGE,
                )
            found[entry.name] = entry
    return list(found.values())
