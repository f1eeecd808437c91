"""A parent registers online: what she sees before an answer, whose record it may be, who is notified, and what an office may answer."""

import threading
from datetime import date
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import give_address, mails
from homeroom.portal.membership.requests.tests.registering import (
    BORN,
    ON_FILE,
    answers,
    asks,
    match,
    newest,
    office_of,
    prove,
    put_on_record,
    register,
    shown,
    ties_of,
    told,
)
from homeroom.portal.membership.requests.tests.test_overdue import lapse, pass_days
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask
from tests.cast import identity
from tests.school import School, names_read, proof_of, scores_read


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


# ── Before an answer ──
def test_a_person_who_registered_sees_no_one(office: School) -> None:
    assert register(office)
    match(office)
    assert ties_of(office, "mia") == []
    with office.asked_by("mia", "family", ("home", None), ("child", "nina")) as app:
        assert names_read(app) == set() and scores_read(app) == 0


def test_a_requester_gets_the_same_answer_for_a_child_who_does_not_exist(office: School) -> None:
    """34 CFR 99.31(c): no answer shows whether there is such a student."""
    register(office, "mia")
    register(office, "zoe", "Zoe", "Ruiz", given_name="Nobody", family_name="Ruiz")
    match(office)
    shown = "SELECT school, state, answered_at FROM my_registrations()"
    mine = [ask(office, who, f"SELECT jsonb_agg(x) FROM ({shown}) x", side="family") for who in ("mia", "zoe")]
    assert mine[0] == mine[1] == [{"school": "Lincoln Middle", "state": "waiting", "answered_at": None}]
    assert answers(office, "rosa", "declined") == "declined"
    declined = ask(office, "zoe", f"SELECT jsonb_agg(x) FROM ({shown}) x", side="family")
    assert [each["state"] for each in declined] == ["declined"]


def test_the_office_that_a_request_went_to_does_not_reveal_the_childs_school(office: School) -> None:
    """Leo is at the elementary school. Mia typed Lincoln Middle and still reads it, as she would for a child who doesn't exist."""
    register(office, given_name="Leo", birth_date=date(2018, 1, 2))
    match(office)
    assert shown(office, "rosa") == []  # it went to the other office
    assert ask(office, "mia", "SELECT school FROM my_registrations()", side="family") == "Lincoln Middle"


def test_an_address_that_is_proven_later_makes_a_request_exact(office: School) -> None:
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    register(office)
    assert match(office) == 1 and not newest(office)["is_exact"]
    prove(office, "mia", ON_FILE)
    assert match(office) == 1 and newest(office)["is_exact"]


def test_someone_elses_username_makes_neither_an_account_nor_a_request(office: School) -> None:
    assert register(office, "ana") == 0
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM registration").fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM person WHERE sourced_id IS NULL").fetchone() == (0,)


@pytest.mark.parametrize("odd", [
    {"given_name": " "}, {"family_name": ""}, {"birth_date": "2090-01-01"}, {"birth_date": "1970-01-01"}, {"school": identity("nobody")},
    {"relation": "tutor"}, {"relation": "foster agency"}, {"given_name": "x" * 300}, {"birth_date": None},
])  # fmt: skip
def test_a_request_with_invalid_values_leaves_nothing_behind(office: School, odd: dict[str, Any]) -> None:
    assert register(office, **odd) is None
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM person WHERE sourced_id IS NULL").fetchone() == (0,)


def test_a_district_that_makes_each_account_itself_takes_none(office: School) -> None:
    office.change("UPDATE district SET registering = 'closed'")
    assert register(office) is None
    assert asks(office, "ana") == ""


def test_ten_requests_wait_at_most(office: School) -> None:
    assert [asks(office, "dee", given_name=f"Child {n}") for n in range(11)] == ["asked"] * 10 + ["many"]
    assert asks(office, "gus", given_name="Child 1") == "asked", "the limit is each person's own"


def test_a_request_that_she_took_back_leaves_room_for_another_one(office: School) -> None:
    assert [asks(office, "dee", given_name=f"Child {n}") for n in range(10)] == ["asked"] * 10
    assert ask(office, "dee", "SELECT withdraw_registration(%s)", [newest(office)["uuid"]], side="family")
    assert [asks(office, "dee", given_name=f"Child {n}") for n in range(10, 12)] == ["asked", "many"]


def test_a_teacher_who_asked_as_a_mother_is_mailed_as_a_mother_that_it_lapsed(office: School) -> None:
    for side in ("staff", "family"):
        give_address(office, "dana", side)
    assert asks(office, "dana", given_name="Nobody") == "asked"
    pass_days(office, 61)
    assert lapse(office) == 1 and mails(office) == [("lapsed", "dana.family")]


