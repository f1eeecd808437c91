"""The SFTP server: public keys only, and no shell, command or forwarding. A sender can only touch its Home."""

import asyncio
import errno
import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, cast, override

import asyncssh
from asyncssh.constants import OPEN_RESOURCE_SHORTAGE
from asyncssh.kex import get_kex_algs
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHReader, SSHServerStreamSession, SSHWriter

from homeroom.gateway.home import Home
from homeroom.gateway.keys import is_strong, line_of
from homeroom.gateway.log import SparingLog, say
from homeroom.gateway.office import Office
from homeroom.gateway.startups import Startups, network_of

WINDOW = 4 << 20  # bytes in transit: 40 MB/s over a connection with 100 ms delay
PACKET = 128 << 10
# The client's order decides. OpenSSH's begins with chacha20, which costs a third of the speed here, so it is not offered.
CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr"]
MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"]  # for the ctr ciphers. The others have a MAC of their own
WISHED_EXCHANGES = [  # the first three resist later quantum computers, if the host has liboqs
    "mlkem768x25519-sha256",
    "sntrup761x25519-sha512",
    "sntrup761x25519-sha512@openssh.com",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "diffie-hellman-group16-sha512",
]
EXCHANGES = [name for name in WISHED_EXCHANGES if name.encode() in get_kex_algs()]
SIGNATURES = [  # NIST curves only for keys that are in the book already: docs/decisions/0045
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-256",
    "rsa-sha2-512",
]
CHANNELS = 10  # of one connection, as OpenSSH's MaxSessions
NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
TOGETHER = 16  # answers in one packet: OpenSSH sends 64 requests ahead


class Doorkeeper:
    """Knows every connection. Those that have not signed in are counted separately, so that strangers never use up the sessions of senders."""

    def __init__(self, office: Office) -> None:
        settings = office.settings
        self.office = office
        self.inside: dict[asyncssh.SSHServerConnection, tuple[str, str]] = {}
        self.startups: Startups[asyncssh.SSHServerConnection] = Startups(
            begin=settings.startups_begin, rate=settings.startups_rate, full=settings.startups_full, an_address=settings.startups_an_address
        )
        self.log = SparingLog()

    @property
    def callers(self) -> list[asyncssh.SSHServerConnection]:
        return [*self.startups, *self.inside]

    def arrive(self, caller: asyncssh.SSHServerConnection, peer: str) -> None:
        closed = self.startups.arrive(caller, network_of(peer), time.monotonic())
        if closed:
            self.log.say("closed for a newer connection", peer=_peer_of(closed))
            closed.abort()

    def may_enter(self, sender: str) -> bool:
        settings = self.office.settings
        count = Counter(name for name, _ in self.inside.values())[sender]
        return len(self.inside) < settings.sessions and count < settings.sessions_a_sender and self.office.bar(sender) is None

    def let_in(self, caller: asyncssh.SSHServerConnection, sender: str, key: str) -> bool:
        """Returns whether the sender may enter. Another connection may have taken the last place since the key was checked."""
        if not self.may_enter(sender):
            return False
        self.startups.leave(caller)
        self.inside[caller] = sender, key
        return True

    def leave(self, caller: asyncssh.SSHServerConnection) -> None:
        self.startups.leave(caller)
        self.inside.pop(caller, None)

    def cut_idle(self) -> None:
        """Closes connections that did not finish the key exchange in time. The rest of the sign-in has its own limit."""
        for caller in self.startups.older_than(self.office.settings.handshake_seconds, time.monotonic()):
            if caller.get_extra_info("send_cipher") is None:
                caller.abort()

    def run_short(self, failed: OSError) -> None:
        """Closes half of the connections that have not signed in, because the next one could not be accepted."""
        if failed.errno in NO_ROOM:
            self.log.say("no room for another connection", errno=failed.errno)
            for caller in self.startups.run_short(time.monotonic()):
                caller.abort()

    def knows(self, sender: str, key: str) -> bool:
        entry = self.office.book.senders.get(sender)
        return entry is not None and key in entry.keys

    def cut_barred(self) -> None:
        """Cuts sessions whose sender is revoked or has expired, or whose key is no longer in the book."""
        for connection, (sender, key) in list(self.inside.items()):
            if self.office.bar(sender) or not self.knows(sender, key):
                say("session cut", sender=sender)
                del self.inside[connection]
                connection.abort()


