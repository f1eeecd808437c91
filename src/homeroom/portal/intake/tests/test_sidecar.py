"""Comparison of last night's lines with tonight's, for any lines."""

import os
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.reading.scatter import BUCKETS, LINES, PAIRS, Scatter
from homeroom.portal.intake.reading.sidecar import Beside, _matched

hashes = st.lists(st.integers(0, 12), max_size=30)


@given(hashes, hashes)
def test_as_many_match_as_both_hold(now: list[int], before: list[int]) -> None:
    left, right = np.array(now, np.uint64), np.array(sorted(before), np.uint64)
    is_same, was_same = _matched(left, right)
    common = Counter(now) & Counter(before)
    assert Counter(left[is_same].tolist()) == common
    assert Counter(right[was_same].tolist()) == common


def pairs(hashes: list[int]) -> np.ndarray:
    rows = np.zeros(len(hashes), PAIRS)
    rows["hash"] = hashes
    return rows


@given(st.sets(st.integers(0, 30)), st.lists(st.tuples(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30))), max_size=6))
def test_night_after_night_a_bucket_holds_what_the_last_file_held(
    first: set[int], nights: list[tuple[set[int], set[int]]]
) -> None:
    held, base, beside = first, pairs(sorted(first)), Beside(pairs([]), np.empty(0, np.uint64))
    for come, go in nights:
        added, left = come - held, (go & held)
        beside = beside.after(pairs(sorted(added)), pairs(sorted(left)))
        held = (held - left) | added
        assert beside.pairs(base)["hash"].tolist() == sorted(held)


def test_rows_come_back_from_their_bucket_in_order() -> None:
    rows = np.empty(1_200_000, LINES)
    rows["hash"] = np.random.default_rng(1).integers(0, 2**64, len(rows), dtype=np.uint64)
    rows["line"] = np.arange(len(rows))
    with Store() as store:
        scatter = Scatter(store, LINES)
        for piece in np.array_split(rows, 7):
            scatter.add(piece)
        back = [scatter.bucket(number) for number in range(BUCKETS)]
    assert sum(map(len, back)) == len(rows)
    for number in (0, 77, 255):
        mine = rows[rows["hash"] >> np.uint64(56) == number]
        assert np.array_equal(back[number], mine[np.argsort(mine["hash"])])


@given(st.lists(st.binary(max_size=70), max_size=8), st.integers(0, 400), st.integers(0, 90))
def test_the_store_gives_back_what_was_written_anywhere(pieces: list[bytes], at: int, size: int) -> None:
    with Store() as store:
        for piece in pieces:
            store.write(piece)
        whole = b"".join(pieces)
        store.seek(at)
        assert store.read(size) == whole[at : at + size]
        assert store.tell() == min(at + size, max(at, len(whole)))
        store.seek(0)
        assert store.read() == whole


def test_the_store_keeps_no_plain_text_on_the_disk() -> None:
    with Store() as store:
        store.write(b"Nina Ruiz,07\n" * 5000)
        raw = os.pread(store._file.fileno(), 1 << 20, 0)
    assert len(raw) == 65_000
    assert b"Nina" not in raw