def test_an_address_that_she_gave_up_before_is_not_given_up_anew(office: School) -> None:
    """Otherwise it would be kept for another week."""
    register(office)
    match(office)
    office.change("""INSERT INTO mail_address (account_id, address, proven_at, ended_at)
        SELECT id, 'old@mail.example', now(), now() - interval '6 days' FROM account WHERE sign_in_name = 'mia.family'""")
    pass_days(office, 61)
    assert lapse(office) == 1
    with office.connect("owner") as owner:
        assert owner.execute("SELECT ended_at < now() - interval '5 days' FROM mail_address WHERE address LIKE 'old%'").fetchone() == (True,)


def test_a_person_takes_back_their_own_request_and_no_one_elses(office: School) -> None:
    register(office)
    which = newest(office)["uuid"]
    assert not ask(office, "dee", "SELECT withdraw_registration(%s)", [which], side="family")
    assert ask(office, "mia", "SELECT withdraw_registration(%s)", [which], side="family")
    assert newest(office)["state"] == "withdrawn"
    assert answers(office, "rosa") == "taken"


# ── Whose record, and who is notified ──
@pytest.mark.parametrize(("typed", "is_found"), [
    ({}, True), ({"given_name": "nina ", "family_name": "RUIZ"}, True), ({"given_name": "Niña"}, True),
    ({"birth_date": date(2014, 9, 4)}, False), ({"given_name": "Nin"}, False),
    ({"given_name": "-"}, False), ({"family_name": "'"}, False), ({"family_name": "Ruiz-Soto"}, False),
])  # fmt: skip
def test_the_record_is_found_by_name_and_birth_date(office: School, typed: dict[str, Any], is_found: bool) -> None:
    register(office, **typed)
    assert match(office) == 1
    assert newest(office)["student_id"] == (office.ids["nina"] if is_found else None)


def test_no_student_is_chosen_from_twins_with_the_same_name(office: School) -> None:
    office.change("UPDATE person SET given_name = 'Nina', family_name = 'Ruiz' WHERE id = %s", office.ids["kai"])
    office.change("UPDATE demographic SET birth_date = %s WHERE person_id = %s", BORN, office.ids["kai"])
    register(office)
    match(office)
    assert newest(office)["student_id"] is None


def test_the_family_and_a_child_in_grade_6_or_above_see_a_notice_that_someone_asks(office: School) -> None:
    register(office)
    match(office)
    assert told(office, "ana") == ["somebody asks"] and told(office, "nina", "student") == ["somebody asks"]
    assert told(office, "tia") == told(office, "jo") == told(office, "dee") == []  # a tutor, a suspended parent, a person without access


def test_a_child_in_grade_3_and_a_restricted_father_are_not_notified(office: School) -> None:
    register(office, "mia", given_name="Leo", birth_date=date(2018, 1, 2))
    register(office, "zoe", "Zoe", "Moss", given_name="Max", family_name="Moss", birth_date=date(2014, 7, 1))
    match(office)
    assert told(office, "leo", "student") == told(office, "gus") == []
    assert told(office, "dee") == ["somebody asks"]


def test_a_request_goes_to_the_school_where_the_child_is(office: School) -> None:
    """Mia chose Lincoln Middle for Leo, who is at the elementary school. The request leaves Rosa's queue and stays in Carl's."""
    register(office, given_name="Leo", birth_date=date(2018, 1, 2))
    assert [shown(office, who) for who in ("rosa", "carl")] == [["Mia Ruiz"], ["Mia Ruiz"]]
    match(office)
    assert [shown(office, who) for who in ("rosa", "carl")] == [[], ["Mia Ruiz"]]


# ── Exact: it matches the record ──
def vouched(school: School, *, days_ago: int = 15, address: str = ON_FILE) -> None:
    put_on_record(school, "nina", ON_FILE, days_ago=days_ago)
    register(school)
    prove(school, "mia", address)
    match(school)


def approves_exact(school: School, who: str = "rosa") -> int:
    return int(ask(school, who, "SELECT approve_exact(%s::uuid[])", [[newest(school)["uuid"]]]))


def test_a_proven_address_that_the_record_has_had_for_two_weeks_is_exact(office: School) -> None:
    vouched(office)
    assert shown(office, "rosa", "exact") == ["Mia Ruiz"] and shown(office, "rosa") == []
    assert approves_exact(office) == 1
    assert ties_of(office, "mia") == [("nina", "parent", "district record", "approved", True)]


