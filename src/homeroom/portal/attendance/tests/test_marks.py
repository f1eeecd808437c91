"""Marks that a file withdrew and marks of single classes, as Ana, who is Nina's mother, and Pat, the principal, see them."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cast import Writer
from tests.school import School

SHOWN = "SELECT status, excuse_code, places FROM marks_shown(ARRAY[%s::integer], '-infinity', 'infinity')"
THAT_NIGHT, THE_NIGHT_BEFORE = datetime.now(UTC) - timedelta(3), datetime.now(UTC) - timedelta(4)
Role = tuple[str, str, str, datetime | None]  # person, school, role, and when it ended
LEFT: Role = ("nina", "middle", "student", THAT_NIGHT)
LEFT_BEFORE: Role = ("nina", "middle", "student", THE_NIGHT_BEFORE)


def mark(school: School, section: str | None = None, ended_at: datetime | None = None, **also: Any) -> None:
    with school.connect("owner") as owner:
        Writer(owner).row("attendance_mark", id=uuid.uuid4(), student_id=school.ids["nina"], day=datetime.now(UTC).date() - timedelta(5), status="late",
                          school_id=school.ids["middle"], section_id=section and school.ids[section], ended_at=ended_at, **also)  # fmt: skip


def roles(school: School, *held: Role) -> None:
    """Replaces all roles with these."""
    school.change("DELETE FROM role")
    for number, (who, place, what, ended_at) in enumerate(held):
        school.change("INSERT INTO role (sourced_id, person_id, school_id, role, ended_at) VALUES (%s, %s, %s, %s, %s)",
                      f"role {number}", school.ids[who], school.ids[place], what, ended_at)  # fmt: skip


def read(school: School, who: str = "ana", side: str = "family") -> list[tuple[Any, ...]]:
    with school.asked_by(who, side, ("child", "nina")) as app:
        return app.execute(SHOWN, [school.ids["nina"]]).fetchall()


@pytest.mark.parametrize(
    ("held", "is_read"),
    [
        ([LEFT], True),
        ([LEFT, ("nina", "elementary", "student", None)], True),
        ([LEFT, ("nina", "middle", "aide", None)], True),
        ([LEFT, ("max", "middle", "student", None)], True),
        ([LEFT, ("nina", "middle", "student", None)], False),
        ([LEFT_BEFORE], False),
        ([LEFT_BEFORE, ("max", "middle", "student", THAT_NIGHT)], False),
        ([LEFT_BEFORE, ("nina", "elementary", "student", THAT_NIGHT)], False),
        ([LEFT_BEFORE, ("nina", "middle", "aide", THAT_NIGHT)], False),
    ],
)
def test_a_mark_that_ended_is_read_where_the_student_left_that_school_in_the_same_night(own_school: School, held: list[Role], is_read: bool) -> None:
    own_school.change("DELETE FROM attendance_mark")
    mark(own_school, ended_at=THAT_NIGHT)
    roles(own_school, *held)
    assert (read(own_school) != []) is is_read


def test_marks_a_student_brought_along_are_visible_to_the_family_but_not_the_new_school(own_school: School) -> None:
    """Nina goes to Lincoln Elementary now, and Pat is its principal."""
    own_school.change("UPDATE duty SET school_id = %s WHERE person_id = %s", own_school.ids["elementary"], own_school.ids["pat"])
    own_school.change("UPDATE attendance_mark SET school_id = %s", own_school.ids["elementary"])
    mark(own_school, ended_at=THAT_NIGHT)
    roles(own_school, LEFT, ("nina", "elementary", "student", None))
    assert {status for status, *_ in read(own_school)} == {"absent", "late"} and {status for status, *_ in read(own_school, "pat", "staff")} == {"absent"}


def test_a_mark_names_its_own_class_and_none_that_the_family_may_not_know_yet(own_school: School) -> None:
    """Art 7 begins next term."""
    own_school.change("DELETE FROM attendance_mark")
    own_school.change("UPDATE section SET periods = '{4}' WHERE sourced_id = 'english'")
    for section in ("algebra", "english", "art"):
        mark(own_school, section, excuse_code=section)
    assert {code: places for _, code, places in read(own_school)} == {"algebra": ["2"], "english": ["4"], "art": [None]}
