"""What a database holds, as a backup counts it: its tables and sequences, and of each table how many rows and a sum over them.

The sum does not depend on the rows' order: two 64-bit hashes of each row, added up. The hashes are those that PostgreSQL divides partitions by,
so that they stay the same from release to release. A table with a column of a type that has none is hashed as text; so is a column whose values are
kept as numbers that each database gives out anew, as those of an enum are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, sql

SAME_TEXT = ("SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO, YMD'", "SET LOCAL IntervalStyle = 'postgres'",
             "SET LOCAL extra_float_digits = 1", "SET LOCAL bytea_output = 'hex'")  # fmt: skip
TABLES = """SELECT n.nspname, c.relname,
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ORDER BY a.attnum), pg_table_size(c.oid),
    array(SELECT a.attname::text FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = y.typelem
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND (y.typtype <> 'b' OR e.typtype <> 'b' OR (y.typnamespace = 'pg_catalog'::regnamespace AND y.typname ~ '^_?reg')))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    ORDER BY pg_table_size(c.oid) DESC, n.nspname, c.relname"""
SEQUENCES = """SELECT schemaname, sequencename, last_value, start_value FROM pg_sequences
    WHERE schemaname <> 'information_schema' AND schemaname !~ '^pg_' ORDER BY schemaname, sequencename"""
MASK = (1 << 64) - 1
# A record's hash adds up its columns' hashes: two rows that exchanged a value would have the sum they had. So it is hashed once more.
_HASHED = {"row": sql.SQL("hashint8extended(hash_record_extended({}, {}), 3)"), "text": sql.SQL("hashtextextended(({})::text, {})")}


@dataclass(frozen=True, slots=True)
class Table:
    """columns: those that hold data of their own; size: in bytes, about; as_text: columns whose values are the same in another database as text alone."""

    schema: str
    name: str
    columns: tuple[str, ...]
    size: int
    as_text: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


def tables_of(connection: Connection[Any]) -> list[Table]:
    """The largest first: whoever works on two at once then ends with the small ones."""
    return [Table(schema, name, tuple(columns), size, frozenset(as_text)) for schema, name, columns, size, as_text in connection.execute(TABLES)]


def sequences_of(connection: Connection[Any]) -> list[tuple[str, str, int | None, int]]:
    """Schema, name, last value (None where it was never asked), first value."""
    return list(connection.execute(SEQUENCES))


def counted(connection: Connection[Any], table: Table, way: str = "") -> tuple[int, str]:
    """Rows, and their sum: the way it was made, `row` or `text`, and 32 hex digits. way: the one to use; empty: the first that can be.

    In a transaction of the caller's, after same_text().
    """
    if way != "text":
        try:
            with connection.transaction():
                return _summed(connection, table, "row")
        except psycopg.errors.UndefinedFunction:
            if way:
                raise
    return _summed(connection, table, "text")


def _summed(connection: Connection[Any], table: Table, way: str) -> tuple[int, str]:
    columns = sql.SQL(", ").join(sql.SQL("{}::text" if name in table.as_text else "{}").format(sql.Identifier("t", name)) for name in table.columns)
    row = sql.SQL("ROW({})").format(columns)
    hashes = [_HASHED[way].format(row, sql.Literal(seed)) for seed in (1, 2)]
    asked = sql.SQL("SELECT count(*), coalesce(sum({}), 0), coalesce(sum({}), 0) FROM {} t").format(*hashes, table.identifier)
    rows, first, second = connection.execute(asked).fetchone() or (0, 0, 0)
    return int(rows), f"{way} {int(first) & MASK:016x}{int(second) & MASK:016x}"


def same_text(connection: Connection[Any]) -> None:
    for statement in SAME_TEXT:
        connection.execute(statement.encode())


def counts(connection: Connection[Any], tables: list[Table]) -> Iterator[tuple[Table, int, str]]:
    same_text(connection)
    for table in tables:
        yield table, *counted(connection, table)


def environment(database: Mapping[str, Any]) -> dict[str, str]:
    """libpq's words as PostgreSQL's own programs read them: a password in an argument would be for everybody on the host to see."""
    words = {"dbname": "PGDATABASE", "user": "PGUSER", "host": "PGHOST", "port": "PGPORT", "password": "PGPASSWORD",
             "requirepeer": "PGREQUIREPEER", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | {words[key]: str(value) for key, value in database.items() if key in words}
