"""Mia Ruiz, Nina's aunt by name and unknown to the portal, registers. Rosa is the registrar of Lincoln Middle."""

import json
from datetime import date
from typing import Any

from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity, token
from tests.school import School, proof_of

BORN = date(2014, 4, 9)  # Nina's
REGISTER = "SELECT register(%s, %s, %s, %s)"
MATCH = "SELECT next_registration_matched()"
ANSWER = "SELECT answer_registration(%s, %s, %s, %s, %s)"
BORN_ON = "INSERT INTO demographic (person_id, birth_date) VALUES (%s, %s) ON CONFLICT (person_id) DO UPDATE SET birth_date = excluded.birth_date"
PROVEN = "INSERT INTO mail_address (account_id, address, proven_at) SELECT id, %s, now() FROM account WHERE sign_in_name = %s"
ON_FILE = "mia@mail.example"
EVERYTHING = ["grades", "attendance", "contacts", "birth date"]
SIGNED_IN = """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, proven_at)
    SELECT sha256(sha256(convert_to(%s, 'UTF8'))), a.id, a.person_id, 'family', '12 hours', now() + interval '1 day', now() + interval '1 day'
    FROM account a WHERE a.sign_in_name = %s RETURNING person_id"""


def office_of(school: School) -> School:
    """Deletes all requests, so that only those of the test exist. Rosa is the registrar."""
    for table in ("challenge_message", "challenge", "registration"):
        school.change(f"DELETE FROM {table}")
    school.change("UPDATE duty SET duty = 'registrar' WHERE person_id = %s", school.ids["rosa"])
    for name, born in (("nina", BORN), ("leo", date(2018, 1, 2)), ("max", date(2014, 7, 1)), ("kai", date(2014, 5, 5))):
        school.change(BORN_ON, school.ids[name], born)
    return school


def claim(**different: Any) -> str:
    said = {"given_name": "Nina", "family_name": "Ruiz", "birth_date": BORN, "school": identity("middle"), "relation": "mother", "phone": ""}
    return json.dumps(said | different, default=str)


def register(school: School, name: str = "mia", given: str = "Mia", family: str = "Ruiz", /, **different: Any) -> int | None:
    """Registers as the door does, then signs in with the family token of `name`. Returns the account's number, 0, -1 or None."""
    with school.connect("door") as door:
        row = door.execute(REGISTER, [given, family, f"{name}.family", claim(**different)]).fetchone()
    assert row is not None
    if row[0] and row[0] > 0:
        with school.connect("owner") as owner:
            found = owner.execute(SIGNED_IN, [token(name, "family"), f"{name}.family"]).fetchone()
        assert found is not None
        school.ids[name] = found[0]
    return None if row[0] is None else int(row[0])


def match(school: School) -> int:
    """Matches requests, as the jobs process does."""
    done = 0
    with school.connect("jobs", autocommit=True) as jobs:
        while (jobs.execute(MATCH).fetchone() or (False,))[0]:
            done += 1
    return done


def newest(school: School) -> dict[str, Any]:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT to_jsonb(r) FROM registration r ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return dict(row[0])


def answers(school: School, who: str, verdict: str = "approved", about: str = "nina", how: str = "photo id", kinds: list[str] = EVERYTHING) -> str:
    """This person views the newest request and answers it."""
    which = newest(school)["uuid"]
    return str(looked(school, who, "request", which, ANSWER, which, verdict, identity(about), how, kinds))


def looked(school: School, who: str, act: str, subject: object, statement: str, *values: object) -> object:
    """Returns what the database answers a staff member as app after this view."""
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, %s, %s)", [proof_of(who, "staff"), act, subject]).fetchone() or (None,)
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of(who, "staff"), entry])
        row = app.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def ties_of(school: School, name: str) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute(
            """SELECT (SELECT sourced_id FROM person WHERE id = student_id), kind, proof, state, may_consent FROM tie WHERE adult_id = %s ORDER BY id""",
            [school.ids[name]],
        ).fetchall()


TOLD = """SELECT n.what FROM account_notice n JOIN account a ON a.id = n.account_id
    WHERE a.person_id = %s AND a.side = %s AND NOT starts_with(n.what, 'e-mail ') ORDER BY n.id"""


def told(school: School, name: str, side: str = "family") -> list[str]:
    """Returns the account's notices, except those about its own email, which tests verify."""
    with school.connect("owner") as owner:
        return [what for (what,) in owner.execute(TOLD, [school.ids[name], side]).fetchall()]


def prove(school: School, name: str, address: str) -> None:
    """Verifies the email, as if the emailed code had come back."""
    school.change(PROVEN, address, f"{name}.family")


def put_on_record(school: School, child: str, address: str, *, days_ago: int) -> None:
    """Adds a contact of the child with this address, as a file of that day would."""
    school.change("UPDATE delivery SET ended_at = now() - make_interval(days => %s)", days_ago)
    school.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
        SELECT gen_random_uuid(), 'mia on file', %s, 'Mia Ruiz', 'mother', %s, max(id) FROM delivery""", school.ids[child], address)  # fmt: skip


def put_with_person(school: School, name: str, address: str) -> None:
    """Adds an address to the person, as the last file would."""
    school.change("""INSERT INTO contact_detail (person_id, email, delivery_id) SELECT %s, %s, max(id) FROM delivery
        ON CONFLICT (person_id) DO UPDATE SET email = excluded.email, delivery_id = excluded.delivery_id""", school.ids[name], address)  # fmt: skip


def asks(school: School, name: str, /, **different: Any) -> str:
    """A signed-in person asks for another child."""
    return str(ask(school, name, "SELECT ask_for_child(%s)", [claim(**different)], side="family"))


def shown(school: School, who: str, which: str = "check") -> list[str]:
    """Returns the requesters in this person's queue."""
    return ask(school, who, "SELECT coalesce(jsonb_agg(adult), '[]') FROM registrations_shown(%s, NULL, NULL)", [which]) or []
