"""Finds columns that an export would blank or change. A shifted or missing column does that, and an ordinary night does not."""

from collections.abc import Iterator, Sequence

from homeroom.judging.decide import TERMS, ColumnChange
from homeroom.judging.particular import PHONES, WORTH_COUNTING, watched
from homeroom.judging.shape import TEXT, TEXTS, Shape
from homeroom.judging.shapes import PERSON, SECTION, TERM
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged
from homeroom.portal.intake.reading.sidecar import lines_before
from homeroom.portal.intake.reading.terms import RUNNING, Terms
from homeroom.portal.intake.staging import Settled


def column_changes(sql: ImportSql, settled: Settled) -> list[ColumnChange]:
    read_whole = [read for read in settled.files if not read.is_same and not read.shape.name]
    found = [change for read in read_whole for change in _changes(sql, read)]
    if any(read.shape is SECTION for read in read_whole):
        found += _of_terms(sql, settled.terms)
    return [*found, *_of_phones(sql)] if any(read.shape is PERSON for read in read_whole) else found


def _changes(sql: ImportSql, read: Staged) -> Iterator[ColumnChange]:
    shape, columns = read.shape, _columns(read.shape)
    if not columns:
        return
    counted = ", ".join(f"count(*) FILTER (WHERE {lost}), count(*) FILTER (WHERE {other})" for _, lost, other, _ in columns)
    row = sql.run(
        f"""SELECT {counted} FROM {shape.stage} s JOIN {read.source} t ON {shape.identity} = s.key WHERE t.ended_at IS NULL"""
    ).fetchone()
    least = max(1, WORTH_COUNTING * _lines(sql, read))
    odd = [
        (column, lost, other)
        for column, lost, other in zip(columns, (row or ())[::2], (row or ())[1::2], strict=True)
        if max(lost, other) >= least
    ]
    if odd:
        before = _filled(sql, shape, [filled for (_, _, _, filled), _, _ in odd])
        for ((name, _, _, _), lost, other), count in zip(odd, before, strict=True):
            yield ColumnChange(shape.table, name.replace("_", " "), count, lost, other)


def _lines(sql: ImportSql, read: Staged) -> int:
    """Returns the number of unchanged lines that were not read. Returns 0 for a small table, or if the file was read whole."""
    if read.difference:
        return read.difference.same_count
    return lines_before(sql, read.file) if read.is_delta and read.shape.is_big else 0


def _columns(shape: Shape) -> list[tuple[str, str, str, str]]:
    """Returns each watched column's name and three SQL conditions: it loses its value, it gets another one, it had one."""
    columns = []
    for each, is_steady in watched(shape):
        was, is_now = (f"({_is_filled(each.sql, f'{row}.{each.name}')})" for row in "ts")
        other = f"t.{each.name} <> s.{each.name}" if is_steady else "false"
        columns.append((each.name, f"{was} AND NOT {is_now}", f"{was} AND {is_now} AND {other}", was))
    for ref in shape.refs:
        was = f"t.{ref.name}_id IS NOT NULL"
        columns.append((ref.name, f"{was} AND s.{ref.name} IS NULL", "false", was))
    return columns


def _is_filled(sql: str, cell: str) -> str:
    if sql == TEXTS:
        return f"cardinality({cell}) > 0"
    return f"coalesce({cell}, '') <> ''" if sql == TEXT else f"{cell} IS NOT NULL"


def _filled(sql: ImportSql, shape: Shape, filled: Sequence[str]) -> Sequence[int]:
    counts = ", ".join(f"count(*) FILTER (WHERE {each})" for each in filled)
    return sql.run(f"SELECT {counts} FROM {shape.table} t WHERE t.ended_at IS NULL AND {shape.own}").fetchone() or ()


def _of_phones(sql: ImportSql) -> Iterator[ColumnChange]:
    for name in PHONES:
        row = sql.run(
            f"""SELECT count(*), count(*) FILTER (WHERE s.{name} = ''), count(*) FILTER (WHERE s.{name} NOT IN ('', d.{name}))
                FROM {PERSON.stage} s JOIN person p ON p.sourced_id = s.key JOIN contact_detail d ON d.person_id = p.id
                WHERE p.ended_at IS NULL AND d.{name} <> ''"""
        ).fetchone()
        yield ColumnChange(PERSON.table, name, *(row or (0, 0, 0)))


def _of_terms(sql: ImportSql, terms: Terms) -> Iterator[ColumnChange]:
    """Counts classes that meet now and would no longer meet in a running term, so that families would no longer see them. In the
    middle of a year, few classes change their terms."""
    row = sql.run(
        f"""SELECT count(*), count(*) FILTER (WHERE c.sourced_id IN (SELECT section FROM {terms.changed}) AND c.sourced_id NOT IN (
                SELECT y.section FROM {terms.of_classes} y LEFT JOIN {TERM.stage} s ON s.key = y.term LEFT JOIN term t ON t.sourced_id = y.term
                WHERE coalesce(s.start_date, t.start_date) <= %(today)s AND coalesce(s.end_date, t.end_date) > %(today)s))
            FROM section c WHERE c.ended_at IS NULL AND c.id IN (
                SELECT x.section_id FROM section_term x JOIN term t ON t.id = x.term_id WHERE {RUNNING})"""
    ).fetchone()
    before, other = row or (0, 0)
    yield ColumnChange(*TERMS, before, 0, other)
