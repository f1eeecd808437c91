"""Keeps stale keys: rows that something other than a bulk file's own line wrote last. The next bulk file reads their lines again,
although their hashes are known.
"""

import numpy as np

from homeroom.judging.shape import Shape
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.scatter import PAIRS, Rows
from homeroom.portal.intake.reading.sidecar import marks_of


def last_stale(sql: ImportSql, file: str) -> int:
    return sql.number("SELECT max(id) FROM stale_key WHERE file = %(file)s", file=file)


def stale_marks(sql: ImportSql, file: str, until: int) -> Rows:
    if not until:
        return np.empty(0, np.uint64)
    with sql.connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT string_agg(uuid_send(k), ''::bytea) FROM stale_key, unnest(keys) AS k WHERE file = %s AND id <= %s", [file, until])
        row = cursor.fetchone()
    keys = np.frombuffer(row[0] if row and row[0] else b"", PAIRS["key"])
    return np.unique(marks_of(keys))


def add_stale(sql: ImportSql, shape: Shape, file: str, until: int) -> None:
    """Marks these rows as gone, so that one is ended if the file has no line for it."""
    if until:
        sql.run(
            f"INSERT INTO {shape.gone} SELECT unnest(keys) FROM stale_key WHERE file = %(file)s AND id <= %(until)s",
            file=file,
            until=until,
        )
        sql.run(f"ANALYZE {shape.gone}")
