"""Opens what seal/wrapping.py sealed: short bytes with a pair's secret, and streams of a backup with its data key."""

import io
from collections.abc import Iterable, Iterator

import tink
from tink import hybrid

from homeroom.seal.wrapping import Pair, private_handle, stream_primitive

PIECE = 1 << 20  # bytes


class WrapBroken(Exception):
    """The sealed bytes do not open: another key, another context, or a changed bit."""


def open_with(pair: Pair, wrapped: bytes, context: bytes) -> bytes:
    """Raises WrapBroken, KeyOdd."""
    try:
        return bytes(private_handle(pair).primitive(hybrid.HybridDecrypt).decrypt(wrapped, context))
    except tink.TinkError as no:
        raise WrapBroken("This key does not open it, or it was changed.") from no


class _Source(io.RawIOBase):
    """Reads pieces of any size as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces, self.left = iter(pieces), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, room: object) -> int:
        into = memoryview(room)  # type: ignore[arg-type]  # a buffer
        while not self.left:
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            self.left = memoryview(piece)
        size = min(len(into), len(self.left))
        into[:size] = self.left[:size]
        self.left = self.left[size:]
        return size


def opened(data_key: bytes, pieces: Iterable[bytes], context: bytes) -> Iterator[bytes]:
    """Yields the plain stream. Each piece is verified before it is yielded, but only the end shows whether any are missing. Callers that use pieces before
    that must undo it on WrapBroken."""
    source = _Source(pieces)
    try:
        with stream_primitive(data_key).new_decrypting_stream(source, context) as stream:
            while piece := stream.read(PIECE):
                yield bytes(piece)
    except tink.TinkError as no:
        raise WrapBroken("It does not open: another key, a part of another backup, or a bit that was changed.") from no