class Door(asyncssh.SSHServer):
    """One connection. The base class refuses everything that is not allowed here."""

    def __init__(self, keeper: Doorkeeper) -> None:
        self._keeper = keeper
        self._connection: asyncssh.SSHServerConnection | None = None
        self._name = ""
        self._key = ""
        self._peer = ""
        self._is_in = False
        self._sessions: set[Session] = set()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._peer = _peer_of(conn)
        self._keeper.arrive(conn, self._peer)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._keeper.leave(self._connection)
        if self._name and not self._is_in:
            self._keeper.log.say("sign-in refused", sender=self._known_name(), peer=self._peer)

    def begin_auth(self, username: str) -> bool:
        self._name = username
        return True  # also for an unknown name, so that the answer doesn't reveal which names exist

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._key = line_of(key)
        return is_strong(key) and self._keeper.knows(username, self._key) and self._keeper.may_enter(username)

    def auth_completed(self) -> None:
        if not self._connection:
            return
        self._is_in = self._keeper.let_in(self._connection, self._name, self._key)
        if self._is_in:
            say("signed in", sender=self._name, peer=self._peer)
        else:
            self._connection.abort()

    def session_requested(self) -> Any:
        if len(self._sessions) >= CHANNELS:
            raise asyncssh.ChannelOpenError(OPEN_RESOURCE_SHORTAGE, f"A connection can have {CHANNELS} channels.")
        session = Session(self._keeper.office, self._name, self._sessions.discard)
        self._sessions.add(session)
        return session

    def _known_name(self) -> str:
        """Returns the name only if it is in the book. The user may have typed a person's name or a password."""
        return self._name if self._name in self._keeper.office.book.senders else "unknown"


class Session(SSHServerStreamSession[bytes]):
    """Allows only SFTP. It refuses a shell or a command."""

    def __init__(self, office: Office, sender: str, ended: Callable[["Session"], None]) -> None:
        super().__init__(None, partial(Home, office=office, sender=sender), sftp_version=3)
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(self)
        super().connection_lost(exc)

    def session_started(self) -> None:
        chan, conn = self._chan, self._conn
        assert chan is not None and conn is not None
        home = cast(Home, self._init_sftp_server())
        handler = Handler(home, SSHReader(self, chan), SSHWriter(self, chan), self.has_more)
        conn.create_task(handler.run())

    def has_more(self) -> bool:
        """Returns whether the next request has begun to arrive. Then the client is not waiting for this one's answer."""
        return self._recv_buf_len > 0


class Handler(SFTPServerHandler):
    """Notes a lost connection for Home. The base class then closes open files just as if the client had closed them.

    One packet per answer costs asyncssh two packets and two system calls, a third of an upload's time. So the answers to a series of writes are sent together.
    """

    def __init__(
        self, home: Home, reader: SSHReader[bytes], writer: SSHWriter[bytes], has_more: Callable[[], bool]
    ) -> None:
        super().__init__(home, reader, writer, 3)
        self._answers: list[bytes] = []
        self._has_more = has_more

    @override
    def send_packet(self, pkttype: int, pktid: int | None, *args: bytes) -> None:
        answer = bytes([pkttype]) + b"".join(args)
        self._answers += [len(answer).to_bytes(4), answer]
        writer = self._writer
        if writer and (len(self._answers) >= 2 * TOGETHER or not self._has_more()):
            answers, self._answers = self._answers, []
            if not writer.channel.is_closing():
                writer.write(b"".join(answers))

    async def _cleanup(self, exc: Exception | None) -> None:
        cast(Home, self._server).is_lost = True
        await super()._cleanup(exc)


def _peer_of(connection: asyncssh.SSHServerConnection) -> str:
    """Returns the address, or nothing if the connection ended before anyone asked for it."""
    return str((connection.get_extra_info("peername") or ("",))[0])


async def door_options(keeper: Doorkeeper) -> asyncssh.SSHServerConnectionOptions:
    logging.getLogger("asyncssh").setLevel(logging.WARNING)  # its finer levels log the names of files
    options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
        server_factory=partial(Door, keeper),
        server_host_keys=[keeper.office.gateway / "host_key"],
        server_version="Homeroom",
        encoding=None,
        window=WINDOW,
        max_pktsize=PACKET,
        encryption_algs=CIPHERS,
        kex_algs=EXCHANGES,
        mac_algs=MACS,
        signature_algs=SIGNATURES,
        compression_algs=None,
        gss_host=None,
        x509_trusted_certs=None,
        proxy_command=None,
        allow_pty=False,
        agent_forwarding=False,
        login_timeout=keeper.office.settings.sign_in_seconds,
        keepalive_interval=30,
    )
    return options


async def watch(keeper: Doorkeeper) -> None:
    """Cuts sessions within a second of a revocation, and connections that take too long to sign in."""
    while True:
        keeper.cut_barred()
        keeper.cut_idle()
        keeper.log.tell_left_out()
        await asyncio.sleep(0.5)
