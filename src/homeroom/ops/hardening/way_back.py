"""Refuses a firewall that would lock out the operator who writes it."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, ip_address

from homeroom.ops.answers import NotDone
from homeroom.ops.hardening.ruleset import NamedAddresses
from homeroom.ops.hardening.wireguard import NETWORK
from homeroom.ops.host.port_owners import read_of
from homeroom.ops.host.served import parent_of
from homeroom.portal.addresses import Address, Network


def check_way_back(named: NamedAddresses, session: Address | None, *, is_sure: bool) -> None:
    """Refuses rules that would lock the operator out. Raises NotDone."""
    if is_sure:
        return
    if session is not None and not any(session in each for each in (*named.operators, *_tunnel(named))):
        todo = f"Add --operators {session}, or say --yes if you get in another way."
        raise NotDone(f"You are signed in from {session}, and these rules would not let you in again. {todo} Nothing was written.")
    if session is None and not named.operators and not named.tunnels:
        todo = "Name addresses with --operators, or say --yes if you get in another way."
        raise NotDone(f"These rules would let no one sign in by SSH. {todo} Nothing was written.")


def _tunnel(named: NamedAddresses) -> tuple[Network, ...]:
    return (IPv4Network(NETWORK),) if named.tunnels else ()


def session_address(environment: Mapping[str, str] = os.environ, pid: int = 0) -> Address | None:
    """Returns the address from which this SSH session comes. sudo takes it out of the environment, so the processes above are asked, too."""
    said = environment.get("SSH_CONNECTION", "")
    above: int | None = pid or os.getpid()
    while not said and above:
        lines = read_of(above, "environ").decode(errors="replace").split("\0")
        said = next((line.partition("=")[2] for line in lines if line.startswith("SSH_CONNECTION=")), "")
        above = parent_of(above)
    try:
        return ip_address(said.split()[0].partition("%")[0]) if said else None
    except ValueError:
        return None
