"""Last night's lines compared in memory or in pieces. Both find the same new lines and make the same database."""

import random
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.formats.reasons import Reason
from homeroom.formats.table import BadRow, Row
from homeroom.judging.chunks import Chunk, joined
from homeroom.portal.intake import importer
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.opening.store import NoRoom, Store
from homeroom.portal.intake.reading import known, sidecar
from homeroom.portal.intake.reading.scatter import BUCKETS, PAIRS, Rows
from homeroom.portal.intake.reading.sidecar import Beside, Difference, hashed, marks_of
from homeroom.portal.intake.tests.as_it_lies import BESIDE, LIES
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln, lincoln
from homeroom.portal.intake.tests.random_nights import change
from homeroom.portal.intake.tests.undone import carry_out, decide, register_carlo
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server

SEED = 7
words = st.text("ab", max_size=3)
pieces = st.lists(st.tuples(st.lists(words, max_size=9), st.lists(words, max_size=2), st.integers(0, 1)), max_size=4)


def read(told: list[tuple[list[str], list[str], int]]) -> list[Chunk]:
    """Returns chunks of lines, rows of several lines and bad rows, each with the number of its line."""
    number, found = count(2), []
    for lines, rows, bad in told:
        numbers = np.array([next(number) for _ in lines], np.int64)
        several = tuple(Row(next(number), (row, "x")) for row in rows)
        broken = tuple(BadRow(next(number), None, Reason.ROW_SHORT) for _ in range(bad))
        found.append(Chunk(pl.Series("line", lines, pl.String), numbers, several, broken, ("",) * bad))
    return found


def told(difference: Difference) -> tuple[Any, ...]:
    gone = [sorted(difference.gone.bucket(number).tolist()) for number in range(BUCKETS)]
    return difference.new.tolist(), difference.new_count, difference.same_count, difference.bad_count, gone


def text_of(several: list[Chunk]) -> tuple[Any, ...]:
    whole = joined(several)
    return whole.lines.to_list(), whole.numbers.tolist(), whole.rows, whole.bad, whole.broken


def buckets(pairs: Rows) -> dict[int, Rows]:
    ordered = pairs[np.argsort(pairs["hash"], kind="stable")]
    return {number: ordered[ordered["hash"] >> np.uint64(56) == number] for number in range(BUCKETS)}


@settings(max_examples=60, deadline=None)
@given(pieces, pieces, st.integers(0, 3), st.sampled_from([0, 60, known.MOST_KEPT]), st.sampled_from([0, 2, known.MOST_BITS]))
def test_whatever_was_and_is_in_the_file_both_say_the_same(
    before: list[Any], tonight: list[Any], stale: int, room: int, bits: int
) -> None:
    lines = np.concatenate([np.empty(0, np.uint64), *(hashed(chunk, SEED)["hash"] for chunk in read(before))])
    pairs = np.zeros(len(lines), PAIRS)
    pairs["hash"] = lines
    pairs["key"] = np.array([number.to_bytes(16) for number in range(len(lines))], "V16")
    held, marks = buckets(pairs), np.unique(marks_of(pairs["key"][:stale]))
    sql = ImportSql(None, 1, None, is_first=False)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch, Store() as store:
        patch.setattr(known, "MOST_KEPT", room)
        patch.setattr(known, "bits_for", lambda _lines: bits)
        patch.setattr(known, "bucket_before", lambda _night, _file, number: held[number])
        for module in (known, sidecar):
            patch.setattr(module, "buckets_before", lambda _night, _file: map(held.__getitem__, range(BUCKETS)))
        at_once = known.compare(sql, "", read(tonight), SEED, store, marks)
        in_pieces = sidecar.compare(sql, "", read(tonight), SEED, store, marks)
        assert told(at_once) == told(in_pieces)
    assert in_pieces.kept is None
    if room == known.MOST_KEPT and tonight:
        assert at_once.kept is not None
    if at_once.kept:
        assert text_of([*at_once.kept]) == text_of([chunk.only(in_pieces.new[chunk.all_numbers]) for chunk in read(tonight)])


