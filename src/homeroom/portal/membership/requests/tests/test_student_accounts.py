"""Kai, who has no account, asks for one. Rosa is the registrar of Lincoln Middle. Dana is Kai's mother and teaches there."""

import json
import threading
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.portal.membership.requests.tests.registering import (
    answers,
    match,
    newest,
    office_of,
    register,
    shown,
    told,
)
from homeroom.portal.membership.requests.tests.students import (
    BORN,
    SIGNED_IN,
    account_of,
    another_student,
    apply,
    approves,
    count,
    prove,
)
from homeroom.portal.membership.tests.acting import age_proofs, ask
from tests.cast import identity, token
from tests.school import School, names_read, proof_of, scores_read

MINE = "SELECT coalesce(jsonb_agg(jsonb_build_object('school', school, 'state', state, 'answered', answered_at)), '[]') FROM my_registrations()"


@pytest.fixture
def office(own_school: School) -> School:
    """Five students have school addresses, and no one else does."""
    office_of(own_school)
    own_school.change("UPDATE delivery SET ended_at = now() - interval '30 days'")
    own_school.change("DELETE FROM contact_detail")
    own_school.change("""INSERT INTO contact_detail (person_id, email, phone, delivery_id)
        SELECT p.id, p.sourced_id || '@students.example', '', (SELECT max(id) FROM delivery) FROM person p WHERE p.is_student""")
    return own_school


# ── Before an answer ──
def test_a_student_waiting_for_an_account_sees_no_one_and_no_view_of_theirs_is_recorded(office: School) -> None:
    assert apply(office)
    match(office)
    with office.connect("app", autocommit=True) as app:
        for act, whom in (("home", None), ("child", identity("kai"))):
            assert app.execute("SELECT look(%s, %s, %s)", [proof_of("kid", "student"), act, whom]).fetchone() == (0,)
    with office.asked_by("kid", "student", ("home", None), ("child", "kai")) as app:
        assert names_read(app) == set() and scores_read(app) == 0
        (said,) = app.execute("SELECT begin_request(%s)", [proof_of("kid", "student")]).fetchone() or ({},)
    assert said["children"] == [] and account_of(office) is None


def test_the_answer_is_the_same_for_an_unknown_student_and_one_with_an_account(office: School) -> None:
    """34 CFR 99.31(c)."""
    apply(office)
    apply(office, "two", "Nobody", "Here")
    apply(office, "six", "Nina", "Ruiz", birth_date=date(2014, 4, 9))
    match(office)
    read = [ask(office, who, MINE, side="student") for who in ("kid", "two", "six")]
    assert read[0] == read[1] == read[2] == [{"school": "Lincoln Middle", "state": "waiting", "answered": None}]


@pytest.mark.parametrize("odd", [
    {"birth_date": "2090-01-01"}, {"birth_date": "1970-01-01"}, {"birth_date": None}, {"school": identity("nobody")}, {"given_name": " "},
])  # fmt: skip
def test_a_request_with_invalid_values_leaves_nothing_behind(office: School, odd: dict[str, Any]) -> None:
    assert apply(office, "kid", odd.pop("given_name", "Kai"), **odd) is None
    assert count(office, "SELECT count(*) FROM person WHERE sourced_id IS NULL") == 0


def test_a_username_that_belongs_to_someone_else_makes_nothing(office: School) -> None:
    assert apply(office, "nina") == 0 and count(office, "SELECT count(*) FROM registration") == 0


def test_a_district_that_gives_accounts_itself_takes_no_student_and_still_parents(office: School) -> None:
    office.change("UPDATE district SET registering_students = 'closed'")
    assert apply(office) is None and register(office)
    office.change("UPDATE district SET registering_students = 'approve first', registering = 'closed'")
    assert apply(office) and register(office, "zoe", "Zoe") is None


def test_no_parents_form_asks_as_a_student(office: School) -> None:
    assert register(office, relation="self") is None
    said = {"given_name": "Kai", "family_name": "Okafor", "birth_date": BORN, "school": identity("middle"), "relation": "self"}
    assert ask(office, "dee", "SELECT ask_for_child(%s)", [json.dumps(said, default=str)], side="family") == "odd"
    apply(office)
    assert ask(office, "kid", "SELECT ask_for_child(%s)", [json.dumps(said | {"relation": "mother"}, default=str)], side="student") == ""


def test_the_family_is_notified_and_cannot_challenge_a_childs_own_request(office: School) -> None:
    apply(office)
    match(office)
    assert told(office, "dana", "family") == ["student account asked"]
    assert ask(office, "dana", "SELECT coalesce(jsonb_agg(name), '[]') FROM challengeable(%s)", [identity("kai")], side="family") == []