@pytest.mark.parametrize("different", [{"days_ago": 13}, {"address": "mia@other.example"}])
def test_a_new_address_or_another_one_is_not(office: School, different: dict[str, Any]) -> None:
    vouched(office, **different)
    assert shown(office, "rosa", "exact") == [] and approves_exact(office) == 0 and ties_of(office, "mia") == []


AFTERWARDS = {
    "a restriction": "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) SELECT gen_random_uuid(), {gus}, {nina}, 'court order', today()",
    "a challenge": "INSERT INTO challenge (tie_id, challenger_id, reason, remind_at) SELECT id, {ana}, 'stranger', now() FROM tie WHERE adult_id = {jo}",
    "parent access is turned off": "INSERT INTO closed_to_parents (student_id, basis, words, set_by_id) VALUES ({nina}, 'safety', '', {ana})",
    "the contact is confidential": "UPDATE contact SET is_confidential = true WHERE sourced_id = 'mia on file'",
    "the contact is an aunt": "UPDATE contact SET relationship = 'aunt' WHERE sourced_id = 'mia on file'",
    "the contact is somebody else": "INSERT INTO contact_join (contact_id, person_id, how) SELECT id, {jo}, 'office' FROM contact WHERE name = 'Mia Ruiz'",
    "another address in the details": """WITH d AS (INSERT INTO contact_detail (person_id, email, delivery_id)
        SELECT {lou}, 'other@mail.example', max(id) FROM delivery) UPDATE contact SET email = '', person_id = {lou} WHERE name = 'Mia Ruiz'""",
    "an address that is new in the details": """WITH d AS (INSERT INTO contact_detail (person_id, email) VALUES ({lou}, 'mia@mail.example'))
        UPDATE contact SET email = '', person_id = {lou} WHERE name = 'Mia Ruiz'""",
    "the contact is gone": "UPDATE contact SET ended_at = now() WHERE sourced_id = 'mia on file'",
    "another birth date": "UPDATE demographic SET birth_date = '2014-04-10' WHERE person_id = {nina}",
    "the address is taken off": "UPDATE mail_address SET ended_at = now()",
}


@pytest.mark.parametrize("what", AFTERWARDS)
def test_a_later_change_moves_a_request_back_to_the_ones_to_check(office: School, what: str) -> None:
    vouched(office)
    office.change(AFTERWARDS[what].format(**office.ids))
    assert approves_exact(office) == 0
    assert ties_of(office, "mia") == [] and not newest(office)["is_exact"]


def test_an_expired_restriction_does_not_block_an_approval(office: School) -> None:
    vouched(office)
    office.change(AFTERWARDS["a restriction"].format(**office.ids))
    office.change("UPDATE restriction SET start_date = today() - 9, end_date = today() WHERE student_id = %s", office.ids["nina"])
    assert approves_exact(office) == 1


def test_a_relative_is_never_exact(office: School) -> None:
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    register(office, relation="aunt")
    prove(office, "mia", ON_FILE)
    match(office)
    assert not newest(office)["is_exact"]


@pytest.mark.parametrize("who", ["bo", "pat", "vera"])
def test_exact_ones_are_approved_by_an_office_alone(office: School, who: str) -> None:
    vouched(office)
    assert approves_exact(office, who) == 0


def test_exact_ones_are_not_approved_on_an_old_proof(office: School) -> None:
    vouched(office)
    age_proofs(office)
    assert approves_exact(office) == 0


def test_exact_ones_are_not_approved_together_where_everybody_comes_in_person(office: School) -> None:
    vouched(office)
    office.change("UPDATE district SET registering = 'in person'")
    assert approves_exact(office) == 0


def test_two_offices_that_approve_at_the_same_time_make_one_tie(office: School) -> None:
    """Carl approves before Rosa's approval is committed. He waits for her row and finds it answered."""
    appoint(office, "dana")
    vouched(office)
    found: list[int] = []
    with office.connect("app") as rosa:
        rosa.execute("SELECT begin_request(%s)", [proof_of("rosa", "staff")])
        assert rosa.execute("SELECT approve_exact(%s::uuid[])", [[newest(office)["uuid"]]]).fetchone() == (1,)
        other = threading.Thread(target=lambda: found.append(approves_exact(office, "carl")))
        other.start()
        other.join(0.3)
        assert not found
        rosa.commit()
    other.join()
    assert found == [0] and len(ties_of(office, "mia")) == 1