def test_a_large_file_has_as_many_cells_as_lines_and_no_file_has_more_than_fit() -> None:
    assert [known.bits_for(lines) for lines in (0, 255, 256, 7_000_000, 1 << 40)] == [0, 0, 1, known.MOST_BITS, known.MOST_BITS]


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=20), st.lists(st.integers(0, 40), max_size=20))
def test_the_few_are_found_among_the_many(few: list[int], many: list[int]) -> None:
    found = sidecar.is_among(np.array(many, np.uint64), np.array(few, np.uint64))
    assert found.tolist() == [each in few for each in many]


@pytest.fixture
def other(postgres: Server, empty_template: str, carl: Gpg, portal: Lincoln) -> Iterator[Lincoln]:
    """Yields a second portal without any import."""
    with lincoln(postgres, empty_template, carl) as made:
        yield made


def send(portal: Lincoln, export: Export) -> dict[str, Any]:
    """Sends a file, and approves it as Carlo if it is on hold. Returns what two portals' receipts have in common."""
    if portal.send(export)["state"] == "held":
        decide(portal, "approve")
        assert carry_out(portal)
    receipt = portal.last_receipt(portal.sent[-1])
    return {name: receipt[name] for name in ("state", "counts", "rows", "notes")}


def rows_of(portal: Lincoln) -> dict[str, list[Any]]:
    """Returns rows by the district's keys, because IDs and UUIDs differ."""
    asked = {table: f"SELECT {columns}, t.ended_at IS NOT NULL FROM {rows}" for table, (columns, rows) in LIES.items()} | BESIDE
    asked["stale_key"] = "SELECT file, unnest(keys) FROM stale_key"
    with portal.connect() as owner:
        return {table: sorted(owner.execute(query.encode()).fetchall(), key=str) for table, query in asked.items()}


def keys_held(portal: Lincoln) -> list[tuple[Any, ...]]:
    """Returns the keys whose lines are known, per file. The hashes differ, because each portal has its own seed."""
    with portal.connect() as owner:
        rows = owner.execute("SELECT file, pairs, added, gone FROM row_hashes WHERE bucket >= 0").fetchall()
    found = []
    for file, pairs, added, gone in rows:
        held = Beside(np.frombuffer(added, PAIRS), np.frombuffer(gone, "<u8")).pairs(np.frombuffer(pairs, PAIRS))
        found += [(file, key) for key in held["key"].tolist()]
    return sorted(found)


@pytest.mark.parametrize("seed", range(2))
def test_random_nights_leave_the_same_database_read_once_or_twice(
    settled: Lincoln, other: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    other.send(export)
    for portal in (settled, other):
        register_carlo(portal)
    chance, files = random.Random(seed), list[str]()
    monkeypatch.setattr(sidecar, "compare", noting(sidecar.compare, files))
    for night in range(3):
        change(export, chance, night)
        monkeypatch.setattr(known, "MOST_HELD", 8 << 20)
        at_once = send(settled, export)
        assert files == []
        monkeypatch.setattr(known, "MOST_HELD", -1)
        assert send(other, export) == at_once
        assert "results.csv" in files
        files.clear()
        assert rows_of(other) == rows_of(settled)
        assert keys_held(other) == keys_held(settled)


def noting(compare: Any, files: list[str]) -> Any:
    def noted(sql: ImportSql, file: str, *rest: Any) -> Difference:
        files.append(file)
        found: Difference = compare(sql, file, *rest)
        return found

    return noted


@pytest.mark.parametrize("most_held", [8 << 20, -1])
def test_no_room_while_last_nights_lines_are_read_costs_no_attempt(
    settled: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch, most_held: int
) -> None:
    def full(*_words: Any) -> Rows:
        raise NoRoom

    export.row("users", "nina").update(givenName="Nina Maria")
    digest = settled.deliver(settled.seal(export.zip()))
    with monkeypatch.context() as patch:
        patch.setattr(known, "MOST_HELD", most_held)
        patch.setattr(known.Known, "_held", full)
        patch.setattr(sidecar, "_matched", full)
        assert settled.work(digest) == importer.AWAY
    assert settled.ask("SELECT state, attempts FROM delivery WHERE digest = %s", digest) == ("arrived", 0)
    assert settled.import_one(digest)["state"] == "imported"
