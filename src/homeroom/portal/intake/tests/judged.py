"""Checks after any mistake: nothing is applied silently, no good row is lost, and no one is named."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import polars as pl
from psycopg import Connection

from homeroom.formats.keys import key_of
from homeroom.formats.reasons import Reason
from homeroom.judging.decide import Held
from homeroom.judging.found import RefusedRow
from homeroom.judging.memory import Records
from homeroom.judging.receipt import TIMES, Outcome
from homeroom.judging.shape import KEYED, contact_key
from homeroom.judging.shapes import BY_STEM
from homeroom.portal.intake.importing import connect
from homeroom.portal.intake.tests.checked import Before, compared
from homeroom.portal.intake.tests.crowded import CANARY
from homeroom.portal.intake.tests.lasting import State, Tried, state_of, tried
from homeroom.portal.intake.tests.lincoln import Lincoln, lincoln
from homeroom.portal.intake.tests.mistakes import Mistake
from homeroom.portal.intake.tests.mistakes_whole import Fate
from homeroom.portal.intake.tests.sheet import Sheet, Spoilt, sheet_of
from homeroom.portal.intake.tests.ways import WHOLE_TABLES, Way
from homeroom.portal.place import Place
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server

STEMS = WHOLE_TABLES.stems


@dataclass(frozen=True)
class Nights:
    """Last night's export is imported, and tonight's good one was tried to learn its effect. `records` is what the portal has."""

    portal: Lincoln
    connection: Connection[Any]
    before: State
    after: State
    way: Way
    records: Records

    def sheet(self, stem: str) -> Sheet:
        return sheet_of(self.way.good(), self.way.tables[stem], self.way.steady(stem))

    def try_out(self, sheets: Sequence[Sheet]) -> Tried:
        export = self.way.good()
        export.raw = {sheet.table.file: sheet.text() for sheet in sheets}
        result = tried(self.portal, self.connection, export.zip())
        compared(Before(self.records, ()), export.zip(), self.portal.now.date(), json.loads(result.receipt), "days")
        return result


@contextmanager
def nights_of(server: Server, template: str, gpg: Gpg, way: Way) -> Iterator[Nights]:
    """Yields the nights. Checks afterwards that the database's log names no one either."""
    with lincoln(server, template, gpg) as portal:
        assert portal.send(way.last())["rows"] == []
        assert portal.known
        records = portal.known[0]
        with closing(connect(Place.read(portal.folder))) as connection:
            before = state_of(connection)
            good = tried(portal, connection, way.good().zip())
            assert (good.outcome.state, good.outcome.rows) == ("imported", []), good.outcome
            assert good.state != before
            yield Nights(portal, connection, before, good.state, way, records)
    assert CANARY not in (server.folder / "server.log").read_text().lower()


def spoilt(nights: Nights, stem: str, mistake: Mistake, what: str, *, is_lost: bool) -> Sheet | None:
    """Returns a file with this mistake in one row, or None. `is_lost` asks for a row that can no longer be identified."""
    for number in range(60):
        sheet = nights.sheet(stem)
        if not mistake(sheet, Random(f"{stem} {what} {number}")):
            return None
        if any(each.is_lost for each in sheet.spoilt.values()) is is_lost:
            return sheet
    return None


def judge(nights: Nights, result: Tried, sheets: Sequence[Sheet], fate: Fate | None) -> None:
    outcome = result.outcome
    for place, words in {"receipt": result.receipt, "outcome": f"{outcome}", **result.kept, "log": result.log}.items():
        assert CANARY not in words.lower(), f"the {place} says something of a person"
    if outcome.state in ("held", "refused"):
        assert result.state == nights.before, "kept from being applied, and yet something changed"
        assert fate in (Fate.KEPT, Fate.EITHER) or _may_be_many(outcome.reasons, sheets), outcome
        return
    if fate is Fate.KEPT and not _is_noted(outcome.notes, sheets):
        raise AssertionError(f"applied: {_said(outcome.counts)} {differences(result.state, nights.after)}")
    if fate in (None, Fate.SAME):
        _judge_rows(outcome, sheets)
    unlike = differences(result.state, nights.after)
    excused = excuses(nights, sheets, outcome.rows)
    wrong = {key for key in unlike if key not in excused}
    assert wrong == set() or _is_noted(outcome.notes, sheets), {key: unlike[key] for key in wrong}
    _judge_spoilt(nights, result.state, sheets)


def _is_noted(notes: Sequence[str], sheets: Sequence[Sheet]) -> bool:
    """Returns whether a note reports a file without rows. Such a file may be correct, and it ends no history."""
    return any(f"{Reason.NO_ROWS} {sheet.table.file}" in notes for sheet in sheets)


