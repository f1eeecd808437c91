"""`homeroom host harden --firewall`: the nftables rules of this host. They drop what they don't know, and open the ports that Homeroom needs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.listening import HTTP
from homeroom.ops.hardening.asking import NoAnswer, NotThere, ask
from homeroom.ops.hardening.needed_ports import NeededPorts
from homeroom.ops.hardening.wireguard import INTERFACE
from homeroom.ops.host.installation import Installation
from homeroom.portal.addresses import Network, network
from homeroom.portal.place import Place
from homeroom.seal.whole import write_whole

NAME = "firewall.nft"  # in the installation's folder
MARK = "# Homeroom's firewall for "
TABLE = "homeroom"
UNDO = "homeroom-undo"  # the timer that takes rules back

HEAD = """{mark}
# `homeroom host harden --firewall` rewrites this file. It changes only the table {table}, and no other rules of this computer.
table inet {table}
delete table inet {table}
table inet {table} {{
"""
INPUT = """    chain input {
        type filter hook input priority filter; policy drop;
        iif "lo" accept
        ct state vmap { established : accept, related : accept, invalid : drop }
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, nd-redirect, mld-listener-query } ip6 hoplimit { 1, 255 } accept
        icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } limit rate 50/second burst 100 packets accept
        icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } limit rate 50/second burst 100 packets accept
        ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
"""


@dataclass(frozen=True, slots=True)
class NamedAddresses:
    """The addresses that may come in where no stranger may. `more` has ports that are open to everyone, such as those of another program."""

    operators: tuple[Network, ...] = ()
    vault: tuple[Network, ...] = ()
    gateway: tuple[Network, ...] = ()
    vault_ports: tuple[int, ...] = ()
    tunnels: tuple[int, ...] = ()
    more: tuple[int, ...] = ()


def networks(texts: Iterable[str] | None, option: str) -> tuple[Network, ...]:
    """Raises NotDone."""
    found = []
    for text in texts or ():
        try:
            found.append(network(text))
        except ValueError as odd:
            raise NotDone(f"{option} {text} is no address or network. Write one like 203.0.113.5 or 203.0.113.0/28. Nothing was written.") from odd
        if found[-1].prefixlen == 0:
            raise NotDone(f"{option} {text} names every address, so SSH would be open to strangers. Nothing was written.")
    return tuple(dict.fromkeys(found))


def named(options: Mapping[str, Any], needed: NeededPorts) -> NamedAddresses:
    """Reads the lists of the command's options, each of which may be left out. Raises NotDone."""
    found = NamedAddresses(
        **{name: networks(options.get(name), f"--{name}") for name in ("operators", "vault", "gateway")},
        vault_ports=tuple(options.get("vault_ports") or ()),
        tunnels=(options["tunnel"],) if options.get("tunnel") else needed.tunnels,
        more=tuple(options.get("more") or ()),
    )
    if found.vault_ports and not found.vault and not found.tunnels:
        raise NotDone("--vault-port opens a port to the vault only. Name its address with --vault. Nothing was written.")
    if closed := set(found.more) & {*needed.ssh, *needed.inboxes, *found.vault_ports}:
        raise NotDone(f"--open {min(closed)} would open SSH, a backup store or an inbox to everyone. Name addresses for it. Nothing was written.")
    return found


def rules(needed: NeededPorts, named: NamedAddresses, mark: str) -> str:
    """Returns the text for `nft -f`."""
    sets = {"operators": named.operators, "vault": named.vault, "gateway": named.gateway}
    sets |= {f"proxy{port}": proxies for port, proxies in needed.proxied}
    lines = [HEAD.format(mark=mark, table=TABLE).rstrip("\n")]
    lines += [line for name, those in sets.items() for line in _sets(name, those)]
    lines += [line for name in _limits(needed) for line in _meters(name)]
    lines += [INPUT.rstrip("\n"), *(f"        {line}" for line in _ways(needed, named)), "    }", "}"]
    return "\n".join(lines) + "\n"


def _sets(name: str, those: Iterable[Network]) -> Iterator[str]:
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        if found := [str(each) for each in those if each.version == version]:
            yield f"    set {name}{version} {{ type {kind}; flags interval; auto-merge; elements = {{ {', '.join(found)} }}; }}"


def _meters(name: str) -> Iterator[str]:
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        yield f"    set {name}_rate{version} {{ type {kind}; size 65535; flags dynamic,timeout; timeout 1m; }}"


def _limits(needed: NeededPorts) -> dict[str, tuple[tuple[int, ...], str]]:
    """Returns the new connections that one address may make. A whole school can have one address. An IPv6 address counts by its /64."""
    every = {"pages": (needed.pages, "200/second burst 2000 packets"), "sftp": (needed.sftp, "60/minute burst 60 packets")}
    return {name: each for name, each in every.items() if each[0]}


