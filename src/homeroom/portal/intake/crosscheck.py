"""Checks staged rows against each other: repeated keys, and references to nothing. Bad rows leave the stage and are listed by line."""

import numpy as np

from homeroom.formats.reasons import Note, Reason
from homeroom.judging.found import MOST_REFUSED
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import BY_TABLE
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read
from homeroom.portal.intake.sidecar import buckets_before


def refuse_doubled(night: Night, read: Read) -> None:
    """Keeps the first row of each key. If last night's row of a key is unchanged, that row is the first."""
    stage = read.shape.stage
    if night.run(f"SELECT FROM {stage} GROUP BY key HAVING count(*) > 1 LIMIT 1").fetchone() is not None:
        numbered = f"SELECT ctid, row_number() OVER (PARTITION BY key ORDER BY line) AS place FROM {stage}"
        later = f"ctid IN (SELECT ctid FROM ({numbered}) AS rows WHERE place > 1)"
        refuse(night, read, later, read.table.key[0], Reason.ID_DOUBLED)
    if read.difference and (keys := _unchanged(night, read)):
        refuse(night, read, "key = ANY (%(keys)s::uuid[])", read.table.key[0], Reason.ID_DOUBLED, keys=keys)


def _unchanged(night: Night, read: Read) -> list[str]:
    """Returns keys of new lines that also have a line in the file that is the same as last night."""
    shape = read.shape
    doubtful = night.run(
        f"SELECT s.key FROM {shape.stage} s JOIN {read.source} t ON {shape.identity} = s.key"
        f" WHERE t.ended_at IS NULL AND NOT EXISTS (SELECT FROM {shape.gone} g WHERE g.key = s.key)"
    ).fetchall()
    keys = np.array([key.bytes for (key,) in doubtful], "V16")
    found: list[str] = []
    for pairs in buckets_before(night, read.file) if len(keys) else ():
        before = np.ascontiguousarray(pairs["key"])
        starts = np.isin(before.view("<u8")[::2], keys.view("<u8")[::2])  # leaves few, which are then compared one by one
        found += [key.hex() for key in {*before[starts].tolist()} & {*keys.tolist()}]
    return found


def refuse_dangling(night: Night, read: Read) -> None:
    for ref in read.shape.refs:
        nowhere = f"{ref.name} IS NOT NULL AND {is_nowhere(night, BY_TABLE[ref.to], f's.{ref.name}')}"
        if not ref.is_loose:
            refuse(night, read, nowhere, read.table.name_of(ref.column), Reason.REFERENCE_DANGLING, unsent(night, BY_TABLE[ref.to]))
        elif rows := night.run(f"UPDATE {read.shape.stage} s SET {ref.name} = NULL WHERE {nowhere}").rowcount:
            night.found.note(Note(Reason.REFERENCE_BLANKED, read.file, read.table.name_of(ref.column)), rows=rows)
            if read.fingerprint:
                read.fingerprint.is_whole = False  # the row that it points to may come tomorrow


def unsent(night: Night, shape: Shape) -> str:
    """Returns the name of the shape's file if it was not sent, otherwise ""."""
    return "" if shape.stem in night.stems else f"{shape.stem}.csv"


def is_nowhere(night: Night, to: Shape, key: str) -> str:
    """Returns SQL that is true if tonight's file has no row of this key and no current row of the key stays."""
    stays = "" if night.is_empty(to.going) else f"AND NOT EXISTS (SELECT FROM {to.going} g WHERE g.id = t.{to.id})"
    return f"""NOT EXISTS (SELECT FROM {to.stage} a WHERE a.key = {key}) AND NOT EXISTS (
        SELECT FROM {to.table} t WHERE {to.identity} = {key} AND t.ended_at IS NULL {stays})"""


def refuse(night: Night, read: Read, where: str, column: str, reason: Reason, absent: str = "", **values: object) -> None:
    """Refuses rows of the stage. Their keys go to the table `left`, so that no row ends because of them. `where` is about a row `s`. `absent`: see Group."""
    rows = night.run(
        f"""WITH bad AS (DELETE FROM {read.shape.stage} s WHERE {where} RETURNING line, key),
                 kept AS (INSERT INTO {read.shape.left} SELECT key FROM bad)
            SELECT line, count(*) OVER () FROM bad ORDER BY line LIMIT {MOST_REFUSED}""",
        **values,
    ).fetchall()
    for line, _ in rows:
        night.found.refuse(read.file, line, column, reason, absent)
    if rows:
        night.found.refuse_more(read.file, rows[0][1] - len(rows), column, reason, absent)
