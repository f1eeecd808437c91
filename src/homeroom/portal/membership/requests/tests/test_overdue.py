"""Unanswered requests: who is notified how many wait, and what is deleted when they lapse. Carl is the district's administrator."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.portal.membership.requests.tests.registering import (
    answers,
    asks,
    match,
    newest,
    office_of,
    prove,
    register,
    shown,
    told,
)
from homeroom.portal.membership.requests.tests.students import apply
from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.membership.tutors.tests import tutoring
from tests.cast import identity
from tests.school import School, proof_of

MAILS = """SELECT coalesce(jsonb_agg(jsonb_build_array(a.sign_in_name, m.kind, m.counted) ORDER BY m.id), '[]')
    FROM account_mail m JOIN account a ON a.id = m.account_id"""
WITH_ADDRESS = "INSERT INTO mail_address (account_id, address, proven_at) SELECT id, sign_in_name || '@mail.example', now() FROM account WHERE side = 'staff'"
TYPED = ("child_given_name", "child_family_name", "child_birth_date", "phone", "student_id")


@pytest.fixture
def office(own_school: School) -> School:
    office_of(own_school)
    own_school.change("DELETE FROM account_mail")
    own_school.change("UPDATE tutor_application SET state = 'approved'")
    own_school.change(WITH_ADDRESS)
    return own_school


def pass_days(school: School, days: int, table: str = "registration") -> None:
    school.change(f"UPDATE {table} SET asked_at = asked_at - make_interval(days => %s)", days)


def tell(school: School) -> int:
    with school.connect("jobs", autocommit=True) as jobs:
        return int((jobs.execute("SELECT overdue_told()").fetchone() or (0,))[0])


def lapse(school: School, kind: str = "request") -> int:
    """Lapses requests, as the jobs process does."""
    done = 0
    with school.connect("jobs", autocommit=True) as jobs:
        while (jobs.execute(f"SELECT next_{kind}_lapsed()").fetchone() or (False,))[0]:
            done += 1
    return done


def value(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode(), values).fetchone() or (None,))[0]


def mailed(school: School, kind: str) -> list[Any]:
    return [[name, n] for name, of, n in value(school, MAILS) if of == kind]


# ── Notified of numbers ──
@pytest.mark.parametrize(("days", "n"), [(6, 0), (8, 2)])
def test_administrators_get_the_number_of_requests_that_wait_for_more_than_a_week(office: School, days: int, n: int) -> None:
    register(office)
    apply(office)
    pass_days(office, days)
    assert tell(office) == (1 if n else 0)
    assert mailed(office, "overdue") == ([["carl.staff", n]] if n else [])
    assert told(office, "carl", "staff") == (["requests wait"] if n else []) and told(office, "rosa", "staff") == []


def test_once_a_day_and_the_page_has_one_line(office: School) -> None:
    register(office)
    pass_days(office, 8)
    assert [tell(office), tell(office)] == [1, 0]
    office.change("UPDATE account_notice SET at = at - interval '1 day'")
    assert tell(office) == 1 and len(mailed(office, "overdue")) == 2 and told(office, "carl", "staff") == ["requests wait"]


def test_a_school_administrator_gets_emails_about_that_school_only(office: School) -> None:
    appoint(office, "pat", at="middle")
    appoint(office, "sam", at="elementary")
    office.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'staff', 'sam.staff')", office.ids["sam"])
    office.change("UPDATE mail_address SET ended_at = now()")
    office.change(WITH_ADDRESS)
    register(office)
    pass_days(office, 8)
    tell(office)
    assert mailed(office, "overdue") == [["carl.staff", 1], ["pat.staff", 1]]


def test_no_one_is_notified_of_a_request_about_their_own_child(office: School) -> None:
    """Dana is Kai's mother. One of the three waiting requests is about Kai, and one is her own."""
    appoint(office, "dana")
    register(office)
    apply(office)
    asks(office, "dana", given_name="Nobody")
    match(office)
    pass_days(office, 8)
    tell(office)
    assert sorted(mailed(office, "overdue")) == [["carl.staff", 3], ["dana.staff", 1]]


def test_the_queue_says_which_wait_too_long(office: School) -> None:
    register(office)
    pass_days(office, 8)
    register(office, "zoe", "Zoe")
    match(office)
    late = "SELECT jsonb_agg(is_overdue ORDER BY number) FROM registrations_shown('check', NULL, NULL)"
    assert ask(office, "rosa", late) == [True, False]
    assert ask(office, "rosa", "SELECT overdue FROM registrations_counted(NULL)") == 1


def test_a_tutors_application_sends_one_notice_a_day_however_many_apply(office: School) -> None:
    office.change("UPDATE district SET tutors = 'on'")
    appoint(office, "dana")
    for name in ("uma", "uli"):
        assert tutoring.apply(office, name)
    assert sorted(mailed(office, "applied")) == [["carl.staff", 0], ["dana.staff", 0]]
    assert told(office, "carl", "staff") == ["tutor applied"] and told(office, "rosa", "staff") == []


