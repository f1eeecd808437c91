"""Opens a sealed file as a portal does, in one call."""

import tempfile
from collections.abc import Sequence

from homeroom.seal.keys import Cert, Tsk
from homeroom.seal.opening import Opened, SealBroken, open_sealed


def opened(content: bytes, keys: Sequence[Tsk], senders: Sequence[Cert]) -> tuple[bytes, Opened]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        pieces = open_sealed(file, lambda: keys, senders)
        found = bytearray()
        while True:
            try:
                found += next(pieces)
            except StopIteration as end:
                return bytes(found), end.value


def reason(content: bytes, keys: Sequence[Tsk], senders: Sequence[Cert]) -> str:
    """Returns the reason for the refusal. Raises AssertionError if the file opens."""
    try:
        told = opened(content, keys, senders)[1]
    except SealBroken as broken:
        assert str(broken)
        return broken.reason
    raise AssertionError(f"opened: {told}")