def test_a_request_is_taken_back_by_who_asked_alone(office: School) -> None:
    apply(office)
    apply(office, "two", "Nobody", "Here")
    which = newest(office)["uuid"]
    for who, side in (("kid", "student"), ("nina", "student"), ("dana", "family"), ("carl", "staff")):
        assert ask(office, who, "SELECT withdraw_registration(%s)", [which], side=side) is False
    assert newest(office)["state"] == "waiting" and ask(office, "two", "SELECT withdraw_registration(%s)", [which], side="student") is True


# ── An answer ──
def test_the_account_becomes_the_students_and_no_new_person_remains(office: School) -> None:
    made = apply(office)
    match(office)
    students = "SELECT count(*) FROM person WHERE ended_at IS NULL"
    before = count(office, students)
    assert shown(office, "rosa") == ["Kai Okafor"]
    assert approves(office) == "approved"
    assert account_of(office) == "kid.student" and count(office, "SELECT id FROM account WHERE person_id = %s AND side = 'student'", office.ids["kai"]) == made
    assert count(office, students) == before - 1 and count(office, "SELECT given_name FROM person WHERE id = %s", office.ids["kid"]) == ""
    assert set(told(office, "kai", "student")) == {"request answered", "student account opened"}
    assert "student account opened" in told(office, "dana", "family")
    assert shown(office, "rosa", "answered") == ["Kai Okafor"]


def test_an_approval_ends_earlier_sessions_and_a_new_sign_in_is_the_student(office: School) -> None:
    made = apply(office)
    match(office)
    office.change("INSERT INTO sign_in_step (key, kind, account_id, state, expires_at) VALUES ('x', 'second', %s, '{}', now() + interval '1 hour')", made)
    office.change("""INSERT INTO code (person_id, side, kind, digest, expires_at) VALUES (%s, 'student', 'password', sha256('x'), now() + interval '1 hour')""",
                  office.ids["kid"])  # fmt: skip
    running = "SELECT count(*) FROM code WHERE digest = sha256('x') AND ended_at IS NULL"
    assert count(office, running) == 1 and approves(office) == "approved"
    with office.connect("app") as app:
        assert app.execute("SELECT begin_request(%s)", [proof_of("kid", "student")]).fetchone() == (None,)
    assert count(office, "SELECT count(*) FROM sign_in_step") == 0 and count(office, running) == 0 and count(office, "SELECT code_of(sha256('x'))") is None
    office.change("DELETE FROM session WHERE account_id = %s", made)
    office.change(SIGNED_IN.replace(" RETURNING person_id", ""), token("kid", "student"), "kid.student")
    with office.asked_by("kid", "student", ("home", None)) as app:
        (said,) = app.execute("SELECT begin_request(%s)", [proof_of("kid", "student")]).fetchone() or ({},)
    assert [child["full_name"] for child in said["children"]] == ["Kai Okafor"]


def test_a_student_has_one_account(office: School) -> None:
    apply(office, "six", "Nina", "Ruiz", birth_date=date(2014, 4, 9))
    prove(office, "six", "nina@students.example")
    match(office)
    assert shown(office, "rosa", "exact") == [] and shown(office, "rosa") == ["Nina Ruiz"]
    which = newest(office)["uuid"]
    beside = "SELECT is_tied FROM records_beside(%s)"
    with office.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'request', %s)", [proof_of("rosa", "staff"), which]).fetchone() or (0,)
    with office.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert app.execute(beside, [which]).fetchall() == [(True,)]
    assert approves(office, about="nina") == "account"
    assert account_of(office, "nina") == "nina.student" and newest(office)["state"] == "waiting"


@pytest.mark.parametrize(("choice", "how", "then"), [
    ("approve first", "photo id", "approved"), ("approve first", "called back", "approved"), ("approve first", "affidavit", "evidence"),
    ("approve first", "code", "evidence"), ("approve first", "record", "evidence"), ("approve first", "", "evidence"),
    ("in person", "called back", "evidence"), ("in person", "known", "approved"),
])  # fmt: skip
def test_how_the_office_saw_who_it_is(office: School, choice: str, how: str, then: str) -> None:
    office.change("UPDATE district SET registering_students = %s, registering = 'approve first'", choice)
    apply(office)
    match(office)
    assert approves(office, how=how) == then
    assert (account_of(office) is not None) is (then == "approved")


@pytest.mark.parametrize("who", ["dana", "bo", "pat", "vera"])
def test_no_one_else_approves_a_student_account(office: School, who: str) -> None:
    """Dana is Kai's mother. As a registrar she may not decide about her own child."""
    office.change("INSERT INTO duty (uuid, person_id, school_id, duty, start_date) SELECT gen_random_uuid(), %s, %s, 'registrar', today() - 1",
                  office.ids["dana"], office.ids["middle"])  # fmt: skip
    apply(office)
    match(office)
    assert approves(office, who) == "" and account_of(office) is None


def test_not_on_an_old_proof(office: School) -> None:
    apply(office)
    match(office)
    age_proofs(office)
    assert approves(office) == "again" and account_of(office) is None