def _ways(needed: NeededPorts, named: NamedAddresses) -> Iterator[str]:
    ssh = _ports(needed.ssh)
    for name, (ports, rate) in _limits(needed).items():
        yield f"tcp dport {_ports(ports)} add @{name}_rate4 {{ ip saddr limit rate over {rate} }} drop"
        yield f"tcp dport {_ports(ports)} add @{name}_rate6 {{ ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over {rate} }} drop"
    if open_ports := sorted(needed.for_all | set(named.more)):
        yield f"tcp dport {_ports(open_ports)} accept"
    for port, proxies in needed.proxied:
        yield from _from(f"proxy{port}", proxies, str(port))
    if needed.inboxes:
        yield from _from("gateway", named.gateway, _ports(needed.inboxes))
    yield from _from("operators", named.operators, ssh)
    yield from _from("vault", named.vault, _ports(named.vault_ports or needed.ssh))
    if named.tunnels:
        yield f"udp dport {_ports(named.tunnels)} accept"
        yield f'iifname "{INTERFACE}" tcp dport {_ports(sorted({*needed.ssh, *named.vault_ports}))} accept'


def _from(name: str, those: Iterable[Network], ports: str) -> Iterator[str]:
    for version, kind in ((4, "ip"), (6, "ip6")):
        if any(each.version == version for each in those):
            yield f"{kind} saddr @{name}{version} tcp dport {ports} accept"


def _ports(those: Iterable[int]) -> str:
    found = list(dict.fromkeys(those))
    return str(found[0]) if len(found) == 1 else f"{{ {', '.join(map(str, found))} }}"


def mark(installation: Installation) -> str:
    return f"{MARK}{installation.folder}"


def write_ours(path: Path, text: str, first_line: str) -> bool:
    """Writes a file unless it has this text. Returns whether it was written. Raises NotDone if someone else wrote the file that is there."""
    had = path.read_text(errors="replace") if path.is_file() and not path.is_symlink() else "" if path.exists() or path.is_symlink() else None
    if had is not None and had.splitlines()[:1] != [first_line]:
        raise NotDone(f"{path} exists, and Homeroom did not write it for this folder. Move it away, or choose another file with --into. Nothing was written.")
    if had == text:
        return False
    if not path.parent.is_dir():
        raise NotDone(f"There is no folder {path.parent}. Nothing was written.")
    write_whole(path, text.encode(), 0o600)
    return True


def not_read(path: Path) -> str:
    """Lets nft read the file without loading it. Returns why that can't be done, or "". Raises NotDone if nft refuses the file."""
    try:
        ask("nft", "-c", "-f", str(path))
    except NotThere:
        return "nft isn't installed, so the file was not tested. Install Debian's package nftables."
    except NoAnswer as odd:
        if "Operation not permitted" in str(odd):
            return "Only root can let nft test the file."
        raise NotDone(f"nft refuses {path}: {odd} Please report this.") from odd
    return ""


def told(installation: Installation, file: Path, needed: NeededPorts, named: NamedAddresses, untested: str, *, is_written: bool) -> Iterator[str]:
    """Yields what the operator reads: what the rules do, and what to do next."""
    yield f"{file} {'is written' if is_written else 'is as it was'}. {untested or 'nft read it without an error.'} Nothing is in effect yet."
    open_ports = sorted(needed.for_all | set(named.more))
    yield f"Open to everyone: {', '.join(map(str, open_ports)) or 'nothing'}."
    tunnel = ["the tunnel"] if named.tunnels else []
    ways = [*map(str, dict.fromkeys((*named.operators, *(() if named.vault_ports else named.vault)))), *tunnel]
    yield f"SSH (port {', '.join(map(str, needed.ssh))}) from: {', '.join(ways) or 'nowhere'}."
    if named.vault_ports:
        yield f"The backup store (port {', '.join(map(str, named.vault_ports))}) from: {', '.join([*map(str, named.vault), *tunnel])}."
    if needed.inboxes and not named.gateway:
        yield f"Port {', '.join(map(str, needed.inboxes))} stays closed, so no gateway can deliver files. Name it with --gateway ADDRESS."
    yield "Load the rules, and let them go away by themselves after five minutes:"
    yield f"    systemd-run --unit {UNDO} --on-active 5min nft delete table inet {TABLE} && nft -f {file}"
    yield f"Sign in from a second terminal. If that works: systemctl stop {UNDO}.timer"
    yield f'To load them at each start, add this line to /etc/nftables.conf, then run systemctl enable nftables: include "{file}"'
    words = " ".join(f"--open {port}" for port in open_ports if port != HTTP)
    yield f"On another computer, prove it: homeroom doctor --from-outside {_host(installation)} {words}".rstrip()


def _host(installation: Installation) -> str:
    portals = installation.whole()
    return Place.read(portals[0]).host if portals else read_settings(installation.folder).sftp_host
