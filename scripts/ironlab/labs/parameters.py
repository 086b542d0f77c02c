"""The parameters of a lab: what each kind may be drawn from."""

from __future__ import annotations

import ipaddress
import itertools
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ironlab.labs.pools import RESERVED_PORTS, names

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = str | int
MAX_PORT = 65535
_MOST_ADDRESSES = 1000
_Range = TypeVar("_Range", "Integer", "Port")


class Strict(BaseModel):
    """A part of lab.yml: no unknown keys, no changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Parameter(Strict):
    """One value that differs from seed to seed."""

    unlike: list[str] = Field(
        default=[], description="Parameters before this one whose values this one must not have."
    )

    @property
    def family(self) -> str:
        """Parameters of one family never get the same value; `` is no family."""
        return ""

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:
        """Everything that it can be, where the host has these free disks."""
        raise NotImplementedError


class Name(Parameter):
    """A name that nothing on a fresh host has; different from every other name of the lab."""

    kind: Literal["name"]
    of: Literal["person", "group", "directory", "host", "service", "word"]

    @property
    def family(self) -> str:
        """All names are one family: a user isn't called as a group is."""
        return "name"

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:  # noqa: ARG002 - one signature
        """The pool of its kind of name."""
        return names()[self.of]


class Integer(Parameter):
    """A whole number."""

    kind: Literal["integer"]
    lowest: int = Field(alias="from")
    highest: int = Field(alias="to")
    step: int = Field(default=1, gt=0)

    @model_validator(mode="after")
    def _not_empty(self) -> Integer:
        return _ordered(self)

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:  # noqa: ARG002 - one signature
        """From the lowest to the highest, both included."""
        return range(self.lowest, self.highest + 1, self.step)


class Choice(Parameter):
    """One of a list."""

    kind: Literal["choice"]
    of: list[Value] = Field(min_length=2)

    @model_validator(mode="after")
    def _distinct(self) -> Choice:
        if len(set(self.of)) < len(self.of):
            message = "lists a value twice"
            raise ValueError(message)
        return self

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:  # noqa: ARG002 - one signature
        """The list."""
        return self.of


class Port(Parameter):
    """A port that no service of the kit uses and SELinux's policy gives no type."""

    kind: Literal["port"]
    lowest: int = Field(alias="from", ge=1024, le=MAX_PORT)
    highest: int = Field(alias="to", ge=1024, le=MAX_PORT)

    @model_validator(mode="after")
    def _not_empty(self) -> Port:
        return _ordered(self)

    @property
    def family(self) -> str:
        """No port is drawn twice."""
        return "port"

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:  # noqa: ARG002 - one signature
        """The range without the ports that mean something already."""
        return [p for p in range(self.lowest, self.highest + 1) if p not in RESERVED_PORTS]


class Disk(Parameter):
    """One of the extra disks that `needs` lists, as a path in the guest."""

    kind: Literal["disk"]

    @property
    def family(self) -> str:
        """No disk is drawn twice."""
        return "disk"

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:
        """The free disks."""
        return disks


class Address(Parameter):
    """The address of a host, IPv4 or IPv6, without a prefix."""

    kind: Literal["address"]
    network: str

    @model_validator(mode="after")
    def _is_network(self) -> Address:
        ipaddress.ip_network(self.network)  # says what is wrong with it as a ValueError
        return self

    @property
    def family(self) -> str:
        """No address is drawn twice."""
        return "address"

    def candidates(self, disks: Sequence[str]) -> Sequence[Value]:  # noqa: ARG002 - one signature
        """The network's hosts but the first nine: routers and the kit's own hosts live there."""
        hosts = ipaddress.ip_network(self.network).hosts()
        return [str(host) for host in itertools.islice(hosts, 9, _MOST_ADDRESSES)]


def _ordered(parameter: _Range) -> _Range:
    if parameter.lowest > parameter.highest:
        message = f"goes from {parameter.lowest} to {parameter.highest}, which is nothing"
        raise ValueError(message)
    return parameter


AnyParameter = Annotated[
    Name | Integer | Choice | Port | Disk | Address, Field(discriminator="kind")
]
