"""Reads the firewall that is in effect (`nft -j list ruleset`): whether it drops what it doesn't know, and which ports it opens to everyone."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeroom.ops.hardening.asking import NoAnswer, NotThere, ask
from homeroom.ops.hardening.needed_ports import NeededPorts
from homeroom.ops.host.finding import Finding

WHAT = "firewall"
MAKE = "Write one with `homeroom host harden --firewall`."
FAMILIES = {"ip": {4}, "ip6": {6}, "inet": {4, 6}}
INSIDE = ("lo", "wg", "homeroom")  # interfaces that no stranger's packet comes through: this computer's own, and tunnels
WIDEST = 65_536
Json = Mapping[str, Any]


@dataclass(slots=True)
class Filter:
    """What the input chains do. `closed` has the IP versions for which an unknown packet is dropped. `tcp` and `udp` have ports that every address reaches.
    `unread` counts rules that this check doesn't understand."""

    closed: set[int] = field(default_factory=set)
    tcp: set[int] = field(default_factory=set)
    udp: set[int] = field(default_factory=set)
    opens_all: bool = False
    unread: int = 0


def firewall(needed: NeededPorts) -> Iterator[Finding]:
    """Raises NoAnswer."""
    try:
        text = ask("nft", "-j", "list", "ruleset")
    except NotThere:
        yield Finding("bad", WHAT, f"nft isn't installed, so nothing was read. Install Debian's package nftables. {MAKE}")
        return
    yield from judged(read(text), needed)


def judged(seen: Filter, needed: NeededPorts) -> Iterator[Finding]:
    if seen.closed != {4, 6} and not seen.unread:
        open_ip = " and ".join(f"IPv{version}" for version in sorted({4, 6} - seen.closed))
        yield Finding("bad", WHAT, f"Nothing drops what comes in by {open_ip}, so each open port can be reached. {MAKE}")
        return
    if seen.unread:
        told = f"It has {seen.unread} rules that this check can't read, such as those of ufw, firewalld or iptables."
        yield Finding("unknown", WHAT, f"{told} `homeroom doctor --from-outside` on another computer shows which ports are open.")
        return
    if seen.opens_all:
        yield Finding("bad", WHAT, f"A rule lets every address reach every port. {MAKE}")
        return
    found = list(_ports(seen, needed))
    yield from found or [Finding("ok", WHAT, f"Drops what it doesn't know. Open to everyone: {_list(seen.tcp) or 'no port'}.")]


def _ports(seen: Filter, needed: NeededPorts) -> Iterator[Finding]:
    if ssh := seen.tcp & set(needed.ssh):
        told = f"Every address reaches SSH (port {_list(ssh)}). Name yours with `homeroom host harden --firewall --operators ADDRESS`, or use --wireguard."
        yield Finding("bad", f"{WHAT}: SSH", told)
    if odd := seen.tcp - set(needed.ssh) - needed.for_all:
        yield Finding("warn", f"{WHAT}: ports", f"Every address reaches port {_list(odd)}, which Homeroom doesn't need. {MAKE}")
    if odd := seen.udp - set(needed.tunnels):
        yield Finding("warn", f"{WHAT}: UDP", f"Every address reaches UDP port {_list(odd)}, which Homeroom doesn't need. {MAKE}")
    if missing := {*needed.pages, *needed.sftp} - seen.tcp - {80}:
        yield Finding("bad", f"{WHAT}: closed", f"Port {_list(missing)} is closed, but families or districts need it. {MAKE}")


def _list(ports: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ports)[:20]))


def read(text: str) -> Filter:
    """Raises NoAnswer if it isn't what `nft -j` prints."""
    try:
        parts = [part for part in json.loads(text)["nftables"] if isinstance(part, dict)]
        chains = [part["chain"] for part in parts if "chain" in part]
        rules = [part["rule"] for part in parts if "rule" in part]
        sets = {(part["set"]["family"], part["set"]["table"], part["set"]["name"]): part["set"].get("elem", []) for part in parts if "set" in part}
        seen = Filter()
        for chain in chains:
            if chain.get("hook") == "input" and chain.get("type") == "filter" and chain["family"] in FAMILIES:
                _chain(seen, chain, [rule for rule in rules if _key(rule, "chain") == _key(chain, "name")], sets)
    except (ValueError, KeyError, TypeError, AttributeError) as odd:
        raise NoAnswer(f"`nft -j list ruleset` printed something that this check can't read ({type(odd).__name__}).") from odd
    return seen


