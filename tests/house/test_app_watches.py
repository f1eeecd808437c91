"""Someone with `app` watches pg_stat_activity while families open pages, and must find neither token nor proof."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import psycopg
import pytest
from django.db import connection, connections

from tests.browser import Browser
from tests.cast import token
from tests.school import School, proof_of

HATS = (("ana", "family"), ("dee", "family"), ("nina", "student"), ("dana", "family"))
SECONDS, POLLS = 3.0, 300  # at least, since a busy machine takes longer


def tells() -> list[str]:
    """Returns everything that would reveal a session, in each spelling that a driver or a log might use."""
    found = []
    for person, side in HATS:
        secret = proof_of(person, side)
        for value in (secret, sha256(secret).digest()):
            found += [
                value.hex(),
                value.hex().upper(),
                base64.b64encode(value).decode().rstrip("="),
                repr(value)[2:-1][:20],
            ]
        found.append(token(person, side))
    return found


@contextmanager
def families_reading(paths: list[tuple[str, str, str]]) -> Iterator[list[str]]:
    """Reads pages as each person, in threads with connections of their own, as in the web process. Yields what went wrong."""
    stop, wrong = threading.Event(), []

    def read(person: str, side: str, path: str) -> None:
        browser = Browser(person, side)
        try:
            while not stop.is_set():
                status = browser.open(path).status
                if status != 200:
                    wrong.append(f"{person} {path}: {status}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read, args=words) for words in paths]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_no_token_and_no_proof_in_pg_stat_activity(own_school: School) -> None:
    nina, maxs, kai = (f"/children/{own_school.uuid(name)}" for name in ("nina", "max", "kai"))
    paths = [("ana", "family", nina), ("dee", "family", maxs), ("nina", "student", nina), ("dana", "family", kai)]
    seen: set[str] = set()
    polls = 0
    with own_school.connect("app", autocommit=True) as watcher, families_reading(paths) as wrong:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until or polls < POLLS:
            # Every column, since the application's name and the backend's start are text as well.
            rows = watcher.execute(
                "SELECT a::text, coalesce(query, '') FROM pg_stat_activity a WHERE pid <> pg_backend_pid()"
            )
            seen.update(text for row in rows for text in row)
            polls += 1
    assert wrong == []
    whole = "\n".join(seen)
    assert "begin_request" in whole and "look(" in whole, "the watcher saw none of the statements that carry a proof"
    assert [tell for tell in tells() if tell in whole] == []


def test_the_watcher_would_have_found_a_proof_bound_by_the_client(own_school: School) -> None:
    """The control: Django's own cursor writes its values into the statement."""
    connection.ensure_connection()
    with own_school.connect("app", autocommit=True) as watcher, connection.cursor() as cursor:
        cursor.execute("SELECT begin_request(%s)", [proof_of("ana", "family")])
        (text,) = watcher.execute(
            "SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE query LIKE 'SELECT begin%'"
        ).fetchone() or ("",)
    assert proof_of("ana", "family").hex()[:40] in text


@pytest.mark.parametrize("login", ["door", "owner", "intake", "jobs", "sealer", "watcher"])
def test_other_logins_statements_are_hidden_altogether(school: School, login: str) -> None:
    with school.connect(login) as other, school.connect("app") as watcher:
        other.execute("SELECT 'a statement of somebody else'")
        rows = watcher.execute("SELECT query FROM pg_stat_activity WHERE usename = %s", [login]).fetchall()
    assert set(rows) == {("<insufficient privilege>",)}


def test_nothing_else_in_the_catalogue_keeps_what_was_claimed(school: School) -> None:
    """app may read the claim of its own session, since it made it. No view shows the claims of others."""
    with school.connect("app") as claimed, school.connect("app") as watcher:
        claimed.execute("SELECT begin_request(%s)", [proof_of("ana", "family")])
        views = watcher.execute("SELECT viewname FROM pg_views WHERE schemaname = 'pg_catalog'").fetchall()
        for (view,) in views:
            try:
                with watcher.transaction():
                    whole = str(watcher.execute(f'SELECT * FROM pg_catalog."{view}"').fetchall())
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert [tell for tell in tells() if tell in whole] == [], view
