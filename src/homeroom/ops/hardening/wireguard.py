"""`homeroom host harden --wireguard`: a tunnel to this host for one operator or vault. Keys are made here and are never printed."""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.listening import TUNNEL
from homeroom.ops.host.addresses import check_host
from homeroom.ops.host.installation import Installation
from homeroom.seal.whole import write_whole

INTERFACE = "homeroom"
NETWORK = "10.83.76.0/24"  # this host has the first address, and each computer in the tunnel has one of the others
PORT = 51820
MARK = "# Homeroom's tunnel for "
PEER = "# Peer: "
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
type Section = tuple[str, dict[str, str]]  # the name of a peer ("" for the host's own section), and its values


@dataclass(frozen=True, slots=True)
class Tunnel:
    """`server` is the host's file and `peer` the other computer's. `is_new` is False if the tunnel has that computer already."""

    server: Path
    peer: Path
    port: int
    is_new: bool


def add(installation: Installation, name: str, endpoint: str, port: int) -> Tunnel:
    """Makes the tunnel if there isn't one, and adds a computer to it. Raises NotDone."""
    if not NAME.fullmatch(name):
        raise NotDone(f"{name!r} can't be the name of a computer in the tunnel. Use small letters, digits and hyphens, such as operator.")
    server = installation.folder / TUNNEL
    peer, head = server.with_name(f"{name}.peer.conf"), f"{MARK}{installation.folder}"
    had = _read(server, head)
    port = int(had[0][1]["ListenPort"]) if had else port
    if any(known == name for known, _ in had):
        return Tunnel(server, peer, port, is_new=False)
    check_host(endpoint)
    if peer.exists():
        raise NotDone(f"{peer} exists, but the tunnel has no {name}. Move it away, then run this again. Nothing was written.")
    own, theirs, shared = had[0][1]["PrivateKey"] if had else new_key(), new_key(), encoded(os.urandom(32))
    address = free_address(had)
    sections = had or [("", {"Address": f"{first()}/24", "ListenPort": str(port), "PrivateKey": own})]
    sections.append((name, {"PublicKey": public(theirs), "PresharedKey": shared, "AllowedIPs": f"{address}/32"}))
    at = f"[{endpoint}]:{port}" if ":" in endpoint else f"{endpoint}:{port}"
    line = {"PublicKey": public(own), "PresharedKey": shared, "Endpoint": at, "AllowedIPs": f"{first()}/32", "PersistentKeepalive": "25"}
    server.parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(peer, written(head, [("", {"PrivateKey": theirs, "Address": f"{address}/32"}), ("this host", line)]).encode())
    write_whole(server, written(head, sections).encode())
    return Tunnel(server, peer, port, is_new=True)


def _read(server: Path, head: str) -> list[Section]:
    """Returns [] if there is no tunnel yet. Raises NotDone."""
    if not server.exists():
        return []
    text = server.read_text()
    if text.splitlines()[:1] != [head]:
        raise NotDone(f"{server} exists, and Homeroom did not write it for this folder. Move it away, then run this again. Nothing was written.")
    try:
        found = sections_of(text)
        if found[0][0] or not {"ListenPort", "PrivateKey"} <= found[0][1].keys() or not found[0][1]["ListenPort"].isdigit():
            raise ValueError("no section of this host")
        public(found[0][1]["PrivateKey"])
        free_address(found)
    except (ValueError, IndexError, KeyError) as odd:
        raise NotDone(f"{server} can't be read as a tunnel's file. Put it right, or move it away. Nothing was written.") from odd
    return found


def sections_of(text: str) -> list[Section]:
    """Reads a file of wg-quick(8), as written() writes it. Raises ValueError."""
    found: list[Section] = []
    name = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith(PEER):
            name = line.removeprefix(PEER)
        elif line in ("[Interface]", "[Peer]"):
            found.append(("" if line == "[Interface]" else name, {}))
        elif line and not line.startswith("#"):
            word, equals, value = line.partition("=")
            if not equals or not found:
                raise ValueError("a line that is no setting")
            found[-1][1][word.strip()] = value.strip()
    return found


def written(head: str, sections: list[Section]) -> str:
    return "\n".join([head, *(_section(name, values) for name, values in sections)])


def _section(name: str, values: Mapping[str, str]) -> str:
    title = f"{PEER}{name}\n[Peer]" if name else "[Interface]"
    return f"\n{title}\n" + "".join(f"{word} = {value}\n" for word, value in values.items())


def first() -> IPv4Address:
    return next(IPv4Network(NETWORK).hosts())


def free_address(sections: list[Section]) -> IPv4Address:
    """Raises ValueError for odd addresses, NotDone if none is free."""
    taken = {first(), *(IPv4Network(values["AllowedIPs"]).network_address for name, values in sections if name)}
    try:
        return next(each for each in IPv4Network(NETWORK).hosts() if each not in taken)
    except StopIteration:
        raise NotDone("The tunnel has no free address. Take a computer out of it first.") from None


def new_key() -> str:
    return encoded(X25519PrivateKey.generate().private_bytes_raw())


def public(private: str) -> str:
    """Returns the public half. Raises ValueError."""
    return encoded(X25519PrivateKey.from_private_bytes(base64.b64decode(private, validate=True)).public_key().public_bytes_raw())


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()