def test_an_application_of_a_tutor_that_waits_too_long_is_counted(office: School) -> None:
    office.change("UPDATE district SET tutors = 'on'")
    tutoring.apply(office)
    pass_days(office, 8, "tutor_application")
    tell(office)
    assert mailed(office, "overdue") == [["carl.staff", 1]]


# ── Lapsed ──
@pytest.mark.parametrize(("days", "n"), [(59, 0), (61, 1)])
def test_after_sixty_days_a_request_lapses(office: School, days: int, n: int) -> None:
    register(office)
    match(office)
    pass_days(office, days)
    assert lapse(office) == n
    assert newest(office)["state"] == ("lapsed" if n else "waiting") and shown(office, "rosa") == ([] if n else ["Mia Ruiz"])


def test_a_lapsed_request_erases_the_typed_data_and_closes_the_account(office: School) -> None:
    register(office, "mia", "Mia", "Ruiz", phone="555 010 0177")
    prove(office, "mia", "mia@mail.example")
    match(office)
    pass_days(office, 61)
    assert lapse(office) == 1
    row = newest(office)
    assert [row[field] for field in TYPED] == ["", "", None, "", None] and not row["is_exact"]
    account = """SELECT jsonb_build_array(is_active, sign_in_name = 'lapsed-' || uuid, (SELECT count(*) FROM credential c WHERE c.account_id = a.id))
        FROM account a WHERE person_id = %s"""
    assert value(office, account, office.ids["mia"]) == [False, True, 0]
    assert value(office, "SELECT given_name || family_name FROM person WHERE id = %s", office.ids["mia"]) == ""
    with office.connect("app") as app:
        assert app.execute("SELECT begin_request(%s)", [proof_of("mia", "family")]).fetchone() == (None,)
    with office.connect("jobs", autocommit=True) as jobs:
        assert [row[1:3] for row in jobs.execute("SELECT * FROM account_mails_due()").fetchall()] == [("lapsed", "mia@mail.example")]
        jobs.execute("SELECT lapsed_swept()")
        assert jobs.execute("SELECT count(*) FROM account_mails_due()").fetchone() == (1,)
        office.change("UPDATE mail_address SET ended_at = ended_at - interval '8 days' WHERE address = 'mia@mail.example'")
        assert jobs.execute("SELECT lapsed_swept()").fetchone() == (1,)
    assert value(office, "SELECT count(*) FROM mail_address WHERE address = 'mia@mail.example'") == 0


def test_it_reads_the_same_for_a_child_who_is_not_there(office: School) -> None:
    """34 CFR 99.31(c), also in the last step."""
    for name, given_name in (("mia", "Nina"), ("zoe", "Nobody")):
        register(office, name, "Mia", "Ruiz", given_name=given_name)
        prove(office, name, f"{name}@mail.example")
    match(office)
    pass_days(office, 61)
    assert lapse(office) == 2
    mails = "SELECT jsonb_agg(jsonb_build_array(kind, counted, by_day) ORDER BY m.id) FROM account_mail m, account a WHERE a.id = account_id AND person_id = %s"
    told_of = [(told(office, name), value(office, mails, office.ids[name])) for name in ("mia", "zoe")]
    assert told_of[0] == told_of[1] == (["request lapsed"], [["lapsed", 0, None], ["changed", 0, None]])


def test_a_students_request_lapses_likewise(office: School) -> None:
    apply(office)
    match(office)
    pass_days(office, 61)
    assert lapse(office) == 1
    assert value(office, "SELECT is_active FROM account WHERE person_id = %s", office.ids["kid"]) is False
    office.change("DELETE FROM session WHERE person_id = %s", office.ids["kid"])
    assert apply(office, "kid")  # the name is free again


KEEPS = {
    "a record that a file brought": ("mia", "UPDATE person SET sourced_id = 'mia' WHERE id = {mia}"),
    "a tie that ended": ("mia", """INSERT INTO tie
        (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, is_confidential, proof, state)
        VALUES (gen_random_uuid(), {mia}, {leo}, 'parent', today() - 9, '{{grades}}', false, false, false, false, 'code', 'ended')"""),
    "a hat on another side": ("mia", "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), {mia}, 'staff', 'mia.staff')"),
    "a request that an office declined": ("mia", """INSERT INTO registration
        (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation, state, answered_at)
        SELECT person_id, school_id, office_id, 'Leo', 'Ruiz', child_birth_date, 'mother', 'declined', now() FROM registration"""),
    "a request that somebody challenged": ("mia", """INSERT INTO challenge (registration_id, challenger_id, reason, remind_at, decided_at, outcome)
        SELECT id, {ana}, 'stranger', now(), now(), 'set aside' FROM registration"""),
    "another request that waits": ("mia", """INSERT INTO registration
        (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation)
        SELECT person_id, school_id, office_id, 'Leo', 'Ruiz', child_birth_date, 'mother' FROM registration"""),
    "an application as a tutor": ("mia", "INSERT INTO tutor_application (person_id, organization, purpose) VALUES ({mia}, 'x', 'x')"),
    "a restriction that names her": ("mia", """INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
        VALUES (gen_random_uuid(), {mia}, {nina}, 'court order', today())"""),
}


