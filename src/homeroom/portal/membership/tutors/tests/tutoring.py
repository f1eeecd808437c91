"""Uma Frost applies to be a tutor and asks for Nina. Ana is Nina's mother. Jo is her father and has open access here."""

import json
from datetime import date, timedelta
from typing import Any

from homeroom.portal.membership.challenges.tests.challenging import family_of
from homeroom.portal.membership.requests.tests.registering import BORN
from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity, token
from tests.school import School

SIGNED_IN = """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, proven_at, is_strong)
    SELECT sha256(sha256(convert_to(%s, 'UTF8'))), a.id, a.person_id, 'family', '12 hours', now() + interval '1 day', now() + interval '1 day', true
    FROM account a WHERE a.sign_in_name = %s RETURNING person_id"""


def district_of(school: School, choice: str = "with grades") -> School:
    """Nina's parents Ana and Jo are approved, the district allows tutors, and no one has applied."""
    family_of(school, "in person")
    for table in ("tutor_request", "tutor_application"):
        school.change(f"DELETE FROM {table}")
    allow(school, choice)
    return school


def allow(school: School, choice: str) -> None:
    school.change("UPDATE district SET tutors = %s", choice)


def apply(school: School, name: str = "uma", given: str = "Uma", /, **different: str) -> int | None:
    """Applies as the door does, then signs in with a second factor. Returns the account's number, 0 or None."""
    said = {"organization": "After-School Center", "purpose": "Homework help"} | different
    with school.connect("door") as door:
        row = door.execute("SELECT apply_as_tutor(%s, 'Frost', %s, %s)", [given, f"{name}.family", json.dumps(said)]).fetchone()
    assert row is not None
    if row[0]:
        with school.connect("owner") as owner:
            found = owner.execute(SIGNED_IN, [token(name, "family"), f"{name}.family"]).fetchone()
        assert found is not None
        school.ids[name] = found[0]
    return None if row[0] is None else int(row[0])


def answer(school: School, verdict: str = "approved", who: str = "carl", how: str = "photo id") -> str:
    return str(ask(school, who, "SELECT answer_tutor(%s, %s, %s)", [newest(school, "tutor_application")["uuid"], verdict, how]))


def today(school: School) -> date:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT today()").fetchone()
    assert row is not None
    return date.fromisoformat(str(row[0]))


def wants(school: School, who: str = "uma", /, side: str = "family", **different: Any) -> str:
    said = {"given_name": "Nina", "family_name": "Ruiz", "birth_date": BORN, "school": identity("middle"), "kinds": ["grades", "attendance"],
            "purpose": "Fractions", "last_day": today(school) + timedelta(20)} | different  # fmt: skip
    return str(ask(school, who, "SELECT ask_for_student(%s)", [json.dumps(said, default=str)], side=side))


def match(school: School) -> int:
    """Matches requests, as the jobs process does."""
    done = 0
    with school.connect("jobs", autocommit=True) as jobs:
        while (jobs.execute("SELECT next_tutor_request_matched()").fetchone() or (False,))[0]:
            done += 1
    return done


def asked(school: School, /, **different: Any) -> School:
    """Uma is approved and has asked for Nina."""
    apply(school)
    assert answer(school) == "approved" and wants(school, **different) == "asked" and match(school) == 1
    return school


def consent(school: School, who: str = "ana", signature: str = "Ana Ruiz", kinds: tuple[str, ...] = ("attendance",), child: str = "nina") -> str:
    said = [identity(child), newest(school, "tutor_request")["uuid"], list(kinds), signature]
    return str(ask(school, who, "SELECT give_consent(%s, %s, %s, %s)", said, side="family"))


def decline(school: School, who: str = "ana") -> str:
    return str(ask(school, who, "SELECT decline_tutor(%s, %s)", [identity("nina"), newest(school, "tutor_request")["uuid"]], side="family"))


def end(school: School, who: str, side: str = "family") -> str:
    return str(ask(school, who, "SELECT end_tutor(%s, %s)", [identity("nina"), tie_of(school)["uuid"]], side=side))


def newest(school: School, table: str) -> dict[str, Any]:
    with school.connect("owner") as owner:
        row = owner.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY 1 DESC LIMIT 1" if table == "tutor_consent"
                            else f"SELECT to_jsonb(t) FROM {table} t ORDER BY id DESC LIMIT 1").fetchone()  # fmt: skip
    assert row is not None
    return dict(row[0])


def tie_of(school: School, who: str = "uma") -> dict[str, Any]:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT to_jsonb(t) FROM tie t WHERE adult_id = %s ORDER BY id DESC LIMIT 1", [school.ids[who]]).fetchone()
    return dict(row[0]) if row else {}


def seen(school: School, who: str, function: str, column: str, child: str | None = "nina", side: str = "family") -> list[Any]:
    """Returns one column of what a reading function shows this person."""
    call = f"{function}(%s)" if child else f"{function}()"
    return list(ask(school, who, f"SELECT coalesce(jsonb_agg(t.{column}), '[]') FROM {call} t", [identity(child)] if child else [], side=side) or [])
