"""Kai, who has no account, asks for one. Helpers act as the door, an office and the operator."""

import json
from datetime import date
from typing import Any
from uuid import uuid4

from homeroom.portal.membership.requests.tests.registering import PROVEN, answers
from tests.cast import identity, token
from tests.school import School

BORN = date(2014, 5, 5)  # Kai's
SCHOOL_MAIL = "kai@students.example"
SIGNED_IN = """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, proven_at)
    SELECT sha256(sha256(convert_to(%s, 'UTF8'))), a.id, a.person_id, 'student', '12 hours', now() + interval '1 day', now() + interval '1 day'
    FROM account a WHERE a.sign_in_name = %s RETURNING person_id"""
NEW_STUDENT = """WITH made AS (INSERT INTO person (uuid, sourced_id, given_name, family_name, grade_levels, is_student)
        VALUES (%(uuid)s, %(word)s, %(word)s, 'Okafor', '{07}', true)
        RETURNING id),
    placed AS (INSERT INTO role (uuid, sourced_id, person_id, school_id, role)
        SELECT gen_random_uuid(), %(word)s, m.id, %(school)s, 'student' FROM made m),
    dated AS (INSERT INTO demographic (person_id, birth_date) SELECT m.id, %(born)s FROM made m)
    INSERT INTO card (person_id, section_id, digest, made_by_id)
    SELECT m.id, %(section)s, sha256(%(word)s::bytea), %(teacher)s FROM made m RETURNING person_id"""


def apply(school: School, name: str = "kid", given_name: str = "Kai", family_name: str = "Okafor", /, **different: Any) -> int | None:
    """Applies as the door does, then signs in. Returns the account's number, 0 or None."""
    said = json.dumps({"birth_date": BORN, "school": identity("middle")} | different, default=str)
    with school.connect("door") as door:
        row = door.execute("SELECT register_student(%s, %s, %s, %s)", [given_name, family_name, f"{name}.student", said]).fetchone()
    assert row is not None
    if row[0]:
        with school.connect("owner") as owner:
            found = owner.execute(SIGNED_IN, [token(name, "student"), f"{name}.student"]).fetchone()
        assert found is not None
        school.ids[name] = found[0]
    return None if row[0] is None else int(row[0])


def prove(school: School, name: str = "kid", address: str = SCHOOL_MAIL) -> None:
    school.change(PROVEN, address, f"{name}.student")


def account_of(school: School, child: str = "kai") -> str | None:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT sign_in_name FROM account WHERE person_id = %s AND side = 'student'", [school.ids[child]]).fetchone()
    return row[0] if row else None


def count(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode(), values).fetchone() or (None,))[0]


def approves(school: School, who: str = "rosa", about: str = "kai", how: str = "photo id") -> str:
    return answers(school, who, about=about, how=how)


def another_student(school: School) -> str:
    """Adds a student of Lincoln Middle with a card and without an account."""
    word = f"Kid{uuid4().hex[:8]}"
    said = {"uuid": identity(word), "word": word, "born": BORN} | {
        field: school.ids[name] for field, name in (("school", "middle"), ("section", "english"), ("teacher", "dana"))
    }
    with school.connect("owner") as owner:
        row = owner.execute(NEW_STUDENT, said).fetchone()
    assert row is not None
    school.ids[word] = row[0]
    return word
