"""Makes sign-ins for a rehearsal: one parent, one student with scores, one teacher, chosen from the export.

Runs in its own process, because Django uses one portal per process: python -m homeroom.ops.demo.own_export_people PORTAL.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from homeroom.ops.demo.district_computer import run
from homeroom.ops.host.owner import database_up, speak_django

# The student with the most results, a teacher with a class of that student, and an adult, if possible a contact of that student.
STUDENT = "SELECT student_id FROM result GROUP BY student_id ORDER BY count(*) DESC, student_id LIMIT 1"
ANY_STUDENT = "SELECT id FROM person WHERE is_student AND ended_at IS NULL ORDER BY id LIMIT 1"
TEACHER = """
    SELECT t.person_id FROM enrollment t JOIN enrollment s ON s.section_id = t.section_id
    WHERE t.role = 'teacher' AND s.role = 'student' AND s.person_id = %s AND t.ended_at IS NULL ORDER BY t.id LIMIT 1"""
ADULT = """
    SELECT p.id FROM person p LEFT JOIN contact c ON c.person_id = p.id AND c.student_id = %s
    WHERE NOT p.is_student AND NOT p.is_staff AND p.sourced_id IS NOT NULL AND p.ended_at IS NULL
    ORDER BY c.id IS NULL, p.id LIMIT 1"""


def sign_ins_for(portal: Path) -> list[dict[str, str]]:
    """Returns kind, sign_in_name, password, authenticator. Raises NotDone."""
    answer: list[dict[str, str]] = json.loads(run(sys.executable, "-m", "homeroom.ops.demo.own_export_people", str(portal)))
    return answer


def made(portal: Path) -> list[dict[str, str]]:
    speak_django(portal)
    from homeroom.ops.people import factors, people
    from homeroom.portal.roster.models import Person

    password = people.new_password()
    entries = []
    with database_up(portal):
        chosen = choose()
        for kind, side in (("parent", "family"), ("student", "student"), ("teacher", "staff")):
            if chosen.get(kind):
                person = Person.objects.get(id=chosen[kind])
                account = people.create_account(person, side, kind, password)
                key = factors.new_key() if side == "staff" else ""
                if key:
                    factors.give_authenticator(person, side, key)
                entries.append({"kind": kind, "sign_in_name": account.sign_in_name, "password": password, "authenticator": key})
        if chosen.get("parent") and chosen.get("student"):
            two = Person.objects.get(id=chosen["parent"]), Person.objects.get(id=chosen["student"])
            people.create_tie(people.TieWish(*two, "", date.today(), proof="district record"))  # noqa: DTZ011  the day here
    return entries


def choose() -> dict[str, Any]:
    student = _first(STUDENT) or _first(ANY_STUDENT)
    return {"student": student, "teacher": _first(TEACHER, student), "parent": _first(ADULT, student)}


def _first(statement: str, *values: object) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # type: ignore[arg-type]  # numbers and None
        row = cursor.fetchone()
    return row[0] if row else None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(made(Path(sys.argv[1]))))
