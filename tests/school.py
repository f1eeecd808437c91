"""One district's database with the cast in it: connections as any login, and requests as any person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
from django.db import connection, transaction

from homeroom.ops.host.owner import change_tables
from homeroom.portal.access.protect import protect
from homeroom.portal.door.waiting import line
from tests.cast import STUDENTS, identity, token, write_cast
from tests.database import Server

TODAY = "timezone('PST8PDT', now())::date"  # the district's day
SCORES = """SELECT (SELECT count(*) FROM unnest(%(uuids)s::uuid[]) AS s,
        work_shown(s, timezone('PST8PDT', now())::date + 1, '-infinity') w WHERE w.score IS NOT NULL)
    + (SELECT count(*) FROM class_students_shown(timezone('PST8PDT', now())::date) c
       JOIN class_results_shown(timezone('PST8PDT', now())::date) r ON r.student_id = c.id
       WHERE c.uuid = ANY (%(uuids)s::uuid[]))"""
NAMES = """SELECT full_name FROM students_shown(%(uuids)s::uuid[], '-infinity')
    UNION SELECT given_name || ' ' || family_name FROM class_students_shown(timezone('PST8PDT', now())::date)
    UNION SELECT given_name || ' ' || family_name FROM class_names_shown()"""
TABLES = """SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> ALL ('{django_migrations,attendance_code}')"""  # migrations fill these two


@contextmanager
def pointed_at(running: Server, login: str, database: str, through: type[psycopg.Connection[Any]] = psycopg.Connection) -> Iterator[None]:
    """Points Django's one connection to this database as this login, as the process of that login has it. `through` opens it."""

    def opened(words: dict[str, Any]) -> psycopg.Connection[Any]:
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return through.connect(**words)

    line.clear()
    before = dict(connection.settings_dict)
    connection.settings_dict["OPTIONS"] = {}  # a test's connection is from no pool, and doesn't go back to one
    connection.close()
    connection.settings_dict.update(
        NAME=database,
        USER=login,
        PASSWORD=running.passwords.get(login, ""),
        HOST=str(running.cluster.sockets),
        PORT="",
        OPTIONS={},
    )
    outside = connection.get_new_connection
    connection.get_new_connection = opened
    try:
        yield
    finally:
        connection.close()
        connection.get_new_connection = outside
        connection.settings_dict.update(before)


def write_template(running: Server) -> dict[str, int]:
    """Migrates and protects the cluster's database `homeroom`, and writes the cast into it. Returns everyone's ids."""
    with pointed_at(running, "owner", "homeroom"), transaction.atomic():
        change_tables()
    with running.connect("owner", "homeroom") as owner:
        protect(owner)
        return write_cast(owner, datetime.now(UTC))


def empty(running: Server, database: str) -> None:
    """Takes the cast out of a database. Rows that migrations wrote stay."""
    with running.connect("postgres", database) as inside:
        (tables,) = inside.execute(TABLES).fetchone() or ("",)
        inside.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())


def rewrite_cast(running: Server, database: str, now: datetime) -> dict[str, int]:
    """Replaces the cast by one as of `now`, with the same ids."""
    empty(running, database)
    with running.connect("owner", database) as owner:
        return write_cast(owner, now)


def proof_of(person: str, side: str) -> bytes:
    return sha256(token(person, side).encode()).digest()


def scores_read(app: psycopg.Connection[Any], *students: str) -> int:
    """Returns how many scores this request reads of these students, or of all in the cast. Scores of the class that it viewed count, too."""
    uuids = [str(identity(student)) for student in students or STUDENTS]
    found = app.execute(SCORES, {"uuids": uuids}).fetchone()
    return int(found[0]) if found else 0


def names_read(app: psycopg.Connection[Any]) -> set[str]:
    """Returns full names of the cast's students that this request reads, in anything that it views."""
    uuids = [str(identity(student)) for student in STUDENTS]
    return {name for (name,) in app.execute(NAMES, {"uuids": uuids})}


@dataclass(frozen=True)
class School:
    server: Server
    database: str
    ids: dict[str, int]
    through: type[psycopg.Connection[Any]] = psycopg.Connection

    def connect(self, login: str, **words: Any) -> psycopg.Connection[Any]:
        """As `postgres`, the connection is new, because tests read what its own statements called."""
        through = psycopg.Connection if login == "postgres" else self.through
        return through.connect(**self.server.words(login, self.database), **words)

    def uuid(self, name: str) -> str:
        return str(identity(name))

    @contextmanager
    def asked_by(self, person: str, side: str, *looks: tuple[str, str | None]) -> Iterator[psycopg.Connection[Any]]:
        """Yields a connection of `app` in a transaction that this person claimed. These views (act, subject) are committed first, and it names the last one."""
        proof, entry = proof_of(person, side), None
        with self.connect("app") as app:
            for act, subject in looks:
                (entry,) = app.execute("SELECT look(%s, %s, %s)", [proof, act, self.uuid(subject) if subject else None]).fetchone() or (None,)
                app.commit()
            app.execute("SELECT begin_request(%s, %s)", [proof, entry])
            yield app
            app.rollback()

    def change(self, statement: str, *values: Any) -> None:
        """Runs the statement as owner, and commits it."""
        with self.connect("owner") as owner:
            owner.execute(statement, values)


def calls_of(school: School, function: str, statement: str, *values: Any) -> int:
    """Returns how often this statement calls the function, at any depth. It is rolled back."""
    with school.server.connect("postgres", school.database) as admin:
        admin.execute("SET track_functions = 'all'")
        admin.execute(statement.encode(), values)
        found = admin.execute("SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = %s", [function]).fetchone()
        admin.rollback()
    return int(found[0]) if found else 0
