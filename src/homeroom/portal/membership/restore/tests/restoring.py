"""A portal that was restored from yesterday's backup, as the operator's command does it: as owner, in one transaction."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from homeroom.portal.membership.tests.acting import ask, newest, second
from tests.school import School

LINE = """INSERT INTO restoration_line (restoration_id, position, at, kind, person_id, student_id, outcome, told)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
type Told = tuple[str, str | None, str | None, str, dict[str, Any]]


def taken() -> datetime:
    return datetime.now(UTC) - timedelta(hours=18)


def begin(owner: psycopg.Connection[Any], missing: int = 0) -> int:
    row = owner.execute("SELECT begin_restoration(7, %s, %s)", [taken(), missing]).fetchone()
    assert row is not None
    return int(row[0])


def restore(school: School, *lines: Told, missing: int = 0) -> int:
    """Each of `lines` has kind, person and student of the cast, outcome, told."""
    with school.connect("owner") as owner:
        made = begin(owner, missing)
        for place, (kind, person, student, outcome, told) in enumerate(lines):
            about = [school.ids[name] if name else None for name in (person, student)]
            owner.execute(LINE, [made, place, taken() + timedelta(hours=place), kind, *about, outcome, Jsonb(told)])
    return made


def back(school: School, *people: str, side: str = "staff") -> None:
    """Reopens the sessions that the tests' cookies are for, as if these people had signed in again."""
    for person in people:
        school.change("UPDATE session SET ended_at = NULL WHERE person_id = %s AND side = %s", school.ids[person], side)


def propose(school: School, who: str = "carl", **words: Any) -> str:
    with school.connect("owner") as owner:
        (which,) = owner.execute("SELECT uuid FROM restoration ORDER BY id DESC LIMIT 1").fetchone() or (None,)
    return str(ask(school, who, "SELECT propose_opening(%s, 'Compared with the paper list')", [which], **words))


def confirm(school: School) -> None:
    """Carl and Pat confirm. They are signed in and administrators of the district."""
    assert propose(school) == "proposed"
    assert second(school, "pat") == "carried out", newest(school)


def value(school: School, statement: str, *values: Any, login: str = "owner") -> Any:
    with school.connect(login) as connection:
        row = connection.execute(statement.encode(), values).fetchone()
    return row[0] if row else None
