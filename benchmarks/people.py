"""People for the figures, made as owner: parents with access to a child and teachers of real classes, each with a session."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from benchmarks.ground import Ground


@dataclass(frozen=True, slots=True)
class Visitor:
    person: int
    token: str
    cookie: str
    student: int
    path: str
    subject: str  # the UUID that the view is about

    @property
    def whole(self) -> str:
        """Returns the page with everything on it: all scores of all classes, or the whole grid."""
        return self.path + ("?all=everything" if self.student else "?view=grid")

    @property
    def act(self) -> str:
        return "child" if self.student else "gradebook"

    @property
    def proof(self) -> bytes:
        return hashlib.sha256(self.token.encode()).digest()

    @property
    def key(self) -> bytes:
        """Returns the key of the session's row."""
        return hashlib.sha256(self.proof).digest()


def session(owner: Connection[Any], person: int, side: str) -> str:
    token = f"bench-{side}-{person}"
    account = owner.execute(
        "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, %s, %s)"
        " ON CONFLICT (person_id, side) DO UPDATE SET side = excluded.side RETURNING id",
        [person, side, token],
    ).fetchone()[0]  # type: ignore[index]
    key = hashlib.sha256(hashlib.sha256(token.encode()).digest()).digest()
    now = datetime.now(UTC)
    owner.execute(
        "INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, previous_visit_at, is_strong)"
        " VALUES (%s, %s, %s, %s, '1 day', %s, %s, %s) ON CONFLICT (key) DO NOTHING",
        [key, account, person, side, now + timedelta(days=1), now - timedelta(days=3), side == "staff"],
    )
    return token


def parents(here: Ground, many: int) -> list[Visitor]:
    """Returns one parent per student, beginning with the students who have the most work."""
    cookie = f"homeroom-{here.place.slug}"
    with here.connect("owner") as owner:
        students = owner.execute(
            "SELECT p.id, p.uuid FROM person p JOIN result r ON r.student_id = p.id GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT %s",
            [many],
        ).fetchall()
        found = []
        for student, uuid in students:
            adult = owner.execute(
                "INSERT INTO person (given_name, family_name) VALUES ('Ana', 'Bench') RETURNING id"
            ).fetchone()[0]  # type: ignore[index]
            owner.execute(
                """INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, proof, state, is_confidential)
                   VALUES (gen_random_uuid(), %s, %s, 'parent', today() - 9, '{grades,attendance,ledger}', true, true, true, 'in person', 'approved', false)""",
                [adult, student],
            )
            token = session(owner, adult, "family")
            found.append(Visitor(adult, token, f"{cookie}={token}", student, f"/children/{uuid}", str(uuid)))
        return found


def teachers(here: Ground, many: int) -> list[Visitor]:
    """Returns different teachers, each with the class whose size is nearest to 28 students."""
    cookie = f"homeroom-{here.place.slug}"
    with here.connect("owner") as owner:
        classes = owner.execute(
            """SELECT DISTINCT ON (t.person_id) t.person_id, s.uuid FROM enrollment t JOIN section s ON s.id = t.section_id
               WHERE t.role = 'teacher' ORDER BY t.person_id,
                 abs(28 - (SELECT count(*) FROM enrollment e WHERE e.section_id = s.id AND e.role = 'student')) LIMIT %s""",
            [many],
        ).fetchall()
        found = []
        for person, uuid in classes:
            token = session(owner, person, "staff")
            found.append(Visitor(person, token, f"{cookie}={token}", 0, f"/classes/{uuid}", str(uuid)))
        return found


def administrator(here: Ground, path: str) -> Visitor:
    """Returns an administrator of the district, at a page that opens no one's record."""
    with here.connect("owner") as owner:
        (person,) = owner.execute("SELECT person_id FROM administrator ORDER BY id LIMIT 1").fetchone() or (0,)
        token = session(owner, person, "staff")
    return Visitor(person, token, f"homeroom-{here.place.slug}={token}", 0, path, "")
