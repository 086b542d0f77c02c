"""Grades lab 110: peer tries every port; what holds for other hosts is asked of firewalld."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ironlab.labs.grading import expect

if TYPE_CHECKING:
    from testinfra.host import Host

    from ironlab.labs.grading import Values

_HEADER = re.compile(r"(\S+)(?: \((.*)\))?")
_RULE_PORT = re.compile(r'\bport port="([\d-]+)" protocol="tcp"')
_RULE_SERVICE = re.compile(r'\bservice name="([^"]+)"')
_RULE_OTHER = re.compile(r"\b(?:protocol value=|icmp-|masquerade|forward-port |source-port |port )")
_DENIED = re.compile(r"\b(?:reject|drop)\b")
_EVERYWHERE = "everywhere"
_RULE_SOURCE = re.compile(r'\bsource (?:NOT )?(?:address|ipset|mac)="([^"]+)"')


class Zone(NamedTuple):
    """What firewalld says of a zone that is in force."""

    name: str
    attributes: dict[str, str]
    rules: list[str]

    def words(self, attribute: str) -> list[str]:
        """The values of an attribute."""
        return self.attributes.get(attribute, "").split()


def _sections(text: str) -> list[Zone]:
    """Read `firewall-cmd --list-all-zones`, and `--info-service`, which looks the same."""
    zones: list[Zone] = []
    for line in text.splitlines():
        header = _HEADER.fullmatch(line)
        if header:
            zones.append(Zone(header[1], {}, []))
        elif zones and line.strip().startswith("rule "):
            zones[-1].rules.append(line.strip())
        elif zones and ":" in line:
            key, _, value = line.strip().partition(":")
            zones[-1].attributes[key] = value.strip()
    return zones


def _covers(ports: str, port: int) -> bool:
    first, _, last = ports.partition("-")
    return int(first) <= port <= int(last or first)


def _among(words: list[str], port: int) -> bool:
    return any(_covers(w.partition("/")[0], port) for w in words if w.endswith("/tcp"))


def _reaches(peer: Host, port: int) -> bool:
    return bool(peer.run("timeout 3 bash -c %s", f": < /dev/tcp/box/{port}").succeeded)


def _answers(host: Host, port: int) -> str:
    found = host.run("curl -s -m 3 -o /dev/null -w '%%{http_code}' http://localhost:%s/", str(port))
    return str(found.stdout)


def test_zone(host: Host, lab: Values) -> None:
    """Of the configuration in force; the reboot shows the permanent one."""
    zone = host.run("firewall-cmd --get-default-zone").stdout.strip()
    expect("the default zone", found=zone, wanted=lab.zone)


def _meant(rule: str, services: set[str], port: int) -> bool:
    """Whether a rule is about the port, in IPv4: the servers listen there."""
    ports, service = _RULE_PORT.search(rule), _RULE_SERVICE.search(rule)
    if 'family="ipv6"' in rule:
        return False
    if ports:
        return _covers(ports[1], port)
    return service[1] in services if service else not _RULE_OTHER.search(rule)


def _openings(zones: list[Zone], services: set[str], default: str, port: int) -> list[str]:
    """From where the port can be reached, by zone and rule."""
    sources: list[str] = []
    for zone in zones:
        if zone.name != default and not zone.words("interfaces") + zone.words("sources"):
            continue
        meant = [rule for rule in zone.rules if _meant(rule, services, port)]
        if any(_DENIED.search(rule) and not _RULE_SOURCE.search(rule) for rule in meant):
            continue  # firewalld denies before it allows
        inside = zone.words("sources") or [_EVERYWHERE]
        if zone.name == default or zone.words("interfaces"):
            inside = [_EVERYWHERE]
        if (
            zone.attributes.get("target") == "ACCEPT"
            or _among(zone.words("ports"), port)
            or services & set(zone.words("services"))
        ):
            sources += inside
        for rule in meant:
            if re.search(r"\baccept\b", rule):
                source = _RULE_SOURCE.search(rule)
                negated = "source NOT" in rule or source is None
                sources += inside if negated or source is None else [source[1]]
    return sources


def _spelled(source: str, sets: list[Zone]) -> list[str]:
    for one in sets:
        if source.removeprefix("ipset:") == one.name:
            return [entry.removesuffix("/32") for entry in one.words("entries")]
    return [source.removesuffix("/32")]


def _sources(host: Host, port: int, services: frozenset[str] = frozenset()) -> set[str]:
    """The addresses that may reach a port by the rules in force; `everywhere` where any host may.

    Args:
        host: whose rules.
        port: TCP.
        services: those of firewalld's own that the port belongs to; services made here are read.
    """
    own = host.run(
        "firewall-cmd --get-default-zone && firewall-cmd --list-all-zones && echo = &&"
        # one that was made and not loaded yet is in no zone in force
        " for s in /etc/firewalld/services/*.xml; do [ ! -e $s ] ||"
        " firewall-cmd --info-service=$(basename $s .xml) || :; done && echo = &&"
        " for s in $(firewall-cmd --get-ipsets); do firewall-cmd --info-ipset=$s; done"
    )
    expect("firewall-cmd's exit code", found=own.rc, wanted=0)
    default, _, rest = own.stdout.partition("\n")
    zones, _, more = rest.partition("\n=\n")
    made, _, ipsets = more.partition("=\n")
    with_port = {s.name for s in _sections(made) if _among(s.words("ports"), port)}
    openings = _openings(_sections(zones), with_port | services, default.strip(), port)
    sets = _sections(ipsets)
    return {entry for source in openings for entry in _spelled(source, sets)}


def _open_to_all(host: Host, peer: Host, port: int, services: frozenset[str]) -> None:
    expect(f"peer reaches box:{port}", found=_reaches(peer, port), wanted=True)
    sources = _sources(host, port, services)
    what = f"sources that may reach port {port}"
    expect.that(_EVERYWHERE in sources, what, found=sources or "none", wanted=_EVERYWHERE)


def test_web(host: Host, peer: Host) -> None:
    """Tried from outside; that other hosts can is read from the rules in force."""
    _open_to_all(host, peer, 80, frozenset({"http"}))


def test_app(host: Host, peer: Host, lab: Values) -> None:
    """Tried from outside; that other hosts can is read from the rules in force."""
    _open_to_all(host, peer, lab.port, frozenset())


def test_closed(host: Host, peer: Host, lab: Values) -> None:
    """Closed by the firewall, and not by stopping the console or for peer alone."""
    expect(f"peer reaches box:{lab.old}", found=_reaches(peer, lab.old), wanted=False)
    expect(f"box reaches its own port {lab.old}", found=_answers(host, lab.old), wanted="200")
    expect("state of firewalld", found=host.run("firewall-cmd --state").stdout, wanted="running\n")
    found = _sources(host, lab.old)
    expect(f"sources that may reach port {lab.old}", found=found, wanted=set())


def test_limited(host: Host, peer: Host, lab: Values) -> None:
    """Tried from peer; that no other host can is read from the rules in force."""
    expect(f"peer reaches box:{lab.db}", found=_reaches(peer, lab.db), wanted=True)
    address = host.run("getent ahostsv4 peer").stdout.split(" ")[0].strip()
    found = _sources(host, lab.db)
    expect(f"sources that may reach port {lab.db}", found=found, wanted={address})
