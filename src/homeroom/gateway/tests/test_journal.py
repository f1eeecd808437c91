"""The journal after a power failure, with a failing disk, and after years."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.gateway.journal import Journal, read_journal, written

LINES = [{"step": "admitted", "digest": f"{number:064x}", "size": number} for number in range(5)]


def journal_with(content: bytes, folder: Path) -> Path:
    path = folder / "journal"
    path.write_bytes(content)
    return path


@given(st.integers(min_value=0), st.binary(max_size=40))
def test_torn_at_any_byte_it_keeps_every_whole_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int, rest: bytes
) -> None:
    whole = [written(line) for line in LINES]
    content = b"".join(whole)[: cut % (sum(map(len, whole)) + 1)]
    torn = content + rest.replace(b"\n", b"\0")  # blocks that were never written can come back as anything
    lines, unreadable = read_journal(journal_with(torn, tmp_path_factory.mktemp("j")))
    kept = max(n for n in range(6) if content.startswith(b"".join(whole[:n])))
    assert lines[:kept] == LINES[:kept]
    assert len(lines) in (kept, kept + 1)  # a line that was cut right before its end is still valid
    assert unreadable <= 1


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_costs_one_line_and_never_makes_another(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    content = bytearray(b"".join(written(line) for line in LINES))
    content[place % len(content)] ^= flip
    lines, unreadable = read_journal(journal_with(bytes(content), tmp_path_factory.mktemp("j")))
    assert all(line in LINES for line in lines)
    assert unreadable >= 1 or lines == LINES
    assert len(lines) >= 3


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_rubbish_is_never_a_line(tmp_path_factory: pytest.TempPathFactory, rubbish: list[bytes]) -> None:
    path = journal_with(b"\n".join(rubbish), tmp_path_factory.mktemp("j"))
    assert read_journal(path)[0] == []


def test_start_after_a_tear_does_not_build_upon_it(tmp_path: Path) -> None:
    path = journal_with(written(LINES[0]) + b"0bad", tmp_path)
    journal = Journal(path, read_journal(path)[0])
    journal.add(LINES[1])
    journal.close()
    assert read_journal(path) == ([LINES[0], LINES[1]], 0)


def test_half_a_line_on_a_full_disk_is_overwritten_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal", LINES[:1])
    honest = os.pwrite

    def full(descriptor: int, content: bytes, at: int) -> int:
        honest(descriptor, content[:7], at)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        journal.add(LINES[1])
    monkeypatch.setattr(os, "pwrite", honest)
    journal.add(LINES[2])
    journal.close()
    assert read_journal(tmp_path / "journal") == ([LINES[0], LINES[2]], 0)
