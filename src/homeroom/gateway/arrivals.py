"""Listens on the gateway's port and accepts connections, one at a time, so that signed-in callers are served in between."""

import asyncio
import errno
import socket
from functools import partial

from asyncssh import SSHServerConnection, SSHServerConnectionOptions

from homeroom.gateway.sftp import Doorkeeper

QUEUE = 1024  # connections that wait in the kernel
PAUSE = 0.2  # seconds after an accept that failed. Without a pause, a gateway without file descriptors would use all of a processor


def listening(host: str, port: int) -> list[socket.socket]:
    """Returns a socket for each address of the host. Raises OSError if the port is taken, or no address is this computer's."""
    found: list[socket.socket] = []
    missing: OSError | None = None
    places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, place in dict.fromkeys((each[0], each[4]) for each in places):
        try:
            found.append(socket.create_server(place, family=family, backlog=QUEUE))
        except OSError as odd:
            if odd.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                raise
            missing = odd
    if missing and not found:
        raise missing
    for each in found:
        each.setblocking(False)
    return found


async def welcome(keeper: Doorkeeper, door: socket.socket, options: SSHServerConnectionOptions) -> None:
    """Accepts connections until it is canceled. One that fails never ends it."""
    loop = asyncio.get_running_loop()
    make = partial(SSHServerConnection, loop, options)
    while True:
        try:
            caller, _ = await loop.sock_accept(door)
        except OSError as failed:
            keeper.run_short(failed)
            await asyncio.sleep(PAUSE)
            continue
        try:
            await loop.connect_accepted_socket(make, caller)
        except OSError:  # the caller has gone
            caller.close()
