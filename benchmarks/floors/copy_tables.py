"""The floor of imports: a bare COPY of the same rows into the same tables, indexes and checks, without foreign keys. Median of three."""

import tempfile
import time
from pathlib import Path
from statistics import median

import psycopg
from psycopg import Connection, sql

TABLES = (
    "school", "term", "course", "person", "role", "demographic", "contact_detail", "contact", "section", "section_term", "enrollment",
    "category", "line_item", "score_scale", "line_item_score_scale", "result_score_scale", "result", "attendance_mark",
)  # fmt: skip


def seconds_of_copy(owner: Connection, admin: Connection) -> float:
    """Returns the seconds. `admin` is a superuser, because owner may not make the floor's schema."""
    admin.execute("DROP SCHEMA IF EXISTS floor CASCADE")
    admin.execute("CREATE SCHEMA floor AUTHORIZATION owner")
    with tempfile.TemporaryDirectory(prefix="hr-floor-") as folder:
        for table in TABLES:
            name = sql.Identifier(table)
            owner.execute(sql.SQL("CREATE TABLE floor.{} (LIKE public.{} INCLUDING ALL)").format(name, name))
            _write(owner, table, Path(folder) / table)
        times = [_once(owner, Path(folder)) for _ in range(3)]
    admin.execute("DROP SCHEMA floor CASCADE")
    return median(times)


def _write(owner: Connection, table: str, path: Path) -> None:
    out = sql.SQL("COPY public.{} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
    with path.open("wb") as file, owner.cursor().copy(out) as copy:
        for piece in copy:
            file.write(piece)


def _once(owner: Connection, folder: Path) -> float:
    for table in TABLES:
        owner.execute(sql.SQL("TRUNCATE floor.{}").format(sql.Identifier(table)))
    begun = time.monotonic()
    with owner.transaction():
        for table in TABLES:
            into = sql.SQL("COPY floor.{} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
            with (folder / table).open("rb") as file, owner.cursor().copy(into) as copy:
                while piece := file.read(1 << 20):
                    copy.write(piece)
    return time.monotonic() - begun


def rows_in(owner: Connection) -> int:
    return sum(
        owner.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(t))).fetchone()[0] for t in TABLES
    )  # type: ignore[index]


def connect(conninfo: dict[str, object]) -> psycopg.Connection:
    return psycopg.connect(**conninfo, autocommit=True)  # type: ignore[arg-type]
