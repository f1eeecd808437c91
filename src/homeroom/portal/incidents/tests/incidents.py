"""Incidents in tests: a teacher's account is stolen, and Carl handles it."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import appoint, ask, second
from tests.cast import identity
from tests.school import School, proof_of

OFFICE = "/office/incidents"
LETTER = {
    "en": {"what_happened": "Someone used a teacher’s account.", "doing": "We closed the account.", "can_do": "Call us with questions."},
    "es": {"what_happened": "Alguien usó la cuenta de un maestro.", "doing": "Cerramos la cuenta.", "can_do": "Llámenos si tiene preguntas."},
}
COUNT = "SELECT count_affected(%s, %s, %s, %s, %s, %s, '')"


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
    about, subject = ("account", account(school, name, side)) if name else ("time", "")
    return str(ask(school, who, COUNT, [which, about, str(subject), act, until - timedelta(days=1), until]))


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


LETTERS = """SELECT jsonb_object_agg(p.given_name || ' ' || p.family_name, l.channel) FROM breach_letter l JOIN person p ON p.id = l.person_id
    WHERE l.released_at > now() - interval '1 day' AND l.notice = %s"""


def stolen(school: School) -> School:
    """Bo's account opened his gradebook: Nina and Max are affected, and Bo himself. Pat is the second administrator."""
    appoint(school, "pat")
    look(school, "bo", "gradebook", "algebra")
    return school


def drafted(school: School, letter: dict[str, dict[str, str]] = LETTER) -> UUID:
    which = declare(school)
    assert count(school, which) == "recorded" and draft(school, which, letter) == "recorded"
    return which


def draft(school: School, which: UUID, letter: dict[str, dict[str, str]] = LETTER, notice: str = "first notice") -> str:
    return str(ask(school, "carl", "SELECT draft_letter(%s, %s, %s)", [which, notice, json.dumps(letter)]))


def proposed(school: School, which: UUID, notice: str = "first notice") -> str:
    return str(ask(school, "carl", "SELECT propose_letters(%s, %s, 'The board knows')", [which, notice]))


def released(school: School, which: UUID | None = None) -> dict[str, str]:
    which = which or drafted(school)
    assert proposed(school, which) == "proposed" and second(school, "pat") == "carried out"
    return letters(school)


def letters(school: School, notice: str = "first notice") -> Any:
    return one(school, LETTERS, notice) or {}
