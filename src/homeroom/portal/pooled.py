"""Connections that web and door keep. One that the server closed is replaced, and a new one has the login's password as it is now."""

import select
from typing import Any, Self

import psycopg
from psycopg_pool import ConnectionPool

from homeroom.portal.place import Place


def replaced_if_closed(connection: psycopg.Connection[Any]) -> None:
    """Runs before each use, and raises psycopg.OperationalError for a connection that the pool must replace. It costs no statement: an idle connection
    has something to read only if the server closed it."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


def with_password_of(place: Place, login: str) -> type[psycopg.Connection[Any]]:
    """Returns a class whose connections read the password when they are made, so that it can change while the process runs."""

    class Connection(psycopg.Connection[Any]):
        @classmethod
        def connect(cls, conninfo: str = "", **words: Any) -> Self:
            return super().connect(conninfo, **{**words, "password": place.password(login)})

    return Connection
