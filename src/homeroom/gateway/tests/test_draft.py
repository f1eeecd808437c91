"""An upload on its way in. Pieces in any order give the same sum, and a full disk leaves nothing."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.gateway import draft as draft_module
from homeroom.gateway.draft import Draft, Spoilt
from homeroom.gateway.reasons import Reason


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=900)), min_size=1, max_size=25))
def test_the_sum_matches_the_bytes_on_the_disk(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[int, bytes]]
) -> None:
    folder, block = tmp_path_factory.mktemp("d"), draft_module.BLOCK
    draft_module.BLOCK = 1000

    async def written() -> str:
        draft = Draft(folder)
        for offset, piece in pieces:
            await draft.write(offset, piece)
        digest = await draft.digest()
        assert draft.path.stat().st_size == draft.size
        assert digest == hashlib.sha256(draft.path.read_bytes()).hexdigest()
        await draft.drop()
        return digest

    try:
        expected = bytearray()
        for offset, piece in pieces:
            expected.extend(bytes(max(0, offset + len(piece) - len(expected))))
            expected[offset : offset + len(piece)] = piece
        assert asyncio.run(written()) == hashlib.sha256(expected).hexdigest()
    finally:
        draft_module.BLOCK = block
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("written", [0, 5])
def test_a_full_disk_leaves_nothing_before_the_sender_is_notified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    def full(*_: object) -> int:
        if written:
            monkeypatch.setattr(os, "pwritev", refuse)
            return written
        return refuse()

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwritev", full)
    monkeypatch.setattr(os, "pwrite", refuse)

    async def write() -> None:
        draft = Draft(tmp_path)
        with pytest.raises(Spoilt) as refusal:
            for number in range(4):
                await draft.write(number << 20, bytes(1 << 20))
        assert refusal.value.why is Reason.NO_ROOM
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(Spoilt):
            await draft.write(0, b"more")
        await draft.drop()

    asyncio.run(write())


def test_short_writes_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = os.pwrite
    monkeypatch.setattr(os, "pwritev", lambda file, pieces, at: honest(file, pieces[0][:3], at))
    monkeypatch.setattr(os, "pwrite", lambda file, rest, at: honest(file, rest[:1000], at))
    content = os.urandom(30_000)

    async def write() -> None:
        draft = Draft(tmp_path)
        for at in range(0, len(content), 7000):
            await draft.write(at, content[at : at + 7000])
        assert await draft.digest() == hashlib.sha256(content).hexdigest()
        assert draft.path.read_bytes() == content
        await draft.drop()

    asyncio.run(write())


def test_cut_shortens_the_file_and_its_sum(tmp_path: Path) -> None:
    async def write() -> None:
        draft = Draft(tmp_path)
        await draft.write(0, b"half and the rest")
        await draft.cut(4)
        await draft.write(4, b"!")
        assert await draft.digest() == hashlib.sha256(b"half!").hexdigest()
        await draft.drop()

    asyncio.run(write())
