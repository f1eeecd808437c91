"""Checks staged rows against each other: repeated keys, and references to nothing. Bad rows leave the stage and are listed by line."""

import numpy as np

from homeroom.formats.reasons import Note, Reason
from homeroom.judging.found import MOST_REFUSED
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import BY_TABLE
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged, Staging
from homeroom.portal.intake.reading.sidecar import buckets_before


def refuse_doubled(sql: Staging, read: Staged) -> None:
    """Keeps the first row of each key. If last night's row of a key is unchanged, that row is the first."""
    stage = read.shape.stage
    if sql.run(f"SELECT FROM {stage} GROUP BY key HAVING count(*) > 1 LIMIT 1").fetchone() is not None:
        numbered = f"SELECT ctid, row_number() OVER (PARTITION BY key ORDER BY line) AS place FROM {stage}"
        later = f"ctid IN (SELECT ctid FROM ({numbered}) AS rows WHERE place > 1)"
        refuse(sql, read, later, read.table.key[0], Reason.ID_DOUBLED)
    if read.difference and (keys := _unchanged(sql, read)):
        refuse(sql, read, "key = ANY (%(keys)s::uuid[])", read.table.key[0], Reason.ID_DOUBLED, keys=keys)


def _unchanged(sql: ImportSql, read: Staged) -> list[str]:
    """Returns keys of new lines that also have a line in the file that is the same as last night."""
    shape = read.shape
    doubtful = sql.run(
        f"SELECT s.key FROM {shape.stage} s JOIN {read.source} t ON {shape.identity} = s.key"
        f" WHERE t.ended_at IS NULL AND NOT EXISTS (SELECT FROM {shape.gone} g WHERE g.key = s.key)"
    ).fetchall()
    keys = np.array([key.bytes for (key,) in doubtful], "V16")
    found: list[str] = []
    for pairs in buckets_before(sql, read.file) if len(keys) else ():
        before = np.ascontiguousarray(pairs["key"])
        starts = np.isin(before.view("<u8")[::2], keys.view("<u8")[::2])  # leaves few, which are then compared one by one
        found += [key.hex() for key in {*before[starts].tolist()} & {*keys.tolist()}]
    return found


def refuse_dangling(sql: Staging, read: Staged) -> None:
    for ref in read.shape.refs:
        nowhere = f"{ref.name} IS NOT NULL AND {is_nowhere(sql, BY_TABLE[ref.to], f's.{ref.name}')}"
        if not ref.is_loose:
            refuse(sql, read, nowhere, read.table.name_of(ref.column), Reason.REFERENCE_DANGLING, unsent(sql, BY_TABLE[ref.to]))
        elif rows := sql.run(f"UPDATE {read.shape.stage} s SET {ref.name} = NULL WHERE {nowhere}").rowcount:
            sql.findings.note(Note(Reason.REFERENCE_BLANKED, read.file, read.table.name_of(ref.column)), rows=rows)
            if read.fingerprint:
                read.fingerprint.is_whole = False  # the row that it points to may come tomorrow


def unsent(sql: Staging, shape: Shape) -> str:
    """Returns the name of the shape's file if it was not sent, otherwise ""."""
    return "" if shape.stem in sql.stems else f"{shape.stem}.csv"


def is_nowhere(sql: ImportSql, to: Shape, key: str) -> str:
    """Returns SQL that is true if tonight's file has no row of this key and no current row of the key stays."""
    stays = "" if sql.is_empty(to.going) else f"AND NOT EXISTS (SELECT FROM {to.going} g WHERE g.id = t.{to.id})"
    return f"""NOT EXISTS (SELECT FROM {to.stage} a WHERE a.key = {key}) AND NOT EXISTS (
        SELECT FROM {to.table} t WHERE {to.identity} = {key} AND t.ended_at IS NULL {stays})"""


def refuse(sql: Staging, read: Staged, where: str, column: str, reason: Reason, absent: str = "", **values: object) -> None:
    """Refuses rows of the stage. Their keys go to the table `left`, so that no row ends because of them. `where` is about a row `s`. `absent`: see Group."""
    rows = sql.run(
        f"""WITH bad AS (DELETE FROM {read.shape.stage} s WHERE {where} RETURNING line, key),
                 kept AS (INSERT INTO {read.shape.left} SELECT key FROM bad)
            SELECT line, count(*) OVER () FROM bad ORDER BY line LIMIT {MOST_REFUSED}""",
        **values,
    ).fetchall()
    for line, _ in rows:
        sql.findings.refuse(read.file, line, column, reason, absent)
    if rows:
        sql.findings.refuse_more(read.file, rows[0][1] - len(rows), column, reason, absent)
