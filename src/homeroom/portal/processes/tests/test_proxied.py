"""Who asks, behind a proxy: the last hop that isn't trusted, by a header or by the PROXY protocol."""

import asyncio
import socket
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.addresses import block_of, client_of, network
from homeroom.portal.place import Place, PlaceOdd
from homeroom.portal.processes.proxied import SIGNATURE, ProxyOdd, client_told
from homeroom.portal.processes.tests.fronting import TOML, ask, head_sent

PROXIES = [network("127.0.0.0/8"), network("10.0.0.0/24"), network("fd00::/64")]
trusted = st.sampled_from(["127.0.0.1", "10.0.0.7", "fd00::7", "::ffff:10.0.0.9"])
strangers = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str).filter(lambda text: not any(ip_address(text) in each for each in PROXIES))


@given(st.lists(strangers, max_size=3), strangers, st.lists(trusted, max_size=3), trusted)
def test_the_last_hop_that_is_not_trusted_counts(claimed: list[str], client: str, hops: list[str], peer: str) -> None:
    """`claimed` is what the client wrote into the header itself."""
    line = ", ".join([*claimed, client, *hops])
    assert ip_address(client_of(peer, [line], PROXIES)) == plain(client)
    assert ip_address(client_of(peer, [*claimed, ",".join([client, *hops])], PROXIES)) == plain(client), "several lines are one"


@given(strangers, st.lists(strangers, max_size=3))
def test_a_header_of_anyone_else_is_dropped(peer: str, claimed: list[str]) -> None:
    assert client_of(peer, claimed, PROXIES) == peer


@given(trusted, st.text(max_size=20))
def test_no_header_makes_an_address_of_something_else(peer: str, text: str) -> None:
    assert ip_address(client_of(peer, [text], PROXIES))


@pytest.mark.parametrize(
    ("hop", "client"), [("203.0.113.5:4711", "203.0.113.5"), ("[2001:db8::5]:4711", "2001:db8::5"), ("2001:db8::5", "2001:db8::5"), ("unknown", "127.0.0.1")]
)
def test_ports_of_hops_are_left_out(hop: str, client: str) -> None:
    assert client_of("127.0.0.1", [hop], PROXIES) == client


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_customers_ipv6_addresses_count_as_one(address: IPv6Address, other: int) -> None:
    if not address.ipv4_mapped:
        assert block_of(str(address)) == block_of(str(IPv6Address(int(address) >> 64 << 64 | other)))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_counts_for_itself_also_when_a_socket_for_both_gives_it(address: IPv4Address) -> None:
    assert block_of(f"::ffff:{address}") == block_of(str(address)) == str(address)


def plain(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def version_2(family: int, rest: bytes, command: int = 0x21) -> bytes:
    return SIGNATURE + bytes([command, family]) + struct.pack("!H", len(rest)) + rest


V4 = ip_address("203.0.113.5").packed + ip_address("127.0.0.1").packed + struct.pack("!HH", 4711, 443)
V6 = ip_address("2001:db8::5").packed + ip_address("::1").packed + struct.pack("!HH", 4711, 443)
BEGINNINGS = [
    (b"PROXY TCP4 203.0.113.5 127.0.0.1 4711 443\r\n", "203.0.113.5"),
    (b"PROXY TCP6 2001:db8::5 ::1 4711 443\r\n", "2001:db8::5"),
    (b"PROXY UNKNOWN\r\n", ""),
    (version_2(0x11, V4), "203.0.113.5"),
    (version_2(0x21, V6), "2001:db8::5"),
    (version_2(0x11, V4 + b"\x04\x00\x01x"), "203.0.113.5"),  # with a further field
    (version_2(0x11, V4, command=0x20), ""),  # the proxy itself
    (version_2(0x00, b""), ""),
]


def told(sent: bytes) -> tuple[str, bytes]:
    """Returns the client's address and what is left to read."""

    async def read() -> tuple[str, bytes]:
        here, there = socket.socketpair()
        with here, there:
            here.sendall(sent + b"GET / HTTP/1.1")
            here.shutdown(socket.SHUT_WR)
            there.setblocking(False)
            return await client_told(there), await asyncio.get_running_loop().sock_recv(there, 100)

    return asyncio.run(read())


@pytest.mark.parametrize(("beginning", "client"), BEGINNINGS)
def test_the_proxy_protocol_names_the_client_and_leaves_the_request(beginning: bytes, client: str) -> None:
    assert told(beginning) == (client, b"GET / HTTP/1.1")


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HTTP/1.1\r\n",
        b"PROXY \r\nGET /",
        b"PROXY TCP4 here there 1 2\r\n",
        b"PROXY TCP4 " + b"1" * 200,
        version_2(0x11, V4[:5]),
        version_2(0x11, V4, command=0x31),
        SIGNATURE + b"\x21\x11\xff\xff" + b"x" * 70000,
        SIGNATURE,
    ],
)
def test_another_beginning_is_refused(beginning: bytes) -> None:
    with pytest.raises(ProxyOdd):
        told(beginning)


@given(st.binary(max_size=200), st.sampled_from([b"", b"PROXY ", SIGNATURE, SIGNATURE + b"\x21\x11"]))
def test_any_beginning_names_an_address_or_none_or_is_refused(rest: bytes, start: bytes) -> None:
    try:
        client, _ = told(start + rest)
    except ProxyOdd:
        return
    assert client == "" or ip_address(client)


def test_a_trusted_proxy_says_who_asks_and_no_one_else_does(portal: Path) -> None:
    async def asked(session: ClientSession, url: str) -> str:
        async with session.get(url, headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.5"}) as answer:
            return str((await answer.json())["headers"]["x-forwarded-for"])

    async def trusting(session: ClientSession, url: str) -> None:
        assert await asked(session, url) == "203.0.113.5"

    async def alone(session: ClientSession, url: str) -> None:
        assert await asked(session, url) == "127.0.0.1"

    ask(portal, alone)
    (portal / "portal.toml").write_text(TOML + 'trusted_proxy = ["127.0.0.1"]\n')
    ask(portal, trusting)


def test_a_connection_behind_the_proxy_protocol_is_its_clients(portal: Path) -> None:
    (portal / "portal.toml").write_text(TOML + 'trusted_proxy = ["127.0.0.1"]\nproxy_protocol = true\n')

    async def use(_session: ClientSession, url: str) -> None:
        assert '"x-forwarded-for": "203.0.113.5"' in await head_sent(url, BEGINNINGS[0][0] + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await head_sent(url, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == "", "without the beginning no one is served"

    ask(portal, use)


@pytest.mark.parametrize("line", ["trusted_proxy = 5", 'trusted_proxy = ["here"]', 'school_networks = ["203.0.113.5/24"]', "school_networks = [7]"])
def test_a_network_that_is_none_is_named(portal: Path, line: str) -> None:
    (portal / "portal.toml").write_text(f"{TOML}{line}\n")
    with pytest.raises(PlaceOdd, match=line.split()[0]):
        Place.read(portal)
