"""Which student a tutor's request is for (the only one with that name and birth date), and which parents are notified."""

import pytest

from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.membership.tutors.tests.tutoring import answer, apply, district_of, match, newest, wants
from tests.cast import identity
from tests.school import School

ASKED = """INSERT INTO tutor_request (person_id, school_id, student_id, child_given_name, child_family_name, child_birth_date, kinds, purpose, last_day,
    state, asked_at, matched_at) SELECT %s, min(s.id), %s, 'Nina', 'Ruiz', '2014-04-09', '{attendance}', 'x', today() + 9, %s, now() - interval '1 day', now()
    FROM school s"""
JO = identity("tie/jo/nina")


@pytest.fixture
def district(own_school: School) -> School:
    """Uma is approved as a tutor."""
    district_of(own_school)
    apply(own_school)
    assert answer(own_school) == "approved"
    return own_school


def test_another_student_with_the_birth_date_and_half_of_the_name_is_not_the_one(district: School) -> None:
    assert wants(district, family_name="Moss") == "asked" and match(district) == 1
    assert newest(district, "tutor_request")["student_id"] is None and "tutor asks" not in told(district, "ana")


@pytest.mark.parametrize(("who", "child", "state", "then"), [
    ("uma", "nina", "waiting", False), ("uma", "nina", "declined", False), ("uma", "nina", "withdrawn", True),
    ("uma", "leo", "waiting", True), ("tia", "nina", "waiting", True),
])  # fmt: skip
def test_only_the_same_tutors_open_request_for_the_same_student_is_in_the_way(district: School, who: str, child: str, state: str, then: bool) -> None:
    district.change(ASKED, district.ids[who], district.ids[child], state)
    assert wants(district) == "asked" and match(district) == 1
    assert (newest(district, "tutor_request")["student_id"] == district.ids["nina"]) is then


@pytest.mark.parametrize("change", [
    "may_consent = false", "is_shut = true", "state = 'under challenge'", "start_date = today() + 1", "end_date = today()",
])  # fmt: skip
def test_a_parent_who_could_not_consent_today_is_not_notified_of_a_tutor_request(district: School, change: str) -> None:
    district.change(f"UPDATE tie SET {change} WHERE uuid = %s", JO)
    assert wants(district) == "asked" and match(district) == 1
    assert "tutor asks" in told(district, "ana") and "tutor asks" not in told(district, "jo")


@pytest.mark.parametrize("change", ["start_date = today()", "end_date = today() + 1"])
def test_a_parent_who_may_consent_today_is_notified_of_a_tutor_request(district: School, change: str) -> None:
    district.change(f"UPDATE tie SET {change} WHERE uuid = %s", JO)
    assert wants(district) == "asked" and match(district) == 1 and "tutor asks" in told(district, "jo")


def test_a_tutor_who_is_the_students_father_gets_no_notice_of_his_own_request(district: School) -> None:
    assert wants(district) == "asked"
    district.change("UPDATE tutor_request SET person_id = %s", district.ids["jo"])
    assert match(district) == 1 and "tutor asks" in told(district, "ana") and "tutor asks" not in told(district, "jo")


def test_a_tutor_who_is_the_students_father_reads_no_request_of_his_own(district: School) -> None:
    assert wants(district) == "asked" and match(district) == 1
    district.change("UPDATE tutor_request SET person_id = %s", district.ids["jo"])
    district.change("UPDATE tutor_application SET person_id = %s WHERE person_id = %s", district.ids["jo"], district.ids["uma"])
    requests = "SELECT count(*) FROM tutor_requests_of(%s)"
    assert [ask(district, who, requests, [identity("nina")], side="family") for who in ("ana", "jo")] == [1, 0]


def test_a_request_from_a_tutor_who_has_been_restricted_since_reaches_no_family(district: School) -> None:
    assert wants(district) == "asked" and match(district) == 1
    requests = "SELECT count(*) FROM tutor_requests_of(%s)"
    assert ask(district, "ana", requests, [identity("nina")], side="family") == 1
    district.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                    district.ids["uma"], district.ids["nina"])  # fmt: skip
    assert ask(district, "ana", requests, [identity("nina")], side="family") == 0


def test_a_teacher_who_is_a_tutor_takes_a_request_back_as_a_tutor_alone(district: School) -> None:
    assert wants(district) == "asked"
    district.change("UPDATE tutor_request SET person_id = %s", district.ids["dana"])
    which = [newest(district, "tutor_request")["uuid"]]
    assert [ask(district, "dana", "SELECT withdraw_tutor_request(%s)", which, side=side) for side in ("staff", "family")] == [False, True]
