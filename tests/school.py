"""One district's database with the cast in it: connections as any login, browsers as any person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
from django.db import connection

from tests.cast import identity, token
from tests.database import Server


@contextmanager
def pointed_at(running: Server, login: str, database: str) -> Iterator[None]:
    """Django's one connection as this login to this database, as the process of that login has it."""
    before = dict(connection.settings_dict)
    connection.settings_dict["OPTIONS"] = {}  # what a test opened came from no pool, and is not given back to one
    connection.close()
    connection.settings_dict.update(
        NAME=database,
        USER=login,
        PASSWORD=running.passwords.get(login, ""),
        HOST=str(running.cluster.sockets),
        PORT="",
        OPTIONS={},
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def proof_of(person: str, side: str) -> bytes:
    return sha256(token(person, side).encode()).digest()


@dataclass(frozen=True)
class School:
    server: Server
    database: str
    ids: dict[str, int]

    def connect(self, login: str, **words: Any) -> psycopg.Connection[Any]:
        return self.server.connect(login, self.database, **words)

    def uuid(self, name: str) -> str:
        return str(identity(name))

    @contextmanager
    def asked_by(self, person: str, side: str, *looks: tuple[str, str | None]) -> Iterator[psycopg.Connection[Any]]:
        """A connection of `app` in a transaction claimed by this person, after these looks (act, subject) committed."""
        proof = proof_of(person, side)
        with self.connect("app") as app:
            for act, subject in looks:
                app.execute("SELECT look(%s, %s, %s)", [proof, act, self.uuid(subject) if subject else None])
                app.commit()
            app.execute("SELECT begin_request(%s)", [proof])
            yield app
            app.rollback()

    def change(self, statement: str, *values: Any) -> None:
        """As owner, committed."""
        with self.connect("owner") as owner:
            owner.execute(statement, values)
