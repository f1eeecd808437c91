"""The content of a database as a backup counts it: its tables and sequences, and for each table the number of rows and their sum.

The sum does not depend on the rows' order, because it adds up two 64-bit hashes of each row. PostgreSQL divides partitions by the same hashes, so they stay
the same from release to release. A table with a column of a type that has no such hash is hashed as text. So is a column whose values are stored as numbers
that each database assigns anew, such as an enum's.
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
# A record's hash adds up its columns' hashes, so two rows that swapped a value would keep their sum. So it is hashed again.
_HASHED = {"row": sql.SQL("hashint8extended(hash_record_extended({}, {}), 3)"), "text": sql.SQL("hashtextextended(({})::text, {})")}


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are those that hold data of their own. `size` is approximate, in bytes. `as_text` are columns whose values match those of another database
    only as text."""

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
    """Returns the largest table first, so that two parallel workers end with the small ones."""
    return [Table(schema, name, tuple(columns), size, frozenset(as_text)) for schema, name, columns, size, as_text in connection.execute(TABLES)]


def sequences_of(connection: Connection[Any]) -> list[tuple[str, str, int | None, int]]:
    """Returns the schema, name, last value (None if it was never used) and first value."""
    return list(connection.execute(SEQUENCES))


def counted(connection: Connection[Any], table: Table, way: str = "") -> tuple[int, str]:
    """Returns the number of rows and their sum: `row` or `text`, the way it was made, and 32 hex digits. `way` is the one to use. Empty means the first that
    works.

    Call it in a transaction, after same_text().
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
    """Returns libpq's parameters as environment variables for PostgreSQL's own programs. Everyone on the host could see a password in an argument."""
    words = {"dbname": "PGDATABASE", "user": "PGUSER", "host": "PGHOST", "port": "PGPORT", "password": "PGPASSWORD",
             "requirepeer": "PGREQUIREPEER", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | {words[key]: str(value) for key, value in database.items() if key in words}
