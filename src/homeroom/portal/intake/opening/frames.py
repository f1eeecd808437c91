"""The protocol between intake and the opener on run/opener.sock, for both sides. A frame is a kind, four bytes of length, and
content. A request comes first, then pieces of plaintext, then one verdict. Without a verdict the file does not count as opened.
"""

import json
import re
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

from homeroom.portal.processes.layout import run_folder
from homeroom.seal.broken import SealBroken, reason_of

HEAD = struct.Struct(">BI")
LARGEST = 4 << 20  # bytes per frame. A request has the certificates of all senders
DIGEST = re.compile(r"[0-9a-f]{64}")


class Kind(IntEnum):
    REQUEST = 1
    PIECE = 2
    VERDICT = 3


class OpenerAway(Exception):
    """The opener could not be reached or ended before its verdict. Nothing is known about the file. Try again."""


class Unfinished(Exception):
    """A caller used what it had read before the verdict. This is a bug in Homeroom and never the file's fault."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`signer` is the certificate's fingerprint in lower case. `signed_at` is the time by the signer's clock."""

    signer: str
    signed_at: datetime
    recipients: tuple[str, ...]
    is_armoured: bool


class Stream:
    """Reads the plaintext of one sealed file. It ends with the verdict, SealBroken or OpenerAway."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._ready = bytearray()
        self._verdict: Verdict | None = None

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._piece():
            yield piece

    def read(self, size: int) -> bytes:
        """Returns at most `size` bytes. It returns fewer only at the end, after the signature was verified."""
        while len(self._ready) < size and (piece := self._piece()):
            self._ready += piece
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    @property
    def verdict(self) -> Verdict:
        """Returns the verdict. Raises Unfinished before the end was read."""
        if self._verdict is None:
            raise Unfinished("The sealed file has not been read to its end, so its signature is not known to hold.")
        return self._verdict

    def _piece(self) -> bytes:
        if self._verdict:
            return b""
        kind, content = receive(self._connection)
        if kind == Kind.PIECE:
            return content
        if kind != Kind.VERDICT:
            raise OpenerAway("The opener answered with something else than a verdict.")
        self._verdict = _verdict_of(content)
        return b""


@contextmanager
def opened(portal: Path, digest: str, senders: Sequence[str]) -> Iterator[Stream]:
    """Opens inbox/<digest>.pgp. `senders` are the armored certificates that may have signed it.

    Reading raises SealBroken, OpenerAway. Leaving the block before the verdict raises Unfinished.
    """
    if not DIGEST.fullmatch(digest):
        raise ValueError("A digest has 64 hexadecimal digits in lower case.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(socket_of(portal)))
        except OSError as away:
            raise OpenerAway("The opener does not answer.") from away
        send(connection, Kind.REQUEST, json.dumps({"digest": digest, "senders": list(senders)}).encode())
        stream = Stream(connection)
        yield stream
        _ = stream.verdict


def socket_of(portal: Path) -> Path:
    return run_folder(portal) / "opener.sock"


def send(connection: socket.socket, kind: Kind, content: bytes) -> None:
    """Sends a frame. Raises OpenerAway if the other side is gone."""
    try:
        connection.sendall(HEAD.pack(kind, len(content)))
        connection.sendall(content)
    except OSError as away:
        raise OpenerAway("The other side of the opener's socket is gone.") from away


def receive(connection: socket.socket) -> tuple[Kind, bytes]:
    """Reads a frame. Raises OpenerAway."""
    kind, size = HEAD.unpack(_exactly(connection, HEAD.size))
    if size > LARGEST or kind not in set(Kind):
        raise OpenerAway("The other side of the opener's socket does not speak its language.")
    return Kind(kind), _exactly(connection, size)


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    view, found = memoryview(content), 0
    while found < size:
        try:
            step = connection.recv_into(view[found:])
        except OSError as away:
            raise OpenerAway("The other side of the opener's socket is gone.") from away
        if not step:
            raise OpenerAway("The opener ended before its verdict.")
        found += step
    return bytes(content)


def _verdict_of(content: bytes) -> Verdict:
    said: dict[str, Any] = json.loads(content)
    if said["ok"] is not True:
        raise SealBroken(reason_of(said["reason"]))
    signed_at = datetime.fromisoformat(said["signed_at"])
    return Verdict(said["signer"], signed_at, tuple(said["recipients"]), bool(said["armoured"]))
