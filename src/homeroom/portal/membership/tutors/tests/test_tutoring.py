"""Tutors: off by default, two approvals before any access, and either one can end it (34 CFR 99.30)."""


import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees, tie
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, listed
from homeroom.portal.membership.tutors.tests.tutoring import (
    allow,
    answer,
    apply,
    asked,
    consent,
    decline,
    district_of,
    match,
    newest,
    seen,
    tie_of,
    today,
    wants,
)
from tests.school import School


@pytest.fixture
def district(own_school: School) -> School:
    return district_of(own_school)


def test_tutoring_is_off_by_default_and_no_one_can_apply(own_school: School) -> None:
    assert apply(own_school) is None
    allow(own_school, "on")
    assert apply(own_school)


@pytest.mark.parametrize("different", [{"organization": " "}, {"purpose": ""}, {"organization": "x" * 101}, {"purpose": "x" * 501}])
def test_a_request_with_invalid_values_leaves_nothing_behind(district: School, different: dict[str, str]) -> None:
    with district.connect("owner") as owner:
        before = owner.execute("SELECT count(*) FROM person").fetchone()
        assert apply(district, **different) is None
        assert owner.execute("SELECT count(*) FROM person").fetchone() == before


def test_a_username_that_belongs_to_someone_else_cannot_be_used_by_a_tutor(district: School) -> None:
    assert apply(district, "ana") == 0


def test_an_approved_tutor_sees_nothing_before_a_parent_signed(district: School) -> None:
    apply(district)
    assert wants(district) == "" and answer(district) == "approved"
    assert wants(district) == "asked" and match(district) == 1
    assert not sees(district, "uma") and told(district, "ana")[-1] == "tutor asks" and told(district, "uma") == ["request answered"]
    assert consent(district) == "given" and sees(district, "uma")
    made = tie_of(district)
    assert (made["kind"], made["view_kinds"], made["may_consent"], made["may_challenge"], made["state"]) == ("tutor", ["attendance"], False, False, "approved")
    signed = newest(district, "tutor_consent")
    assert (signed["organization"], signed["purpose"], signed["kinds"], signed["signature"]) == ("After-School Center", "Fractions", ["attendance"], "Ana Ruiz")
    assert (signed["consenter_id"], signed["tie_id"]) == (district.ids["ana"], made["id"])
    assert told(district, "jo")[-1] == told(district, "nina", "student")[-1] == "tutor let in" and told(district, "uma")[-1] == "tutor consent"


def test_a_view_opens_the_chosen_kinds_and_no_more(district: School) -> None:
    asked(district)
    consent(district)
    assert sees(district, "uma")
    with district.connect("owner") as owner:
        row = owner.execute("""SELECT s.kinds FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.person_id = %s AND l.event = 'look'""",
                            [district.ids["uma"]]).fetchone()  # fmt: skip
    assert row == (["attendance"],)


def test_nothing_opens_in_a_session_without_a_second_factor(district: School) -> None:
    apply(district)
    answer(district)
    district.change("UPDATE session SET is_strong = false WHERE person_id = %s", district.ids["uma"])
    assert wants(district) == "factor"


# ── The district answers ──
def test_only_the_districts_administrators_answer_tutor_applications(district: School) -> None:
    apply(district)
    appoint(district, "bo", at="middle")
    assert [answer(district, who=who) for who in ("bo", "pat", "rosa")] == ["", "", ""]
    assert [seen(district, who, "tutor_applications_shown", "name", None, "staff") for who in ("bo", "carl")] == [[], ["Uma Frost"]]
    assert [answer(district, how=how) for how in ("", "called back", "record")] == ["evidence"] * 3
    assert (answer(district), answer(district), answer(district, "declined")) == ("approved", "taken", "taken")


def test_an_administrator_answers_nothing_of_her_own_childs_tutor(district: School) -> None:
    asked(district)
    consent(district)
    tie(district, "carl", "nina")
    assert answer(district, "ended") == "" and listed(district, "carl", "tutor office", "SELECT count(*) FROM tutor_ties_shown()") == 0
    assert ask(district, "carl", "SELECT end_tutor_by_office(%s)", [tie_of(district)["uuid"]]) == ""


