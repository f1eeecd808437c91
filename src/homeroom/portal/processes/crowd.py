"""The front's connections: it accepts them, counts them by address, and closes those that have waited longest when there are too many.

A proxy's connections are many people's, so a trusted proxy is not counted as an address. It counts for itself (docs/hosting.md)."""

import asyncio
import errno
import logging
import resource
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from homeroom.portal.addresses import block_of, is_in
from homeroom.portal.place import Place
from homeroom.portal.processes.proxied import ProxyOdd, client_told

MOST = 4000  # connections
AN_ADDRESS, A_SCHOOL = 128, 2000  # connections or requests at the same time from one address, and from a school's network
HANDSHAKE, INTRODUCTION = 10.0, 5.0  # seconds for TLS, and for a proxy to name the client
HEAD = 64 << 10  # bytes of a request's first lines
OTHER_FILES = 600  # open files that are no visitor's: 400 connections to web and door, and a reserve
FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
PAUSE = 0.5  # seconds without accepting, when the computer has no room for another connection
_log = logging.getLogger("front")

type MakeHandler = Callable[[], asyncio.Protocol]


class Connection(asyncio.Protocol):
    """Passes everything on to the handler. `client` is the address that counts; `block` is "" for a trusted proxy that speaks for others."""

    def __init__(self, crowd: "Crowd", client: str, block: str) -> None:
        self.crowd, self.client, self.block = crowd, client, block
        self.transport: asyncio.Transport | None = None
        self.beginning: asyncio.Task[None] | None = None
        self.handler = crowd.make_handler()
        self.is_answered = False
        self.unanswered = 0  # bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.handler.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not self.is_answered:
            if self.unanswered > HEAD:
                self.abort()
                return
            self.unanswered += len(data)
        self.handler.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.leave(self)
        self.handler.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self.handler.eof_received()

    def pause_writing(self) -> None:
        self.handler.pause_writing()

    def resume_writing(self) -> None:
        self.handler.resume_writing()

    def abort(self) -> None:
        self.crowd.leave(self)
        if self.transport is not None:
            self.transport.abort()
        elif self.beginning is not None:
            self.beginning.cancel()


class Crowd:
    """`make_handler` makes aiohttp's protocol for one connection."""

    def __init__(self, place: Place, make_handler: MakeHandler, context: ssl.SSLContext | None) -> None:
        self.place, self.make_handler, self.context = place, make_handler, context
        self.most = room_for()
        self.all: dict[asyncio.BaseProtocol, Connection] = {}  # by handler
        self.waiting: dict[Connection, None] = {}  # no whole request, longest first
        self.of_block: dict[str, dict[Connection, None]] = {}
        self.asking: Counter[str] = Counter()  # requests now, by the client's block
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, listener: socket.socket) -> None:
        """Accepts connections until it is canceled."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                connection, peer = await loop.sock_accept(listener)
            except ConnectionAbortedError:
                continue
            except OSError as full:
                if full.errno not in FULL:
                    raise
                _log.warning("no room for another connection: %s", errno.errorcode[full.errno])
                await asyncio.sleep(PAUSE)
                continue
            task = loop.create_task(self._begin(connection, str(peer[0])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _begin(self, taken: socket.socket, peer: str) -> None:
        """Lets a connection in, or closes it without a word: its beginning is wrong, or there is no room."""
        connection = None
        try:
            is_proxy = is_in(peer, self.place.trusted_proxy)
            client = await self._introduced(taken, peer) if is_proxy and self.place.proxy_protocol else peer
            connection = Connection(self, client, "" if is_in(client, self.place.trusted_proxy) else block_of(client))
            connection.beginning = asyncio.current_task()
            if self.enter(connection):
                patience = HANDSHAKE if self.context else None
                await asyncio.get_running_loop().connect_accepted_socket(
                    lambda: connection, taken, ssl=self.context, ssl_handshake_timeout=patience
                )
                return
        except (OSError, ProxyOdd, asyncio.CancelledError):
            if connection:
                self.leave(connection)
        taken.close()

    async def _introduced(self, taken: socket.socket, peer: str) -> str:
        async with asyncio.timeout(INTRODUCTION):
            return await client_told(taken) or peer

    def enter(self, connection: Connection) -> bool:
        mates = self.of_block.get(connection.block, {})
        oldest: Connection | None = None
        if connection.block and len(mates) >= self.limit(connection.block):
            oldest = next((each for each in mates if each in self.waiting), None)
        elif len(self.all) >= self.most:
            oldest = next(iter(self.waiting), None)
        else:
            return self._keep(connection)
        if oldest is None:
            return False
        oldest.abort()
        return self._keep(connection)

    def _keep(self, connection: Connection) -> bool:
        self.all[connection.handler] = connection
        self.waiting[connection] = None
        self.of_block.setdefault(connection.block, {})[connection] = None
        return True

    def leave(self, connection: Connection) -> None:
        self.all.pop(connection.handler, None)
        self.waiting.pop(connection, None)
        mates = self.of_block.get(connection.block, {})
        mates.pop(connection, None)
        if not mates:
            self.of_block.pop(connection.block, None)

    def limit(self, block: str) -> int:
        return A_SCHOOL if is_in(block.partition("/")[0], self.place.school_networks) else AN_ADDRESS

    @contextmanager
    def begun(self, handler: asyncio.BaseProtocol) -> Iterator[None]:
        """A request began. Its body may still be on its way, so the connection still waits."""
        connection = self.all.get(handler)
        if connection:
            connection.is_answered = True
        try:
            yield
        finally:
            if connection and handler in self.all:
                connection.is_answered, connection.unanswered = False, 0
                self.waiting.pop(connection, None)
                self.waiting[connection] = None

    @contextmanager
    def whole(self, handler: asyncio.BaseProtocol, client: str) -> Iterator[bool]:
        """The whole request is here, so the connection is not closed for others while it is answered. False if its client has too many requests now."""
        block = block_of(client)
        if self.asking[block] >= self.limit(block):
            yield False
            return
        if connection := self.all.get(handler):
            self.waiting.pop(connection, None)
        self.asking[block] += 1
        try:
            yield True
        finally:
            self.asking[block] -= 1
            if not self.asking[block]:
                del self.asking[block]


def raise_file_limit() -> None:
    """Lets this process have as many open files as the host allows. systemd's default is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def room_for() -> int:
    """Returns how many connections this process can have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft // 4, min(MOST, soft - OTHER_FILES))
