"""Who can see a child: when each person last viewed the record, and the last day of their access."""

from datetime import date, timedelta

import pytest

from homeroom.portal.audit.tests.test_who_can_see import STANDS_IN, listed
from homeroom.portal.membership.ties.tests.keeping import today
from tests.cast import identity
from tests.school import School

COPIED = """INSERT INTO tie SELECT (jsonb_populate_record(t, jsonb_build_object('id', 9999, 'uuid', gen_random_uuid(), 'student_id', %s::integer))).*
    FROM tie t WHERE uuid = %s"""


def look(school: School, who: str, side: str, act: str, subject: str) -> None:
    with school.asked_by(who, side, (act, subject)):
        pass


def last(school: School, who: str, part: str, child: str = "nina", reader: str = "nina", side: str = "student") -> date | None:
    (row,) = [row for row in listed(school, reader, side, child) if (row.part, row.name) == (part, who)]
    return row.last_on


def test_a_view_by_dana_as_a_mother_does_not_count_as_the_teachers(own_school: School) -> None:
    look(own_school, "dana", "family", "child", "kai")
    assert last(own_school, "Dana Okafor", "teacher", "kai", "dana", "family") is None
    look(own_school, "dana", "staff", "gradebook", "english")
    assert last(own_school, "Dana Okafor", "teacher", "kai", "dana", "family") == today(own_school)


def test_a_view_counts_only_for_the_person_who_viewed_and_for_that_child(own_school: School) -> None:
    """Bo viewed Nina, and Ana viewed Leo."""
    look(own_school, "bo", "staff", "gradebook", "algebra")
    look(own_school, "ana", "family", "child", "leo")
    assert last(own_school, "Bo Larsen", "teacher") == today(own_school)
    assert last(own_school, "Dana Okafor", "teacher") is None is last(own_school, "Ana Ruiz", "family")


def test_a_father_who_sees_nothing_now_is_listed_with_his_own_last_view(own_school: School) -> None:
    look(own_school, "ana", "family", "child", "nina")
    assert last(own_school, "Jo Castillo", "family") is None
    own_school.change("UPDATE ledger SET person_id = %s WHERE person_id = %s", own_school.ids["jo"], own_school.ids["ana"])
    assert last(own_school, "Jo Castillo", "family") == today(own_school)


def test_a_view_by_dana_as_a_teacher_does_not_count_as_the_suspended_mothers(own_school: School) -> None:
    own_school.change("UPDATE tie SET state = 'suspended' WHERE uuid = %s", identity("tie/dana/kai"))
    look(own_school, "dana", "staff", "gradebook", "english")
    own_school.change(COPIED, own_school.ids["nina"], identity("tie/dana/kai"))
    assert last(own_school, "Dana Okafor", "teacher") == today(own_school) and last(own_school, "Dana Okafor", "family") is None


@pytest.mark.parametrize(("school", "first", "end"), [("middle", -200, -100), ("middle", 50, 60), ("elementary", -9, 9)])
def test_a_duty_that_is_over_begins_later_or_is_another_schools_ends_none_that_lasts(own_school: School, school: str, first: int, end: int) -> None:
    own_school.change("""INSERT INTO duty (person_id, school_id, duty, start_date, end_date)
        VALUES (%s, %s, 'principal', today() + %s, today() + %s)""", own_school.ids["pat"], own_school.ids[school], first, end)  # fmt: skip
    (pat,) = [row for row in listed(own_school) if row.name == "Pat Quill"]
    assert (pat.last_day, pat.school, pat.duties) == (None, "Lincoln Middle", ("principal",))


@pytest.mark.parametrize(("person", "section", "ended"), [("vera", "algebra", "now()"), ("rosa", "algebra", "NULL"), ("vera", "reading", "NULL")])
def test_a_substitute_is_listed_until_the_last_day_of_her_own_substitution(own_school: School, person: str, section: str, ended: str) -> None:
    """Another substitution would last longer, but it was revoked, is another person's, or is in another class."""
    own_school.change(STANDS_IN.format("today()", "today() + 1"))
    own_school.change(f"""INSERT INTO substitution (person_id, section_id, first_day, last_day, given_by_id, ended_at, uuid)
        SELECT %s, %s, today() + 3, today() + 5, given_by_id, {ended}, gen_random_uuid() FROM substitution LIMIT 1""",
        own_school.ids[person], own_school.ids[section])  # fmt: skip
    (vera,) = [row for row in listed(own_school) if row.name == "Vera Holt"]
    assert vera.last_day == today(own_school) + timedelta(1)
