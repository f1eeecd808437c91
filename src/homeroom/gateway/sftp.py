"""The SFTP server: public keys only, and no shell, command or forwarding. A sender can only touch its Home."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, cast, override

import asyncssh
from asyncssh.kex import get_kex_algs
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHReader, SSHServerStreamSession, SSHWriter

from homeroom.gateway.home import Home
from homeroom.gateway.keys import is_strong, line_of
from homeroom.gateway.log import say
from homeroom.gateway.office import Office

WINDOW = 4 << 20  # bytes in transit: 40 MB/s over a connection with 100 ms delay
PACKET = 128 << 10
# The client's order decides. OpenSSH's begins with chacha20, which costs a third of the speed here, so it is not offered.
CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr"]
MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"]
WISHED_EXCHANGES = [  # the first three resist later quantum computers, if the host has liboqs
    "mlkem768x25519-sha256",
    "sntrup761x25519-sha512",
    "sntrup761x25519-sha512@openssh.com",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "diffie-hellman-group16-sha512",
]
EXCHANGES = [name for name in WISHED_EXCHANGES if name.encode() in get_kex_algs()]
SIGNATURES = [
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-256",
    "rsa-sha2-512",
]
SIGN_IN_SECONDS = 30
TOGETHER = 16  # answers in one packet: OpenSSH sends 64 requests ahead


class Doorkeeper:
    """Knows every live session, so that it can cut those of a revoked sender."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.inside: dict[asyncssh.SSHServerConnection, tuple[str, str]] = {}
        self.callers: set[asyncssh.SSHServerConnection] = set()

    def is_full(self) -> bool:
        return len(self.callers) > self.office.settings.sessions

    def may_enter(self, sender: str) -> bool:
        count = Counter(name for name, _ in self.inside.values())[sender]
        return count < self.office.settings.sessions_a_sender and self.office.bar(sender) is None

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

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._peer = str(conn.get_extra_info("peername", ("",))[0])
        self._keeper.callers.add(conn)
        if self._keeper.is_full():
            say("door full", peer=self._peer)
            conn.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._keeper.callers.discard(self._connection)
            self._keeper.inside.pop(self._connection, None)
        if self._name and not self._is_in:
            say("sign-in refused", sender=self._known_name(), peer=self._peer)

    def begin_auth(self, username: str) -> bool:
        self._name = username
        return True  # also for an unknown name, so that the answer doesn't reveal which names exist

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._key = line_of(key)
        return is_strong(key) and self._keeper.knows(username, self._key) and self._keeper.may_enter(username)

    def auth_completed(self) -> None:
        self._is_in = True
        if self._connection:
            self._keeper.inside[self._connection] = (self._name, self._key)
            say("signed in", sender=self._name, peer=self._peer)

    def session_requested(self) -> Any:
        return Session(self._keeper.office, self._name)

    def _known_name(self) -> str:
        """Returns the name only if it is in the book. The user may have typed a person's name or a password."""
        return self._name if self._name in self._keeper.office.book.senders else "unknown"


class Session(SSHServerStreamSession[bytes]):
    """Allows only SFTP. It refuses a shell or a command."""

    def __init__(self, office: Office, sender: str) -> None:
        super().__init__(None, partial(Home, office=office, sender=sender), sftp_version=3)

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


async def open_door(keeper: Doorkeeper) -> asyncssh.SSHAcceptor:
    """Raises OSError if the port is taken, or the address is not this computer's."""
    logging.getLogger("asyncssh").setLevel(logging.WARNING)  # its finer levels log the names of files
    settings = keeper.office.settings
    return await asyncssh.listen(
        settings.bound,
        settings.sftp_port,
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
        allow_pty=False,
        agent_forwarding=False,
        login_timeout=SIGN_IN_SECONDS,
        keepalive_interval=30,
        reuse_address=True,
    )


async def watch(keeper: Doorkeeper) -> None:
    """Cuts sessions within a second of a revocation."""
    while True:
        keeper.cut_barred()
        await asyncio.sleep(0.5)
