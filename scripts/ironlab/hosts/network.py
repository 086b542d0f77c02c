"""The private network between this machine and its hosts."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.locks import lock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ironlab.hosts.podman import Podman

NAME = "ironlab"
SUBNET = "10.77.0.0/24"
DYNAMIC = "10.77.0.128/25"  # below it are the fixed addresses of inventories: box1 = 10.77.0.11


def ensure(podman: Podman) -> None:
    """Make the network when it is missing; refuse another network of the same name."""
    with lock("network", wait=True):
        networks = podman.inspect("network", NAME)
        if not networks:
            _create(podman)
            return
    subnets = [entry.get("subnet") for entry in networks[0].get("subnets") or []]
    if subnets != [SUBNET]:
        message = f"podman network {NAME} has the subnet {subnets}, not {SUBNET}"
        remedy = f"remove it (`podman network rm {NAME}`) and try again"
        raise IronlabError(message, remedy, ExitCode.PREREQUISITE)


def _create(podman: Podman) -> None:
    done = podman.try_("network", "create", "--subnet", SUBNET, "--ip-range", DYNAMIC, NAME)
    if done.ok:
        return
    if "already" in done.err:
        message = f"the subnet {SUBNET} of Ironlab's hosts is in use on this machine"
        remedy = "see `ip route` and `podman network ls`, and remove what uses it"
        raise IronlabError(message, remedy, ExitCode.PREREQUISITE)
    raise IronlabError(f"podman network create: {done.reason}", "see `./ironlab doctor`")


def check_address(address: str) -> None:
    """Refuse an address that no host on the network can have."""
    try:
        fits = ip_address(address) in ip_network(SUBNET)
    except ValueError:
        fits = False
    if not fits:
        remedy = f"Ironlab's hosts live in {SUBNET}"
        raise IronlabError(f"a host here can't have the address {address}", remedy, ExitCode.USAGE)


def free_address(used: Iterable[str]) -> str:
    """The first address of the dynamic range that no host has."""
    taken = set(used)
    for address in map(str, ip_network(DYNAMIC).hosts()):
        if address not in taken:
            return address
    raise IronlabError(
        f"all addresses in {DYNAMIC} are in use", "destroy hosts: ./ironlab host list"
    )


def mac_address(address: str) -> str:
    """The same for the same address: nobody's ARP cache is wrong after a reset."""
    local = 0x02  # locally administered, so that it collides with no card's own
    return ":".join(f"{octet:02x}" for octet in (local, 0, *ip_address(address).packed))
