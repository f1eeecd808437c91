"""Finds rows that a file would end. A bulk file ends rows that it leaves out, except rows of sessions that are over and not in the file."""

from homeroom.judging.shape import Shape
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged, Staging


def find_going(sql: Staging, read: Staged) -> None:
    """Fills `going`, and makes `was` if the file was read in part."""
    shape = read.shape
    left_out = f"{shape.identity} IN (SELECT key FROM {shape.gone})" if read.is_partial else "true"
    spoken = "true" if read.is_delta else shape.spoken  # a delta names what it ends
    first, last = sql.spoken_days or (None, None)
    if read.is_partial:
        _set_apart(sql, shape)
    sql.run(
        f"""INSERT INTO {shape.going} SELECT t.{shape.id} FROM {read.source} t
            WHERE t.ended_at IS NULL AND {shape.own} AND {left_out} AND {spoken}
                AND NOT EXISTS (SELECT FROM {shape.stage} s WHERE s.key = {shape.identity})
                AND NOT EXISTS (SELECT FROM {shape.left} l WHERE l.key = {shape.identity})""",
        first_day=first,
        last_day=last,
    )
    sql.run(f"ANALYZE {shape.going}")


def _set_apart(sql: ImportSql, shape: Shape) -> None:
    """Copies the few rows that the file may change, with the place (ctid) of each, so that the large table is searched once."""
    keys, was = f"keys_of_{shape.name or shape.table}", f"{shape.was} ON COMMIT DROP"
    union = f"SELECT key FROM {shape.gone} UNION SELECT key FROM {shape.stage} ORDER BY key"
    sql.run(f"CREATE TEMPORARY TABLE {keys} ON COMMIT DROP AS {union}")
    sql.run(f"ANALYZE {keys}")
    if shape.is_big:  # with a bitmap, which reads millions of rows in the order on disk. It takes half the time of one key after another
        sql.run("SET LOCAL enable_indexscan = off")
        found = f"FROM {shape.table} t WHERE {shape.identity} = ANY (ARRAY(SELECT key FROM {keys}))"
    else:
        found = f"FROM {keys} k JOIN {shape.table} t ON {shape.identity} = k.key"
    sql.run(f"CREATE TEMPORARY TABLE {was} AS SELECT t.ctid AS place, t.* {found}")
    sql.run("SET LOCAL enable_indexscan = on")
    sql.run(f"ANALYZE {shape.was}")