def test_declined_reads_as_declined_and_opens_nothing(office: School) -> None:
    apply(office)
    match(office)
    assert answers(office, "rosa", "declined", "kai") == "declined"
    assert [each["state"] for each in ask(office, "kid", MINE, side="student")] == ["declined"] and account_of(office) is None
    assert told(office, "kid", "student") == ["request answered"]


# ── Exact ──
def approves_exact(school: School) -> int:
    return int(ask(school, "rosa", "SELECT approve_exact(%s::uuid[])", [[newest(school)["uuid"]]]))


def vouched(school: School) -> None:
    apply(school)
    prove(school)
    match(school)


def test_the_schools_own_address_vouches(office: School) -> None:
    vouched(office)
    assert shown(office, "rosa", "exact") == ["Kai Okafor"] and approves_exact(office) == 1 and account_of(office) == "kid.student"


def test_an_account_on_the_family_side_is_no_students_account(office: School) -> None:
    """Kai is on the school's parent council."""
    office.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'family', 'kai.family')", office.ids["kai"])
    vouched(office)
    assert shown(office, "rosa", "exact") == ["Kai Okafor"] and approves_exact(office) == 1 and account_of(office) == "kid.student"


SPOILED = {
    "another address": "UPDATE contact_detail SET email = 'other@students.example' WHERE person_id = {kai}",
    "another student's address": """UPDATE contact_detail SET email = CASE person_id WHEN {nina} THEN 'kai' ELSE 'other' END || '@students.example'
        WHERE person_id IN ({kai}, {nina})""",
    "a file changed it": "UPDATE delivery SET ended_at = now() - interval '13 days'",
    "of no domain of the students": """INSERT INTO contact_detail (person_id, email, phone, delivery_id)
        SELECT id, sourced_id || '@students.example', '', (SELECT max(id) FROM delivery) FROM person WHERE NOT is_student AND sourced_id IS NOT NULL""",
    "another birth date": "UPDATE demographic SET birth_date = birth_date + 1 WHERE person_id = {kai}",
    "an account meanwhile": "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), {kai}, 'student', 'kai.card')",
    "in person alone": "UPDATE district SET registering_students = 'in person'",
}


@pytest.mark.parametrize("what", SPOILED)
def test_evidence_that_no_longer_holds_opens_no_student_account(office: School, what: str) -> None:
    vouched(office)
    office.change(SPOILED[what].format(**office.ids))
    assert approves_exact(office) == 0 and account_of(office) != "kid.student"


def test_an_office_approval_and_a_card_at_the_same_time_make_one_account(office: School) -> None:
    """Kai uses a card for the first time before Rosa's approval is committed. Signing in waits, and finds her account."""
    office.change("""INSERT INTO card (person_id, section_id, digest, made_by_id) VALUES (%s, %s, sha256('card'), %s)""",
                  office.ids["kai"], office.ids["english"], office.ids["dana"])  # fmt: skip
    vouched(office)
    found: list[Any] = []

    def with_card() -> None:
        with office.connect("door") as door:
            found.append((door.execute("SELECT use_card(sha256('card'))").fetchone() or (None,))[0])

    with office.connect("app") as rosa:
        rosa.execute("SELECT begin_request(%s)", [proof_of("rosa", "staff")])
        assert rosa.execute("SELECT approve_exact(%s::uuid[])", [[newest(office)["uuid"]]]).fetchone() == (1,)
        other = threading.Thread(target=with_card)
        other.start()
        other.join(0.3)
        assert not found
        rosa.commit()
    other.join()
    assert found == [count(office, "SELECT sign_in_name FROM account WHERE person_id = %s AND side = 'student'", office.ids["kai"])]


def test_two_requests_approved_one_after_the_other_make_one_account(office: School) -> None:
    apply(office, "kid")
    match(office)
    assert approves(office) == "approved"
    apply(office, "imp")
    match(office)
    assert approves(office) == "account" and account_of(office) == "kid.student"




@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["apply", "approve", "decline", "card"]), min_size=2, max_size=6))
def test_whatever_happens_in_whatever_order_a_student_has_one_account_at_most(office: School, steps: list[str]) -> None:
    word, asked, has, waits = another_student(office), 0, False, False
    for step in steps:
        if step == "apply":
            assert apply(office, f"{word}-{asked}".lower(), word)
            match(office)
            asked, waits = asked + 1, True
        elif step == "card":
            with office.connect("door") as door:
                door.execute("SELECT use_card(sha256(%s::bytea))", [word])
            has = True
        elif waits:
            said = answers(office, "rosa", "approved" if step == "approve" else "declined", word)
            assert said == ("declined" if step == "decline" else "account" if has else "approved")
            has, waits = has or said == "approved", said == "account"
        assert count(office, "SELECT count(*) FROM account WHERE person_id = %s", office.ids[word]) == has
