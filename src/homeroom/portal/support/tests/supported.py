"""Sol Park, a supporter with a passkey that tests don't have to hold. Grants and sessions are made as the processes of production make them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from homeroom.portal.membership.tests.acting import ask, newest, second
from tests.cast import identity
from tests.school import School

PASSKEY = b"sol's passkey"
TOKEN = "token-of-sol"
WHY = "Nina's average looks odd"


def proof(token: str = TOKEN) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def add(school: School, name: str = "Sol Park", passkey: bytes = PASSKEY) -> str:
    """Adds a supporter by the operator's command and the door's page. Returns the supporter's uuid."""
    code = hashlib.sha256(name.encode()).digest()
    with school.connect("owner") as owner:
        (made,) = owner.execute("SELECT add_supporter(%s, %s)", [name, code]).fetchone() or (None,)
    with school.connect("door") as door:
        assert door.execute("SELECT register_supporter(%s, %s, 'public', 0)", [code, passkey]).fetchone() == (True,)
    return str(made)


def propose(school: School, supporter: str, *students: str, hours: int = 4, by: str = "carl", **words: Any) -> str:
    children = [identity(student) for student in students]
    return str(ask(school, by, "SELECT propose_support(%s, %s, %s::uuid[], %s)", [supporter, hours, children, WHY], **words))


def grant(school: School, *students: str, supporter: str = "", hours: int = 4) -> str:
    """Carl proposes and Pat approves. Returns the grant's uuid."""
    assert propose(school, supporter or add(school), *students, hours=hours) == "proposed"
    assert second(school, "pat") == "carried out", newest(school)
    with school.connect("owner") as owner:
        (made,) = owner.execute("SELECT uuid FROM support_grant ORDER BY id DESC LIMIT 1").fetchone() or (None,)
    return str(made)


def sign_in(school: School, *, passkey: bytes = PASSKEY, count: int = 0, token: str = TOKEN) -> bool:
    """Returns whether the door began a session."""
    with school.connect("door") as door:
        key = hashlib.sha256(proof(token)).digest()
        return door.execute("SELECT begin_support_session(%s, %s, %s)", [passkey, count, key]).fetchone() != (None,)


def look(app: psycopg.Connection[Any], number: int, token: str = TOKEN) -> int:
    """Returns the number of the view, which is not committed."""
    (entry,) = app.execute("SELECT support_look(%s, %s)", [proof(token), number]).fetchone() or (0,)
    return int(entry)


@contextmanager
def asked(school: School, number: int | None = None, token: str = TOKEN) -> Iterator[psycopg.Connection[Any]]:
    """A connection of app in a transaction that the supporter claimed, after a committed view of this student of the grant."""
    with school.connect("app") as app:
        entry = look(app, number, token) if number is not None else None
        app.commit()
        app.execute("SELECT begin_support(%s, %s)", [proof(token), entry])
        yield app
        app.rollback()


READS = ("support_classes()", "support_work()", "support_marks('-infinity')", "support_ties()")
ALL_READS = (*READS, "support_deliveries()")


def counts(app: psycopg.Connection[Any], reads: tuple[str, ...] = READS) -> dict[str, int]:
    """Returns how many rows each function returns."""
    return {read: (app.execute(f"SELECT count(*) FROM {read}").fetchone() or (0,))[0] for read in reads}