def test_an_answer_and_an_end_take_a_fresh_proof(district: School) -> None:
    asked(district)
    age_proofs(district)
    assert answer(district, "ended") == consent(district) == "again"


def test_a_declined_tutor_cannot_ask_anyone(district: School) -> None:
    apply(district)
    assert answer(district, "declined", how="") == "declined" and wants(district) == "" and told(district, "uma") == ["request answered"]


def test_taking_back_a_tutors_approval_ends_every_tie_and_stops_new_requests(district: School) -> None:
    asked(district)
    consent(district)
    assert answer(district, "ended") == "ended" and not sees(district, "uma") and tie_of(district)["state"] == "ended"
    assert wants(district) == "" and told(district, "uma")[-1] == "tie ended"


def test_taken_back_a_tutor_is_still_the_parent_of_her_own_child(district: School) -> None:
    asked(district)
    tie(district, "uma", "leo")
    assert answer(district, "ended") == "ended" and sees(district, "uma", "leo")


def test_no_one_can_answer_a_request_from_a_tutor_whose_approval_was_withdrawn(district: School) -> None:
    asked(district)
    answer(district, "ended")
    assert seen(district, "ana", "tutor_requests_of", "name") == [] and consent(district) == "taken" and not sees(district, "uma")


# ── What a tutor may ask ──
@pytest.mark.parametrize(("choice", "kinds", "then"), [
    ("with grades", ["grades", "attendance"], "asked"), ("on", ["attendance"], "asked"), ("on", ["grades"], "odd"), ("with grades", [], "odd"),
    ("with grades", ["ledger"], "odd"), ("with grades", ["contacts"], "odd"), ("with grades", ["birth date"], "odd"), ("off", ["attendance"], ""),
])  # fmt: skip
def test_kinds_are_those_that_the_district_allows(district: School, choice: str, kinds: list[str], then: str) -> None:
    apply(district)
    answer(district)
    allow(district, choice)
    assert wants(district, kinds=kinds) == then


@pytest.mark.parametrize(("days", "then"), [(-1, "odd"), (0, "asked"), (29, "asked"), (30, "odd")])
def test_a_request_ends_with_the_term_at_the_latest(district: School, days: int, then: str) -> None:
    """The file says that the fall term ends in 30 days. On that day nothing of it is open."""
    apply(district)
    answer(district)
    district.change("UPDATE term SET end_date = today() + 30 WHERE sourced_id = 'fall'")
    assert wants(district, last_day=today(district).fromordinal(today(district).toordinal() + days)) == then


@pytest.mark.parametrize(("letters", "then"), [(100, "asked"), (101, "odd")])
def test_both_names_of_the_child_have_at_most_two_hundred_characters(district: School, letters: int, then: str) -> None:
    apply(district)
    answer(district)
    assert wants(district, given_name="N" * 100, family_name="R" * letters) == then


@pytest.mark.parametrize(("kinds", "days"), [
    ({"semester": 30, "gradingPeriod": 9, "schoolYear": 12}, 30), ({"term": 30, "gradingPeriod": 9}, 30), ({"schoolYear": 30, "gradingPeriod": 9}, 30),
    ({"gradingPeriod": 9}, 9),
])  # fmt: skip
def test_a_semester_counts_before_the_year_and_the_year_before_a_grading_period(district: School, kinds: dict[str, int], days: int) -> None:
    district.change("UPDATE term SET ended_at = now()")
    for kind, ends in kinds.items():
        district.change("""INSERT INTO term (sourced_id, title, kind, school_year, start_date, end_date)
            VALUES (%s, %s, %s, 2030, today() - 9, today() + %s::integer)""", kind, kind, kind, ends)
    with district.connect("owner") as owner:
        assert owner.execute("SELECT end_of_term() - today()").fetchone() == (days,)


def test_no_one_can_ask_between_terms(district: School) -> None:
    apply(district)
    answer(district)
    district.change("UPDATE term SET end_date = today() WHERE sourced_id = 'fall'")
    assert wants(district, last_day=today(district)) == "odd"


