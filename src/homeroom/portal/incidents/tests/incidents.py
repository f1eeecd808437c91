"""Incidents in tests: a teacher's account is stolen, and Carl handles it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity
from tests.school import School, proof_of

OFFICE = "/office/incidents"
LETTER = {
    "en": {"what_happened": "Someone used a teacher’s account.", "doing": "We closed the account.", "can_do": "Call us with questions."},
    "es": {"what_happened": "Alguien usó la cuenta de un maestro.", "doing": "Cerramos la cuenta.", "can_do": "Llámenos si tiene preguntas."},
}


def declare(school: School, who: str = "carl", title: str = "Stolen teacher account", ago: timedelta = timedelta(hours=2), side: str = "staff") -> UUID:
    """Returns the incident's UUID, also if it wasn't declared."""
    which = uuid4()
    start = datetime.now().astimezone() - ago
    ask(school, who, "SELECT declare_incident(%s, %s, 'Bo saw a sign-in that was not his', %s)", [which, title, start], side=side)
    return which


def account(school: School, name: str = "bo", side: str = "staff") -> Any:
    return one(school, "SELECT uuid FROM account WHERE person_id = %s AND side = %s", school.ids[name], side)


def count(school: School, which: UUID, name: str | None = "bo", act: str = "", side: str = "staff", who: str = "carl") -> str:
    """Counts the views of the last day."""
    until = one(school, "SELECT now()")
    of = account(school, name, side) if name else None
    statement = "SELECT count_affected(%s, %s, %s, %s, %s, false, '')"
    return str(ask(school, who, statement, [which, of, act, until - timedelta(days=1), until]))


def counted(school: School, part: str = "total") -> Any:
    """Returns the last count's answer."""
    return one(school, "SELECT facts->%s FROM incident_fact WHERE kind = 'counted' ORDER BY id DESC LIMIT 1", part)


def note(school: School, which: UUID, kind: str, what: str = "", said: str = "Words", at: datetime | None = None, who: str = "carl") -> str:
    return str(ask(school, who, "SELECT note_incident(%s, %s, %s, %s, %s)", [which, kind, what, said, at]))


def name_suspect(school: School, which: UUID, name: str, who: str = "carl", side: str = "staff", *, is_cleared: bool = False) -> str:
    return str(ask(school, who, "SELECT name_suspect(%s, %s, %s, 'His password was on a list')", [which, account(school, name, side), is_cleared]))


def look(school: School, who: str, act: str, subject: str | None, side: str = "staff") -> int:
    with school.connect("app", autocommit=True) as app:
        place = identity(subject) if subject else None
        return int(app.execute("SELECT look(%s, %s, %s)", [proof_of(who, side), act, place]).fetchone()[0])  # type: ignore[index]
