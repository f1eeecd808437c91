"""Databases that tests use in turn. Each test finds its own as if it were new.

A clone for each test would cost 70 ms, and each of its connections would compile the rules again. Here changed rows are put back, and connections stay open.
If a test changed the catalog (a table, a function, a grant, a trigger), the next one gets a new clone."""

import os
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
from psycopg import pq, sql

from tests.database import Server, copy_database

TABLES = """SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace <> ALL ('{pg_catalog, information_schema}'::regnamespace[]) ORDER BY 1"""
SEQUENCES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S' ORDER BY 1"
CATALOG = "SELECT (SELECT datacl::text FROM pg_database WHERE datname = current_database()) || " + " || ' ' || ".join(
    f"(SELECT count(*) || ':' || sum(xmin::text::bigint) FROM pg_{name})"
    for name in ("class", "attribute", "attrdef", "constraint", "index", "namespace", "policy", "proc", "rewrite", "trigger", "type")
)
SUM = "SELECT '{0}', count(*), sum(hashtextextended(t::text, 0)) FROM {0} t"
VALUE = "SELECT '{0}', last_value, is_called FROM {0}"
END_OTHERS = """SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid <> ALL (%s)"""
LOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
HOLDS_LOCK = b"SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
AS_NEW = b"RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DEALLOCATE ALL; DISCARD TEMP; DISCARD SEQUENCES"
GONE = pq.PGconn.connect_start(b"")
GONE.finish()


class Lent(psycopg.Connection[Any]):
    """A connection that is kept when it is closed. The next one of the same login gets it, as if it were new."""

    kept: ClassVar[defaultdict[str, list[pq.PGconn]]] = defaultdict(list)  # by what it was opened with
    conninfo = ""

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Generator[Any, Any, Self]:
        made = None
        while not made and (kept := cls.kept[conninfo]):
            if answers(mine := kept.pop()):
                made = cls(mine)
        made = made or (yield from super()._connect_gen(conninfo))
        made.conninfo = conninfo
        return made

    @classmethod
    def forget(cls, database: str) -> None:
        """Ends the kept connections of this database."""
        for conninfo in [each for each in cls.kept if f"dbname={database} " in f"{each} "]:
            for pgconn in cls.kept.pop(conninfo):
                pgconn.finish()

    def __exit__(self, *error: Any) -> None:
        try:
            super().__exit__(*error)
        finally:
            self.close()  # psycopg leaves it open if a constraint stops the commit

    def close(self) -> None:
        if self.closed:
            return
        mine, self.pgconn = self.pgconn, GONE
        if mine.transaction_status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
            mine.exec_(b"ROLLBACK")
        if mine.transaction_status == pq.TransactionStatus.IDLE and is_as_new(mine):
            self.kept[self.conninfo].append(mine)
        else:
            mine.finish()


def is_as_new(pgconn: pq.PGconn) -> bool:
    """Resets the session. DISCARD ALL also lets go of advisory locks, but forgets all plans."""
    statement = b"DISCARD ALL" if pgconn.exec_(HOLDS_LOCK).ntuples else AS_NEW
    return pgconn.exec_(statement).status == pq.ExecStatus.COMMAND_OK


def answers(pgconn: pq.PGconn) -> bool:
    """Tells whether its server still runs. A test may have stopped it."""
    try:
        return pgconn.exec_(b"").status == pq.ExecStatus.EMPTY_QUERY
    except psycopg.OperationalError:
        return False


class Turns:
    """A clone of `template`. `next()` makes it as new."""

    def __init__(self, running: Server, template: str, database: str) -> None:
        self.running, self.template, self.database = running, template, database
        self._rows: dict[str, bytes] = {}
        self._admin: psycopg.Connection[Any] | None = None

    def next(self) -> None:
        """Makes the database as new."""
        if not (self._admin and self._put_back(self._admin)):
            self.end()
            with self.running.connect("postgres", "postgres", autocommit=True) as server:
                copy_database(server, self.template, self.database)
            self._admin = self.running.connect("postgres", self.database, autocommit=True)
            self._look(self._admin)

    def end(self) -> None:
        """Drops the database."""
        Lent.forget(self.database)
        if self._admin:
            self._admin.close()
            self._admin = None
            with self.running.connect("postgres", "postgres", autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.database)))

    def _look(self, admin: psycopg.Connection[Any]) -> None:
        """Reads what a new clone has."""
        admin.execute("SET max_parallel_workers_per_gather = 0")  # to start a worker costs more than to read all rows
        self._tables = [name for (name,) in admin.execute(TABLES)]
        sequences = [name for (name,) in admin.execute(SEQUENCES)]
        self._sums = " UNION ALL ".join(SUM.format(name) for name in self._tables)
        self._values = " UNION ALL ".join(VALUE.format(name) for name in sequences)
        self._catalog, self._new = admin.execute(CATALOG).fetchone(), self._state(admin)
        for table in self._tables:
            with admin.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                self._rows[table] = b"".join(bytes(piece) for piece in copy)

    def _state(self, admin: psycopg.Connection[Any]) -> tuple[set[Any], set[Any]]:
        return {*admin.execute(self._sums, prepare=True)}, {*admin.execute(self._values, prepare=True)}

    def _put_back(self, admin: psycopg.Connection[Any]) -> bool:
        """Returns False if only a new clone can be as new."""
        waiting = [each.backend_pid for kept in Lent.kept.values() for each in kept]
        try:
            admin.execute(END_OTHERS, [waiting])
        except psycopg.OperationalError:  # the test stopped the server
            return False
        if admin.execute(CATALOG).fetchone() != self._catalog or admin.execute(LOCKED).fetchone() != (0,):
            return False
        sums, values = self._state(admin)
        changed = sorted({table for table, *_ in self._new[0] ^ sums})
        with admin.transaction(), admin.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no check of foreign keys
            for table in changed:
                cursor.execute(f"DELETE FROM {table}")
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(self._rows[table])
            for name, value, is_called in self._new[1] - values:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, value, is_called])
        return True


_waiting: defaultdict[tuple[Path, str], list[Turns]] = defaultdict(list)
_numbers = count()


@contextmanager
def turn(running: Server, template: str) -> Iterator[str]:
    """Yields the name of a database that is as `template` is. Afterwards the next one may have it."""
    waiting = _waiting[running.folder, template]
    mine = waiting.pop() if waiting else Turns(running, template, f"own_{os.getpid()}_{next(_numbers)}")
    try:
        mine.next()
        yield mine.database
    finally:
        waiting.append(mine)


def end_turns(running: Server, *templates: str) -> None:
    """Drops the databases that wait, of all templates if none is named."""
    for place in [place for place in _waiting if place[0] == running.folder and (not templates or place[1] in templates)]:
        for each in _waiting.pop(place):
            each.end()