@pytest.mark.parametrize("what", KEEPS)
def test_an_account_that_something_else_rests_on_stays(office: School, what: str) -> None:
    register(office)
    match(office)
    pass_days(office, 61)
    who, how = KEEPS[what]
    office.change(how.format(**office.ids))
    lapse(office)
    assert value(office, "SELECT is_active FROM account WHERE person_id = %s AND side = 'family'", office.ids[who])
    assert value(office, "SELECT given_name FROM person WHERE id = %s", office.ids[who]) != ""
    assert told(office, who)[-1] == "request lapsed"


def test_a_lapsed_request_erases_the_typed_data_when_the_account_stays(office: School) -> None:
    register(office, phone="555 010 0177")
    match(office)
    pass_days(office, 61)
    office.change(KEEPS["a hat on another side"][1].format(**office.ids))
    assert lapse(office) == 1 and [newest(office)[field] for field in (*TYPED, "is_exact")] == ["", "", None, "", None, False]


def test_a_request_does_not_lapse_while_someone_challenges_it(office: School) -> None:
    register(office)
    match(office)
    challenged = "INSERT INTO challenge (registration_id, challenger_id, reason, remind_at) SELECT id, %s, 'stranger', now() FROM registration"
    office.change(challenged, office.ids["ana"])
    pass_days(office, 61)
    assert lapse(office) == 0 and newest(office)["child_given_name"] == "Nina"
    office.change("UPDATE challenge SET decided_at = now(), outcome = 'set aside'")
    assert lapse(office) == 1 and newest(office)["student_id"] == office.ids["nina"]  # the challenged request keeps its student


def test_an_office_finds_a_lapsed_request_no_more(office: School) -> None:
    register(office)
    match(office)
    pass_days(office, 61)
    lapse(office)
    assert ask(office, "rosa", "SELECT registration_shown(%s)", [newest(office)["uuid"]]) is None
    assert answers(office, "rosa") == "taken" and shown(office, "rosa", "answered") == []


def test_a_tutor_request_lapses_whether_the_family_declined_or_no_one_read_it(office: School) -> None:
    tutoring.district_of(office)
    tutoring.asked(office)
    assert tutoring.decline(office) == "declined"
    assert tutoring.wants(office, "uma", given_name="Nobody") == "asked"
    tutoring.match(office)
    pass_days(office, 61, "tutor_request")
    office.change("UPDATE mail_address SET ended_at = now()")
    prove(office, "uma", "uma@mail.example")
    assert lapse(office, "tutor_request") == 2
    left = """SELECT jsonb_agg(jsonb_build_array(state, child_given_name, child_birth_date, purpose, student_id, answered_by_id))
        FROM tutor_request WHERE person_id = %s"""
    assert value(office, left, office.ids["uma"]) == [["lapsed", "", None, "", None, None]] * 2
    assert mailed(office, "lapsed") == [["uma.family", 0]] * 2 and told(office, "uma").count("request lapsed") == 2
    assert tutoring.seen(office, "uma", "my_tutor_requests", "uuid", None) == []


def test_a_request_that_a_family_signed_does_not_lapse(office: School) -> None:
    tutoring.district_of(office)
    tutoring.asked(office)
    assert tutoring.consent(office) == "given"
    pass_days(office, 61, "tutor_request")
    assert lapse(office, "tutor_request") == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["waiting", "approved", "declined", "withdrawn"]), st.integers(0, 120)), max_size=6))
def test_only_what_waits_for_sixty_days_lapses_and_all_of_it(office: School, kept: list[tuple[str, int]]) -> None:
    office.change("DELETE FROM registration")
    for state, days in kept:
        office.change("""INSERT INTO registration
            (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation, state, asked_at)
            VALUES (%s, %s, %s, 'Some', 'Child', '2014-01-01', 'mother', %s, now() - make_interval(days => %s) - interval '1 hour')""",
                      office.ids["dee"], office.ids["middle"], office.ids["middle"], state, days)  # fmt: skip
    due = sum(state == "waiting" and days >= 60 for state, days in kept)
    assert lapse(office) == due
    assert value(office, "SELECT count(*) FROM registration WHERE state = 'lapsed' AND child_given_name = '' AND child_birth_date IS NULL") == due
    assert value(office, "SELECT count(*) FROM registration WHERE state <> 'lapsed' AND child_given_name = 'Some'") == len(kept) - due


def test_the_emails_name_no_one(office: School) -> None:
    register(office)
    pass_days(office, 8)
    tell(office)
    assert str(identity("nina")) not in str(value(office, "SELECT jsonb_agg(m) FROM account_mail m"))
    assert not {"Nina", "Ruiz", "Mia"} & set(str(value(office, "SELECT jsonb_agg(m) FROM account_mail m")).replace('"', " ").split())
