"""Connections that web and door keep: one that the server closed is replaced, at no cost for the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from homeroom.portal.place import Place
from homeroom.portal.pooled import replaced_if_closed, with_password_of
from tests.database import PORTAL_TOML
from tests.school import School

PID = "SELECT pg_backend_pid()"


@contextmanager
def pool(school: School, **words: Any) -> Iterator[ConnectionPool[psycopg.Connection[Any]]]:
    kwargs = school.server.words("app", school.database)
    with ConnectionPool(kwargs=kwargs, min_size=1, max_size=1, timeout=10, check=replaced_if_closed, **words) as made:
        yield made


def test_a_connection_that_the_server_closed_is_replaced(school: School) -> None:
    with pool(school) as kept, school.connect("postgres", autocommit=True) as admin:
        with kept.connection() as first:
            (before,) = first.execute(PID).fetchone() or (0,)
        assert admin.execute("SELECT pg_terminate_backend(%s, 5000)", [before]).fetchone() == (True,)
        with kept.connection() as again:
            assert again.execute(PID).fetchone() != (before,)


def test_a_connection_that_is_open_is_kept_without_a_statement(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_connection: object) -> None:
        raise psycopg.OperationalError("a statement")

    monkeypatch.setattr(ConnectionPool, "check_connection", asked)
    with pool(school) as kept:
        pids = set()
        for _ in range(5):
            with kept.connection() as connection:
                pids.add(connection.execute(PID).fetchone())
    assert len(pids) == 1


def test_a_new_connection_has_the_password_as_it_is_now(school: School, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "portal.toml").write_text(PORTAL_TOML.format(sockets=school.server.cluster.sockets))
    secret, words = tmp_path / "secrets" / "app", school.server.words("app", school.database)
    made = with_password_of(Place.read(tmp_path), "app")
    secret.write_text("another")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        made.connect(**words)
    secret.write_text(str(words["password"]))
    made.connect(**{**words, "password": "the one that it began with"}).close()
