"""The numbers in a preview: students of a class today, and requests that wait."""

import pytest

from homeroom.portal.membership.choices.tests.test_access_settings import preview
from homeroom.portal.membership.codes.tests.test_letters import contact, prints, typed
from homeroom.portal.membership.requests.tests.registering import office_of, prove, register
from tests.school import School, calls_of

BARRED = """INSERT INTO restriction (uuid, person_id, student_id, basis, start_date, end_date)
    VALUES (gen_random_uuid(), {bo}, {student}, 'court order', '2026-01-01', %s)"""
IN_ENGLISH = "INSERT INTO enrollment (key, section_id, person_id, role, ended_at) VALUES (gen_random_uuid(), {english}, {leo}, %s, %s)"
REACHED = "SELECT reached_by_all(%s)"


def bos(school: School) -> int:
    """Returns how many students Bo could open."""
    return next(int(each["now"]) for each in preview(school, "teachers_see_school", "true")["names"] if each["name"] == "Bo Larsen")


def test_a_student_who_left_the_class_is_not_counted(own_school: School) -> None:
    own_school.change("UPDATE enrollment SET ended_at = now() WHERE person_id = %s", own_school.ids["kai"])
    assert [each["now"] for each in preview(own_school, "teachers_see_school", "true")["names"]] == [2, 2]


@pytest.mark.parametrize(("student", "until", "enrolled"), [
    ("leo", None, None), ("leo", None, ("aide", None)), ("leo", None, ("student", "2026-01-01")), ("kai", "2026-01-02", None),
], ids=["of another class", "who only helps", "who left", "of before"])  # fmt: skip
def test_only_current_students_are_subtracted_from_a_restricted_teachers_count(
    own_school: School, student: str, until: str | None, enrolled: tuple[str, str | None] | None
) -> None:
    own_school.change(BARRED.format(bo=own_school.ids["bo"], student=own_school.ids[student]), until)
    if enrolled:
        own_school.change(IN_ENGLISH.format(**own_school.ids), *enrolled)
    assert bos(own_school) == 3


def test_the_preview_checks_only_the_teachers_own_restrictions(own_school: School) -> None:
    """Gus is restricted from Max, a student of Bo's."""
    assert calls_of(own_school, "is_restricted", REACHED, "teachers_see_school") == 0


@pytest.mark.parametrize(("becomes", "what"), [("in person", "together"), ("limited first", "news")])
def test_an_answered_request_counts_for_nothing(own_school: School, becomes: str, what: str) -> None:
    own_school.change("UPDATE registration SET is_exact = true, state = 'approved'")
    assert preview(own_school, "registering", becomes)[what] == [0, 0]


def test_another_setting_tells_no_news(own_school: School) -> None:
    own_school.change("UPDATE district SET registering = 'limited first'")
    assert preview(own_school, "tutors", "on")["news"] == [0, 0]


@pytest.fixture
def letter(own_school: School) -> School:
    """Mia asks with her letter's code and has verified the record's address."""
    office_of(own_school)
    own_school.change("UPDATE delivery SET ended_at = now() - interval '20 days'")
    contact(own_school)
    prints(own_school)
    register(own_school, code=typed())
    return own_school


def test_a_code_approves_a_waiting_request_with_a_verified_email(letter: School) -> None:
    assert preview(letter, "code_approves", "true")["by code"] == [0, 0], "Mia has not proven her address"
    prove(letter, "mia", "mia@mail.example")
    assert preview(letter, "code_approves", "true")["by code"] == [0, 1]
    letter.change("UPDATE registration SET state = 'declined'")
    assert preview(letter, "code_approves", "true")["by code"] == [0, 0]


def test_the_preview_does_not_check_a_requester_who_typed_no_code(own_school: School) -> None:
    assert calls_of(own_school, "approves_itself", REACHED, "registering") == 0
