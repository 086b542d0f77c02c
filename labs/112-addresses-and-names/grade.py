"""Grades lab 112."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Baseline, Values


def _json(host: Host, command: str) -> list[dict[str, Any]]:
    """`ip -json` prints nothing at all where there is nothing to say."""
    text = host.run(command).stdout.strip()
    return list(json.loads(text)) if text else []


def _found(host: Host) -> list[str]:
    paths = host.run("ls -d /sys/class/net/*/device").stdout.split()
    return [path.split("/")[4] for path in paths]


def remember(host: Host, lab: Values) -> dict[str, Any]:  # noqa: ARG001 - one signature for all labs
    """After the set-up only the first card has an address."""
    links = _json(host, "ip -json -4 addr show scope global")
    addressed = [link.get("ifname") for link in links]  # {} is what the filter leaves out
    return {"first": next(card for card in _found(host) if card in addressed)}


def _second(host: Host, baseline: Baseline) -> str:
    found = _found(host)
    others = [card for card in found if card != baseline["first"]]
    expect.that(
        len(others) == 1, "network cards", found=found, wanted=f"{baseline['first']} and one more"
    )
    return others[0]


def _method(host: Host, card: str, family: str) -> str:
    profile = host.run(f"nmcli -g GENERAL.CON-UUID device show {card}").stdout.strip()
    if not profile:
        return "no connection profile"
    return str(host.run(f"nmcli -g {family}.method connection show {profile}").stdout.strip())


def _addresses(host: Host, card: str, family: int) -> list[str]:
    links = _json(host, f"ip -json -{family} addr show dev {card} scope global")
    return [
        str(ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}"))
        for link in links
        for entry in link.get("addr_info", [])
        if "local" in entry  # {} is what the filter leaves out
    ]


def test_ipv4(host: Host, lab: Values, baseline: Baseline) -> None:
    card = _second(host, baseline)
    expect(f"IPv4 addresses of {card}", found=_addresses(host, card, 4), wanted=[f"{lab.ipv4}/24"])
    expect(f"where {card} has it from", found=_method(host, card, "ipv4"), wanted="manual")


def test_ipv6(host: Host, lab: Values, baseline: Baseline) -> None:
    card = _second(host, baseline)
    wanted = str(ipaddress.ip_interface(f"{lab.ipv6}/64"))
    found = _addresses(host, card, 6)
    expect.that(wanted in found, f"IPv6 addresses of {card}", found=found, wanted=wanted)
    expect(f"where {card} has it from", found=_method(host, card, "ipv6"), wanted="manual")


def test_route(host: Host, lab: Values, baseline: Baseline) -> None:
    card = _second(host, baseline)
    network = ipaddress.IPv4Network(str(lab.network))
    # both ends of the network: a route to one host of it is no route to the network
    for address in (network[1], network[-2]):
        expect(f"way to {address}", found=_ways(host, address), wanted=[(lab.gateway, card)])
    routes = _json(host, "ip -json -4 route show")
    through = [route["dst"] for route in routes if route.get("gateway") == lab.gateway]
    beyond = [name for name in through if not _network(name).subnet_of(network)]
    expect(f"what else goes through {lab.gateway}", found=beyond, wanted=[])


def _network(name: str) -> ipaddress.IPv4Network:
    """What `ip` calls default is every address."""
    return ipaddress.IPv4Network("0.0.0.0/0" if name == "default" else name)


def _ways(host: Host, address: object) -> list[tuple[str, str]]:
    """Gateway and card on the way to an address; none when the kernel knows no way."""
    routes = _json(host, f"ip -json route get {address}")
    return [(route.get("gateway", "directly"), route.get("dev", "")) for route in routes]


def test_hostname(host: Host, lab: Values) -> None:
    static = host.run("hostnamectl --static").stdout.strip()
    expect("the name that is set", found=static, wanted=lab.fqdn)
    expect("the name in force", found=host.run("uname -n").stdout.strip(), wanted=lab.fqdn)


def test_resolves(host: Host, lab: Values) -> None:
    name = f"{lab.store}.example.com"
    answers = host.run(f"getent ahostsv4 {name}").stdout.splitlines()
    found = sorted({line.split()[0] for line in answers if line.strip()})
    expect(f"addresses of {name}", found=found, wanted=[lab.database])


def keep_first_card(host: Host, baseline: Baseline) -> None:
    first = str(baseline["first"])
    method = _method(host, first, "ipv4")
    expect(f"where {first} has its address from", found=method, wanted="auto")