def test_ten_requests_wait_at_most_and_a_declined_one_counts(district: School) -> None:
    asked(district)
    assert decline(district) == "declined"
    assert [wants(district, given_name=f"Nobody{n}") for n in range(9)] == ["asked"] * 9 and wants(district) == "many"
    district.change("UPDATE tutor_request SET asked_at = now() - interval '14 days'")
    assert wants(district) == "asked", "those are over"


def test_a_teacher_who_is_a_tutor_asks_as_a_tutor_alone(district: School) -> None:
    apply(district)
    answer(district)
    district.change("UPDATE tutor_application SET person_id = %s", district.ids["dana"])
    district.change("UPDATE session SET is_strong = true")
    assert wants(district, "dana", side="staff") == "" and wants(district, "dana") == "asked"


# ── Whether there is such a child ──
SHOWN = "SELECT jsonb_agg(to_jsonb(r) - 'uuid' - 'child' - 'asked_at' ORDER BY r.child) FROM my_tutor_requests() r"


def test_a_request_reads_the_same_whether_the_child_is_there_or_a_parent_declined(district: School) -> None:
    apply(district)
    answer(district)
    assert [wants(district, given_name=name) for name in ("Nina", "Nobody")] == ["asked", "asked"]
    with district.connect("owner") as owner:
        rows = owner.execute("SELECT matched_at, student_id FROM tutor_request").fetchall()
    assert rows == [(None, None)] * 2, "whose record it is, is looked for by another process"
    before = told(district, "uma")
    match(district)
    district.change("DELETE FROM tutor_request WHERE child_given_name = 'Nobody'")  # so that Nina's is the newest
    decline(district)
    wants(district, given_name="Nobody")
    there, not_there = ask(district, "uma", SHOWN, side="family")
    assert there == not_there and told(district, "uma") == before
    district.change("UPDATE tutor_request SET asked_at = asked_at - interval '15 days'")
    there, not_there = ask(district, "uma", SHOWN, side="family")
    assert there == not_there and there["is_over"]
    with district.connect("owner") as owner:
        both_of_them = owner.execute("SELECT uuid FROM tutor_request ORDER BY id").fetchall()
    assert [ask(district, "uma", "SELECT withdraw_tutor_request(%s)", which, side="family") for which in both_of_them] == [True, True]
    assert [ask(district, "uma", "SELECT withdraw_tutor_request(%s)", which, side="family") for which in both_of_them] == [False, False]


def test_a_family_that_declined_is_not_asked_again_for_14_days(district: School) -> None:
    asked(district)
    decline(district)
    before = told(district, "ana")
    wants(district)
    match(district)
    assert told(district, "ana") == before and seen(district, "ana", "tutor_requests_of", "name") == []
    district.change("UPDATE tutor_request SET asked_at = asked_at - interval '15 days' WHERE state = 'declined'")
    wants(district)
    match(district)
    assert told(district, "ana")[-1] == "tutor asks" and len(told(district, "ana")) > len(before)


def test_a_tutor_restricted_by_a_court_cannot_reach_the_family(district: School) -> None:
    apply(district)
    answer(district)
    district.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                    district.ids["uma"], district.ids["nina"])  # fmt: skip
    assert wants(district) == "asked" and match(district) == 1
    assert seen(district, "ana", "tutor_requests_of", "name") == [] and consent(district) == ""


def test_a_mother_who_is_restricted_from_the_child_is_not_notified_of_a_tutor_request(district: School) -> None:
    apply(district)
    answer(district)
    district.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                    district.ids["ana"], district.ids["nina"])  # fmt: skip
    assert wants(district) == "asked" and match(district) == 1
    assert "tutor asks" in told(district, "jo") and "tutor asks" not in told(district, "ana")


def test_a_page_after_the_last_tutors_access_is_empty(own_school: School) -> None:
    count = "SELECT count(*) FROM tutor_ties_shown()"
    assert listed(own_school, "carl", "tutor office", count) == 1 and listed(own_school, "carl", "tutor office", count, after=1) == 0
