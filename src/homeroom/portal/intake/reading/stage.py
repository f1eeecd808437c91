"""Makes and fills stages: a temporary table per shape, filled by COPY and dropped with the transaction."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Copy
from psycopg.copy import QueuedLibpqWriter

from homeroom.formats.spec import Table
from homeroom.formats.tolerances import Tolerance
from homeroom.judging.cells import Cells
from homeroom.judging.reading import rows_of
from homeroom.judging.shape import Shape
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.scatter import BUCKETS
from homeroom.portal.intake.reading.sidecar import Difference

MOST_QUEUED = 64  # pieces of at most 128 KB that wait for PostgreSQL while more are read


def stage_tables(shape: Shape, *, is_delta: bool = False) -> list[str]:
    """Returns statements that make the stage and tables for keys of refused rows (left), keys that no line has now (gone) and ids of rows to end
    (going)."""
    columns = [f"{each.name} {each.sql}" for each in shape.columns] + (["is_ended boolean"] if is_delta else [])
    id_sql = "uuid" if shape.id == "id" and shape.identity == "t.id" else "integer"
    tables = {
        shape.stage: ["line integer", "hash bigint", f"key {shape.key_sql}", *columns],
        shape.left: [f"key {shape.key_sql}"],
        shape.gone: [f"key {shape.key_sql}"],
        shape.going: [f"id {id_sql}"],
    }
    return [f"CREATE TEMPORARY TABLE {name} ({', '.join(words)}) ON COMMIT DROP" for name, words in tables.items()]


def write_gone(sql: ImportSql, shape: Shape, difference: Difference) -> None:
    with sql.connection.cursor() as cursor, cursor.copy(f"COPY {shape.gone} FROM STDIN".encode()) as copy:
        for number in range(BUCKETS):
            keys = difference.gone.bucket(number)["key"].tolist()
            copy.write("".join(f"{key.hex()}\n" for key in keys))
    sql.run(f"ANALYZE {shape.gone}")


def set_ended_apart(sql: ImportSql, shape: Shape) -> None:
    """Moves a delta's rows that end a row from the stage to `gone`."""
    sql.run(f"WITH ended AS (DELETE FROM {shape.stage} WHERE is_ended RETURNING key) INSERT INTO {shape.gone} SELECT key FROM ended")
    sql.run(f"ANALYZE {shape.gone}")


@contextmanager
def filling(sql: ImportSql, shape: Shape, *, is_delta: bool = False) -> Iterator["Filling"]:
    """Opens a stage for filling. No other statement can run on the connection until it is filled."""
    names = ", ".join(["line", "hash", "key", *(each.name for each in shape.columns), *(["is_ended"] if is_delta else [])])
    statement = f"COPY {shape.stage} ({names}) FROM STDIN (FORMAT csv)"
    with sql.connection.cursor() as cursor:
        writer = QueuedLibpqWriter(cursor)
        writer._queue.maxsize = MOST_QUEUED  # psycopg has no option for it, and would let 128 MB wait
        with cursor.copy(statement.encode(), writer=writer) as copy:
            filled = Filling(shape, copy)
            yield filled
        filled.write_left(sql)
    sql.run(f"ANALYZE {shape.stage}")


class Filling:
    def __init__(self, shape: Shape, copy: Copy) -> None:
        self._shape, self._copy = shape, copy
        self._left: list[str] = []
        self.let_pass: Counter[Tolerance] = Counter()  # rows

    def add(self, cells: Cells, table: Table) -> int:
        """Returns how many rows say that they are deleted."""
        rows = rows_of(self._shape, cells, table)
        self.let_pass += rows.let_pass
        self._copy.write(rows.ready.write_csv(include_header=False).encode())
        self._left += rows.left
        return rows.ended

    def write_left(self, sql: ImportSql) -> None:
        with sql.connection.cursor() as cursor, cursor.copy(f"COPY {self._shape.left} FROM STDIN".encode()) as copy:
            for key in self._left:
                copy.write_row([key])