def _key(part: Json, name: str) -> tuple[str, str, str]:
    return part["family"], part["table"], part[name]


def _chain(seen: Filter, chain: Json, rules: list[Json], sets: Mapping[tuple[str, str, str], Any]) -> None:
    """Reads rules in their order. One without a condition ends the chain."""
    is_closed, found = chain.get("policy") == "drop", Filter()
    for rule in rules:
        words = [word for word in rule["expr"] if isinstance(word, dict) and not word.keys() & {"counter", "log", "limit"}]
        matches, last = [word["match"] for word in words if "match" in word], words[-1] if words else {}
        if last.keys() & {"drop", "reject"}:
            if len(words) == 1:
                is_closed = True
                break
        elif "accept" in last and len(matches) == len(words) - 1:
            _accept(found, matches, lambda name: sets[(chain["family"], chain["table"], name)])
        elif not is_about_state(words) and not last.keys() & {"set", "comment"} and last:
            found.unread += 1
    if is_closed or found.unread:
        seen.closed |= FAMILIES[chain["family"]] if is_closed else set()
        seen.tcp, seen.udp, seen.unread = seen.tcp | found.tcp, seen.udp | found.udp, seen.unread + found.unread
        seen.opens_all |= found.opens_all


def is_about_state(words: Sequence[Json]) -> bool:
    """A map of verdicts by the connection's state opens no port, unless it accepts new ones."""
    vmap = words[0].get("vmap", {}) if len(words) == 1 else {}
    pairs = vmap.get("data", {}).get("set", []) if vmap.get("key") == {"ct": {"key": "state"}} else []
    return bool(pairs) and not any("accept" in verdict for state, verdict in pairs if state in ("new", "untracked"))


def _accept(found: Filter, matches: list[Json], set_of: Any) -> None:
    """Adds what a rule opens to everyone. A rule about an address, an interface, a known connection or ICMP opens no port to everyone."""
    ports: dict[str, set[int]] = {}
    for match in matches:
        left, right, is_equal = match["left"], match["right"], match.get("op", "==") in ("==", "in")
        payload, meta = left.get("payload", {}), left.get("meta", {}).get("key", "")
        if is_equal and (_is_narrow(payload, right) or (meta in ("iif", "iifname") and str(right).startswith(INSIDE))):
            return
        if left.get("ct", {}).get("key") == "state" and is_equal and "new" not in str(right):
            return
        if payload.get("protocol") in ("icmp", "icmpv6") or (meta == "l4proto" and "icmp" in str(right)):
            return
        if payload.get("field") == "dport" and is_equal:
            kind = payload["protocol"]
            ports[kind] = numbers(set_of(right[1:]) if isinstance(right, str) and right.startswith("@") else right)
    for kind, those in ports.items():
        for into in (found.tcp, found.udp) if kind == "th" else (found.tcp,) if kind == "tcp" else (found.udp,):
            into |= those
    found.opens_all |= not ports or any(len(those) >= WIDEST - 1 for those in ports.values())


def _is_narrow(payload: Json, right: Any) -> bool:
    """Returns True if a rule names source addresses, and not all of them."""
    return payload.get("field") == "saddr" and not (isinstance(right, dict) and right.get("prefix", {}).get("len") == 0)


def numbers(value: Any) -> set[int]:
    """Reads a port, a range of ports, or a set of both. Raises TypeError for anything else."""
    if isinstance(value, int):
        return {value}
    if isinstance(value, list):
        return set().union(*(numbers(each) for each in value))
    if isinstance(value, dict) and "range" in value:
        first, last = value["range"]
        return set(range(int(first), int(last) + 1))
    if isinstance(value, dict) and "set" in value:
        return numbers(value["set"])
    raise TypeError(f"no ports: {value!r}")
