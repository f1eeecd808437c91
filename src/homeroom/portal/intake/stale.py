"""Keeps stale keys: rows that something other than a bulk file's own line wrote last. The next bulk file reads their lines again,
although their hashes are known.
"""

import numpy as np

from homeroom.judging.particular import MOST_NEW
from homeroom.judging.shape import Shape
from homeroom.portal.intake.images import keep_file
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.scatter import PAIRS, Rows
from homeroom.portal.intake.sidecar import lines_before, marks_of


def last_stale(night: Night, file: str) -> int:
    return night.number("SELECT max(id) FROM stale_key WHERE file = %(file)s", file=file)


def stale_marks(night: Night, file: str, until: int) -> Rows:
    if not until:
        return np.empty(0, np.uint64)
    with night.connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT string_agg(uuid_send(k), ''::bytea) FROM stale_key, unnest(keys) AS k WHERE file = %s AND id <= %s", [file, until])
        row = cursor.fetchone()
    keys = np.frombuffer(row[0] if row and row[0] else b"", PAIRS["key"])
    return np.unique(marks_of(keys))


def add_stale(night: Night, shape: Shape, file: str, until: int) -> None:
    """Marks these rows as gone, so that one is ended if the file has no line for it."""
    if until:
        night.run(
            f"INSERT INTO {shape.gone} SELECT unnest(keys) FROM stale_key WHERE file = %(file)s AND id <= %(until)s",
            file=file,
            until=until,
        )
        night.run(f"ANALYZE {shape.gone}")


def note_stale(night: Night, shape: Shape, file: str) -> None:
    """Notes a delta's rows. A small file is read whole next time instead. So is a large one with too many stale keys."""
    lines = lines_before(night, file) if shape.is_big else 0
    if lines:
        night.run(
            f"""INSERT INTO stale_key (file, keys) SELECT %(file)s, array_agg(key)
                FROM (SELECT key, (row_number() OVER () - 1) / 1000 AS part
                      FROM (SELECT key FROM {shape.stage} UNION ALL SELECT key FROM {shape.gone}) AS written) AS parted
                GROUP BY part""",
            file=file,
        )
        counted = ("count(*) * 1000", "sum(cardinality(keys))")  # an upper bound that reads no keys, then the exact count
        if any(night.number(f"SELECT {number} FROM stale_key WHERE file = %(file)s", file=file) <= MOST_NEW * lines for number in counted):
            return
    keep_file(night, file)
    night.run("DELETE FROM row_hashes WHERE file = %(file)s", file=file)
    night.run("DELETE FROM stale_key WHERE file = %(file)s", file=file)


def clear_stale(night: Night, file: str, until: int) -> None:
    """Deletes stale keys after a bulk file whose lines are all known now."""
    if until:
        night.run("DELETE FROM stale_key WHERE file = %(file)s AND id <= %(until)s", file=file, until=until)
