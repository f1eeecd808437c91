"""Accounts, access, duties and offices in a portal that a file filled, so that people of the file can open pages."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from homeroom.portal.intake.tests.lincoln import Lincoln
from tests.cast import token
from tests.school import pointed_at

PERSON = "(SELECT id FROM person WHERE sourced_id = %s)"
EVERYTHING = "{grades,attendance,contacts,birth date,ledger}"


def sign_in(portal: Lincoln, person: str, side: str) -> None:
    """Creates an account for the person with this sourcedId, and a session whose cookie is tests.cast.token()."""
    proof = hashlib.sha256(token(person, side).encode()).digest()
    with portal.connect() as owner:
        account = owner.execute(
            f"INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), {PERSON}, %s, %s) RETURNING id",
            [person, side, f"{person}.{side}"],
        ).fetchone()
        assert account
        owner.execute("INSERT INTO credential (account_id, password) VALUES (%s, 'none')", [account[0]])
        owner.execute(
            "INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong)"
            f" VALUES (%s, %s, {PERSON}, %s, '12 hours', now() + interval '1 day', %s)",
            [hashlib.sha256(proof).digest(), account[0], person, side, side == "staff"],
        )


def tie(portal: Lincoln, adult: str, student: str) -> None:
    with portal.connect() as owner:
        owner.execute(
            "INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge,"
            f" proof, state, is_confidential) VALUES (gen_random_uuid(), {PERSON}, {PERSON}, 'parent', '2025-01-01', %s, true, true, true,"
            " 'in person', 'approved', false)",
            [adult, student, EVERYTHING],
        )


def make_administrator(portal: Lincoln, person: str) -> None:
    with portal.connect() as owner:
        owner.execute(f"INSERT INTO administrator (person_id, start_date) VALUES ({PERSON}, '2025-01-01')", [person])


def page_of(portal: Lincoln, child: str, rest: str = "") -> str:
    return f"/children/{portal.ask('SELECT uuid FROM person WHERE sourced_id = %s', child)}{rest}"


def gradebook_of(portal: Lincoln, section: str) -> str:
    return f"/classes/{portal.ask('SELECT uuid FROM section WHERE sourced_id = %s', section)}"


@contextmanager
def pages(portal: Lincoln) -> Iterator[None]:
    """Lets tests.browser.Browser open this portal's pages."""
    with pointed_at(portal.server, "app", portal.database):
        yield