def _may_be_many(reasons: Sequence[tuple[str, Mapping[str, Any]]], sheets: Sequence[Sheet]) -> bool:
    """Returns whether many bad rows or leaving people are expected. A row without a readable key takes along the rows that point to it."""
    lost = any(spoilt.is_lost for sheet in sheets for spoilt in sheet.spoilt.values())
    return lost and {code for code, _ in reasons} <= {Held.ROWS_BAD, Held.PEOPLE_LEAVE}


def _judge_rows(outcome: Outcome, sheets: Sequence[Sheet]) -> None:
    by_file = {sheet.table.file: sheet for sheet in sheets}
    found: dict[str, set[int]] = {sheet.table.file: set() for sheet in sheets}
    lost = any(spoilt.is_lost for sheet in sheets for spoilt in sheet.spoilt.values())
    for row in outcome.rows:
        sheet = by_file.get(row.file)
        spoilt = sheet.spoilt.get(sheet.row_at(row.line)) if sheet else None
        if spoilt is None:
            assert row.reason is Reason.REFERENCE_DANGLING and (lost or not any(s.spoilt for s in sheets)), row
            continue
        assert row.reason in spoilt.reasons, (row, spoilt)
        assert spoilt.column in (None, row.column), (row, spoilt)
        assert sheet
        found[row.file].add(sheet.row_at(row.line))
    for sheet in sheets:
        told = {row for row, spoilt in sheet.spoilt.items() if _is_told_at_once(outcome, sheet, spoilt)}
        assert found[sheet.table.file] | told == {*sheet.spoilt}, f"{sheet.table.file}: found {found}, spoilt {sheet.spoilt}"


def _is_told_at_once(outcome: Outcome, sheet: Sheet, spoilt: Spoilt) -> bool:
    """Returns whether a note covers the row. If one of a person's schools (1.1) doesn't exist, the person stays and one note covers all such rows."""
    noted = f"{Reason.REFERENCE_BLANKED} {sheet.table.file} {spoilt.column} {TIMES}"
    return any(note.startswith(noted) for note in outcome.notes) and spoilt.column == "orgSourcedIds"


def _judge_spoilt(nights: Nights, state: State, sheets: Sequence[Sheet]) -> None:
    """Checks that a bad row changes nothing in the portal, as long as the row can be identified."""
    for sheet in sheets:
        table = BY_STEM[sheet.table.stem].table
        for row, spoilt in sheet.spoilt.items():
            key = name_of(sheet, row)
            if not spoilt.is_lost and spoilt.reasons != {Reason.ID_DOUBLED}:
                assert state[table].get(key) == nights.before[table].get(key), f"{table}: {spoilt}"


def name_of(sheet: Sheet, row: int) -> str:
    """Returns the row's key in the portal's table."""
    table = BY_STEM[sheet.table.stem].table
    whole = "|".join(sheet.key(row))
    if table in KEYED:
        return str(key_of(table, whole))
    if table == "contact":
        frame = pl.DataFrame({name: [cell] for name, cell in zip(sheet.table.key, sheet.key(row), strict=True)})
        return str(frame.select(contact_key(sheet.table)).item())
    return whole


def differences(one: State, other: State) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    return {
        (table, key): (one[table].get(key), other[table].get(key))
        for table in one
        for key in one[table].keys() | other[table].keys()
        if one[table].get(key) != other[table].get(key)
    }


def excuses(nights: Nights, sheets: Sequence[Sheet], rows: Sequence[RefusedRow]) -> set[tuple[str, str]]:
    """Returns rows that may differ: spoilt or refused ones. If a row can't be identified, it adds every row that contains its marked cells."""
    found: set[tuple[str, str]] = set()
    names: set[str] = set()
    for sheet in sheets:
        good = nights.sheet(sheet.table.stem)
        refused = {sheet.row_at(row.line): Spoilt(frozenset()) for row in rows if row.file == sheet.table.file}
        for row, spoilt in {**refused, **sheet.spoilt}.items():
            if row < len(good.rows):
                found.add((BY_STEM[sheet.table.stem].table, name_of(good, row)))
                names |= {each for each in good.rows[row] if CANARY in each} if spoilt.is_lost else set()
    if names:
        for table, rows in (*nights.after.items(), *nights.before.items()):
            found |= {(table, key) for key, said in rows.items() if any(name in f"{key} {said}" for name in names)}
    beside = {"person": "contact_detail", "line_item": "grade"}
    return found | {(beside[table], key) for table, key in found if table in beside}


def _said(counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {table: {word: n for word, n in told.items() if n and word != "same"} for table, told in counts.items()}
