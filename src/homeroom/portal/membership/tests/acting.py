"""Office acts, done as the web process does them, and more administrators than the cast has."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.cast import identity
from tests.school import School, proof_of

SEEN = "SELECT seen FROM proposals_shown() WHERE uuid = %s"
HOLDS = "SELECT count(*) FROM administrator WHERE person_id = %s AND (end_date IS NULL OR end_date > today())"
MAKE = "INSERT INTO administrator (person_id, school_id, start_date) VALUES (%s, %s, today() - 60)"


def appoint(school: School, *names: str, at: str | None = None) -> None:
    """Makes administrators, as the operator, before a test begins."""
    for name in names:
        school.change(MAKE, school.ids[name], school.ids[at] if at else None)


def ask(school: School, who: str, statement: str, values: Sequence[Any] = (), *, side: str = "staff", proof: bytes = b"") -> Any:
    """Returns what the database answers this person as app. Commits."""
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof or proof_of(who, side)])
        row = app.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def propose(school: School, who: str, about: str, at: str | None = None) -> str:
    """Proposes another administrator."""
    place = identity(at) if at else None
    return str(ask(school, who, "SELECT propose_administrator(%s, %s, 'She runs the office')", [identity(about), place]))


def newest(school: School) -> tuple[Any, str]:
    """Returns the UUID and state of the newest proposal."""
    with school.connect("owner") as owner:
        row = owner.execute("SELECT uuid, state FROM proposal ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return row[0], row[1]


def second(school: School, who: str, *, side: str = "staff", proof: bytes = b"", seen: str | None = None) -> str:
    which, _ = newest(school)
    seen = seen or str(ask(school, "carl", SEEN, [which]))
    return str(ask(school, who, "SELECT second_proposal(%s, %s, '')", [which, seen], side=side, proof=proof))


def stop(school: School, who: str) -> str:
    return str(ask(school, who, "SELECT stop_proposal(%s, 'I know nothing of it')", [newest(school)[0]]))


def pass_time(school: School) -> None:
    """Moves time locks back by more than a day."""
    school.change("UPDATE proposal SET lock_until = lock_until - interval '25 hours'")


def offices_of(school: School, name: str) -> int:
    with school.connect("owner") as owner:
        row = owner.execute(HOLDS, [school.ids[name]]).fetchone()
    return int(row[0]) if row else 0


def another_sign_in(school: School, name: str) -> bytes:
    """Returns the proof of another staff session of this person."""
    proof = hashlib.sha256(f"another sign-in of {name}".encode()).digest()
    with school.connect("owner") as owner:
        owner.execute(
            """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong, proven_at)
               SELECT %s, id, person_id, side, %s, now() + interval '1 day', true, now() FROM account WHERE person_id = %s AND side = 'staff'""",
            [hashlib.sha256(proof).digest(), timedelta(hours=12), school.ids[name]],
        )
    return proof


def age_proofs(school: School) -> None:
    """Lets everyone's last confirmation of identity be eleven minutes ago."""
    school.change("UPDATE session SET proven_at = now() - interval '11 minutes'")


def listed(
    school: School, who: str, act: str, statement: str, values: Sequence[Any] = (), *, subject: UUID | None = None, words: str = "",
    after: int | None = None, side: str = "staff",
) -> Any:  # fmt: skip
    """Returns what the database answers this person as app, after a committed view of a list. It asks also if the view is refused."""
    proof = proof_of(who, side)
    with school.connect("app") as app:
        (entry,) = app.execute("SELECT look(%s, %s, %s, NULL, %s, %s)", [proof, act, subject, words, after]).fetchone() or (0,)
        app.commit()
        app.execute("SELECT begin_request(%s, %s)", [proof, entry or None])
        row = app.execute(statement.encode(), values).fetchone()
    return row[0] if row else None
