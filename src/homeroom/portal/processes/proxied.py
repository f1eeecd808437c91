"""The PROXY protocol: a trusted proxy begins each connection with the address of the client behind it (versions 1 and 2 of HAProxy's specification)."""

import asyncio
import socket
from ipaddress import ip_address

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # of version 2
LONGEST_LINE = 107  # bytes, of version 1
LONGEST_REST = 536  # bytes after the first 16 of version 2: what every receiver must take
ADDRESS_BYTES = {0x1: 4, 0x2: 16}  # by family: IPv4 and IPv6


class ProxyOdd(Exception):
    """The connection does not begin as the protocol says."""


async def client_told(connection: socket.socket) -> str:
    """Reads the beginning and not a byte more. Returns the client's address, or "" if the proxy speaks for itself. Raises ProxyOdd and OSError."""
    first = await _exactly(connection, len(SIGNATURE))
    if first == SIGNATURE:
        return await _version_2(connection)
    if first.startswith(b"PROXY "):
        return await _version_1(connection, first)
    raise ProxyOdd


async def _version_1(connection: socket.socket, line: bytes) -> str:
    while not line.endswith(b"\r\n"):
        if len(line) == LONGEST_LINE:
            raise ProxyOdd
        line += await _exactly(connection, 1)
    words = line.decode("latin-1").split()
    if words[1:2] == ["UNKNOWN"]:
        return ""
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        raise ProxyOdd
    return _address(words[2])


async def _version_2(connection: socket.socket) -> str:
    version, family, *size = await _exactly(connection, 4)
    many = int.from_bytes(bytes(size))
    if version not in (0x20, 0x21) or many > LONGEST_REST:
        raise ProxyOdd
    rest = await _exactly(connection, many)
    length = ADDRESS_BYTES.get(family >> 4)
    if version == 0x20 or length is None:  # a check by the proxy itself, or a client without an internet address
        return ""
    if len(rest) < 2 * length + 4:
        raise ProxyOdd
    return str(ip_address(rest[:length]))


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as odd:
        raise ProxyOdd from odd


async def _exactly(connection: socket.socket, size: int) -> bytes:
    loop, read = asyncio.get_running_loop(), b""
    while len(read) < size:
        piece = await loop.sock_recv(connection, size - len(read))
        if not piece:
            raise ProxyOdd
        read += piece
    return read
