"""A student who left: who has access for how long, who may request an inspection, who answers, and what closes again (34 CFR 99.10, Ed. Code 49069.7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.eighteen.tests.aging import born, lift
from homeroom.portal.membership.eighteen.tests.aging import due as birthdays
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask
from homeroom.portal.membership.ties.tests.keeping import close
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

# The same hour in the district's time zone. In UTC, sixty days across the end of summer time would be fifty-nine in the last hour before midnight.
AGO = "(now() AT TIME ZONE 'America/Los_Angeles' - make_interval(days => %s)) AT TIME ZONE 'America/Los_Angeles'"
LEFT = f"UPDATE role SET ended_at = {AGO} WHERE person_id = %s AND role = 'student'"


def leave(school: School, name: str = "nina", days: int = 60) -> None:
    """A file left the student's role out this many days ago."""
    school.change(LEFT, days, school.ids[name])


def one(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode(), values).fetchone() or (None,))[0]


def own_look(school: School, name: str = "nina") -> int:
    with school.connect("app", autocommit=True) as app:
        return int((app.execute("SELECT look(%s, 'child', %s)", [proof_of(name, "student"), identity(name)]).fetchone() or (0,))[0])


def asks(school: School, who: str = "ana", child: str = "nina", side: str = "family") -> str:
    return str(ask(school, who, "SELECT ask_for_inspection(%s, '')", [identity(child)], side=side))


def answers(school: School, who: str = "carl", verdict: str = "opened", days: int | None = 14) -> str:
    which = one(school, "SELECT uuid FROM inspection WHERE student_id <> %s ORDER BY id DESC LIMIT 1", school.ids["max"])
    return str(ask(school, who, "SELECT answer_inspection(%s, %s, %s)", [which, verdict, days]))


# ── How long ──
def test_a_family_and_the_student_read_for_sixty_days_and_then_not(own_school: School) -> None:
    assert sees(own_school, "ana") and own_look(own_school)
    leave(own_school, days=59)
    assert sees(own_school, "ana") and own_look(own_school)
    leave(own_school, days=60)
    assert not sees(own_school, "ana") and not own_look(own_school)
    assert one(own_school, "SELECT count(*) FROM tie WHERE student_id = %s AND state = 'approved'", own_school.ids["nina"]) == 2, "nothing is erased"
    assert one(own_school, "SELECT bool_and(is_active) FROM account WHERE person_id = ANY (%s)", [own_school.ids["ana"], own_school.ids["nina"]])


def test_a_tutor_reads_nothing_from_the_day_on_which_the_student_left(own_school: School) -> None:
    """The sixty days are only for the family. A tutor's purpose is over."""
    assert sees(own_school, "tia")
    leave(own_school, days=0)
    assert sees(own_school, "ana") and not sees(own_school, "tia")
    own_school.change("UPDATE role SET ended_at = NULL WHERE person_id = %s", own_school.ids["nina"])
    assert sees(own_school, "tia")


def test_another_child_stays_open(own_school: School) -> None:
    leave(own_school)
    home = Browser("ana").open("/")
    assert home.status == 200 and "Leo" in home.words and "Nina" not in home.words


def test_an_open_page_is_closed_by_the_next_request(own_school: School) -> None:
    assert Browser("ana").open(f"/children/{identity('nina')}").status == 200
    leave(own_school)
    assert Browser("ana").open(f"/children/{identity('nina')}").status == 404


def test_an_import_taken_back_opens_it_again(own_school: School) -> None:
    leave(own_school)
    own_school.change("UPDATE role SET ended_at = NULL WHERE person_id = %s", own_school.ids["nina"])
    assert sees(own_school, "ana") and own_look(own_school)


def test_a_student_who_moves_to_another_school_in_the_district_has_not_left(own_school: School) -> None:
    own_school.change("INSERT INTO role (sourced_id, person_id, school_id, role) VALUES ('moved', %s, %s, 'student')",
                      own_school.ids["nina"], own_school.ids["elementary"])  # fmt: skip
    own_school.change("UPDATE role SET ended_at = now() - interval '200 days' WHERE sourced_id = 'role/nina'")
    assert sees(own_school, "ana") and one(own_school, "SELECT left_on(%s)", own_school.ids["nina"]) is None


def test_a_student_who_helps_at_school_after_the_last_day_has_left_as_a_student(own_school: School) -> None:
    leave(own_school)
    own_school.change("INSERT INTO role (sourced_id, person_id, school_id, role) VALUES ('helps', %s, %s, 'aide')",
                      own_school.ids["nina"], own_school.ids["middle"])  # fmt: skip
    assert not sees(own_school, "ana") and one(own_school, "SELECT left_on(%s) < today()", own_school.ids["nina"])


def test_a_person_in_no_file_has_left_whatever_the_roles_say(own_school: School) -> None:
    own_school.change(f"UPDATE person SET ended_at = {AGO} WHERE id = %s", 60, own_school.ids["nina"])
    assert not sees(own_school, "ana")


@given(ago=st.integers(-400, 400), role_ends=st.one_of(st.none(), st.integers(-400, 400)), days=st.integers(30, 365))
def test_it_is_open_while_here_and_for_the_districts_days_after(school: School, ago: int, role_ends: int | None, days: int) -> None:
    """`ago` is days since a file left the role out. A negative number means that none did. `role_ends` is days until the role's own end."""
    today = one(school, "SELECT today()")
    school.change("UPDATE district SET leaving_days = %s", days)
    school.change(f"UPDATE role SET ended_at = CASE WHEN %s >= 0 THEN {AGO} END, end_date = %s WHERE sourced_id = 'role/kai'",
                  ago, ago, None if role_ends is None else today + timedelta(role_ends))  # fmt: skip
    ends = [day for day in (-ago if ago >= 0 else None, role_ends if role_ends is not None and (role_ends <= 0 or ago >= 0) else None) if day is not None]
    assert one(school, "SELECT is_readable(%s, 0)", school.ids["kai"]) is (not ends or min(ends) + days > 0)


def test_a_shorter_time_removes_access_and_its_preview_says_who_loses_it(own_school: School) -> None:
    leave(own_school, days=40)
    found = ask(own_school, "carl", "SELECT preview_setting('leaving_days', '30')")
    assert {(row["capacity"], row["kind"], row["lose"]) for row in found["rows"]} == {
        ("family", "grades", 1), ("family", "attendance", 1), ("family", "contacts", 1), ("family", "birth date", 1),
        ("student", "grades", 1), ("student", "attendance", 1)} - {("family", "contacts", 1), ("family", "birth date", 1)}  # fmt: skip
    assert sees(own_school, "ana")
    assert ask(own_school, "carl", "SELECT change_setting('leaving_days', '60', '30')") == "kept" and not sees(own_school, "ana")
    assert ask(own_school, "carl", "SELECT change_setting('leaving_days', '30', '90')") == "proposed"
    assert ask(own_school, "carl", "SELECT change_setting('leaving_days', '30', '29')") == "odd"


# ── Asking ──
WHO = {"a mother": ("ana", "family", True), "a suspended father": ("jo", "family", False), "a tutor": ("tia", "family", False),
       "the student": ("nina", "student", True),
       "another mother": ("dee", "family", False), "her teacher": ("bo", "staff", False)}  # fmt: skip


@pytest.mark.parametrize("role", WHO)
def test_only_the_mother_and_the_student_may_ask_for_an_inspection(own_school: School, role: str) -> None:
    who, side, may = WHO[role]
    for left in (None, 10, 60):
        own_school.change("DELETE FROM inspection")
        if left is not None:
            leave(own_school, days=left)
        assert asks(own_school, who, side=side) == ("asked" if may else ""), left
        assert asks(own_school, who, side=side) == ("taken" if may else ""), left


def test_a_restricted_father_cannot_ask(own_school: School) -> None:
    leave(own_school, "max")
    assert asks(own_school, "gus", "max") == "" and asks(own_school, "dee", "max") == "asked"


def test_a_parent_cannot_ask_to_inspect_a_record_with_parent_access_turned_off(own_school: School) -> None:
    assert close(own_school) == "closed"
    leave(own_school)
    assert asks(own_school) == "" and asks(own_school, "nina", side="student") == "asked"
    assert "Nina" not in Browser("ana").open("/inspection").words
    own_school.change("UPDATE tie SET is_shut = false")
    assert asks(own_school) == "asked"


@given(day=st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_the_clock_is_five_business_days_and_forty_five_days(school: School, day: date) -> None:
    school.change("UPDATE inspection SET asked_at = (%s::date + time '12:00') AT TIME ZONE (SELECT time_zone FROM district)", day)
    due, latest = (one(school, f"SELECT inspection_{which}(i) FROM inspection i LIMIT 1") for which in ("due", "latest"))
    between = [day + timedelta(n) for n in range(1, (due - day).days + 1)]
    assert sum(each.isoweekday() < 6 for each in between) == 5 and due.isoweekday() < 6 and latest == day + timedelta(45)


# ── Answering ──
def test_the_office_opens_it_again_to_who_asked_alone_and_it_closes_by_itself(own_school: School) -> None:
    own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    leave(own_school)
    asks(own_school)
    assert answers(own_school) == "opened" and told(own_school, "ana")[-1] == "request answered"
    assert sees(own_school, "ana") and not sees(own_school, "jo") and not own_look(own_school)
    assert answers(own_school) == "taken"
    own_school.change("UPDATE inspection SET open_until = today() WHERE state = 'opened'")
    assert not sees(own_school, "ana") and asks(own_school) == "asked"


@pytest.mark.parametrize(("verdict", "days", "then"), [("opened", 0, "odd"), ("opened", 46, "odd"), ("opened", None, "odd"),
                                                       ("opened", 1, "opened"),
                                                       ("opened", 45, "opened"), ("on paper", None, "on paper"),
                                                       ("withdrawn", 3, ""), ("", 3, "")])  # fmt: skip
def test_the_office_opens_the_record_for_1_to_45_days_or_answers_on_paper(own_school: School, verdict: str, days: int | None, then: str) -> None:
    leave(own_school)
    asks(own_school)
    assert answers(own_school, verdict=verdict, days=days) == then and sees(own_school, "ana") is (then == "opened")


def test_only_an_office_of_a_school_she_went_to_with_a_fresh_proof(own_school: School) -> None:
    leave(own_school)
    asks(own_school)
    for who in ("bo", "pat", "rosa", "vera"):
        assert answers(own_school, who) == ""
    appoint(own_school, "bo", at="elementary")
    assert answers(own_school, "bo") == ""
    age_proofs(own_school)
    assert answers(own_school) == "again" and not sees(own_school, "ana")


def test_no_one_answers_an_inspection_request_about_their_own_child(own_school: School) -> None:
    appoint(own_school, "dana")
    leave(own_school, "kai")
    assert asks(own_school, "dana", "kai") == "asked"
    assert answers(own_school, "dana") == "" and answers(own_school, "carl") == "opened"


def test_a_restriction_made_meanwhile_denies(own_school: School) -> None:
    leave(own_school)
    asks(own_school)
    own_school.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                      own_school.ids["ana"], own_school.ids["nina"])  # fmt: skip
    assert answers(own_school) == "barred" and not sees(own_school, "ana")


def turns_18_meanwhile(school: School, who: str = "ana", side: str = "family") -> School:
    """Nina left, Ana asked, a file also left Nina's person out, and then came Nina's 18th birthday."""
    leave(school)
    assert asks(school, who, side=side) == "asked"
    school.change(f"UPDATE person SET ended_at = {AGO} WHERE id = %s", 60, school.ids["nina"])
    born(school, 0)
    school.change("UPDATE demographic SET ended_at = now() WHERE person_id = %s", school.ids["nina"])
    assert "applied" in birthdays(school)
    return school


def test_a_student_who_turns_18_after_leaving_has_the_rights_and_her_mother_can_no_longer_inspect(own_school: School) -> None:
    turns_18_meanwhile(own_school)
    assert one(own_school, "SELECT is_of_age(%s)", own_school.ids["nina"])
    assert answers(own_school) == "of age" and answers(own_school, verdict="on paper") == "of age" and not sees(own_school, "ana")
    which = one(own_school, "SELECT uuid::text FROM inspection WHERE student_id = %s", own_school.ids["nina"])
    answer = Browser("carl", "staff").post("/office/inspections/answer", {"which": which, "verdict": "opened", "days": "7"})
    assert answer.status == 422 and "The student is 18" in answer.words


def test_access_that_continues_after_18_for_a_brother_or_has_ended_lets_no_one_inspect(own_school: School) -> None:
    turns_18_meanwhile(own_school)
    foster = "UPDATE tie SET kind = 'foster caregiver', state = %s WHERE uuid = %s"
    own_school.change(foster, "approved", identity("tie/ana/leo"))
    assert answers(own_school) == "of age"
    own_school.change(foster, "ended", identity("tie/ana/nina"))
    assert answers(own_school) == "of age" and not sees(own_school, "ana")


def test_a_former_student_of_18_and_a_mother_with_a_court_order_can_inspect(own_school: School) -> None:
    turns_18_meanwhile(own_school, "nina", "student")
    assert answers(own_school) == "opened" and own_look(own_school)
    own_school.change("DELETE FROM inspection WHERE student_id = %s", own_school.ids["nina"])
    assert lift(own_school, who="carl") == "opened" and asks(own_school) == "asked" and answers(own_school) == "opened" and sees(own_school, "ana")


def test_no_letter_waits_for_a_former_student(own_school: School) -> None:
    leave(own_school)
    own_school.change("DELETE FROM paper_notice")
    born(own_school, 30)
    assert "announced" in birthdays(own_school)
    assert one(own_school, "SELECT count(*) FROM paper_notice WHERE student_id = %s", own_school.ids["nina"]) == 0


# ── The pages ──
def test_ana_asks_carl_answers_and_both_read_the_days(own_school: School) -> None:
    leave(own_school)
    page = Browser("ana").open("/inspection")
    assert "Nina Ruiz" in page.words and "Closed. It was" in page.words
    assert Browser("ana").post("/inspection", {"student": own_school.uuid("nina")}).headers["Location"] == "/inspection?then=asked"
    assert "five business days" in Browser("ana").open("/inspection").words
    carl = Browser("carl", "staff")
    words = carl.open("/office/requests").words
    assert "Ana Ruiz, for" in words and "Nina Ruiz" in words
    which = one(own_school, "SELECT uuid::text FROM inspection ORDER BY id DESC LIMIT 1")
    assert carl.post("/office/inspections/answer", {"which": which, "verdict": "opened", "days": "x"}).status == 422
    assert carl.post("/office/inspections/answer", {"which": which, "verdict": "opened", "days": "7"}).status == 302
    assert carl.post("/office/inspections/answer", {"which": which, "verdict": "opened", "days": "7"}).status == 409
    assert "access through" in Browser("ana").open("/inspection").words and Browser("ana").open(f"/children/{identity('nina')}").status == 200


def test_a_request_about_an_unknown_student_is_not_found(own_school: School) -> None:
    assert Browser("dee").post("/inspection", {"student": own_school.uuid("nina")}).status == 404
    assert Browser("dee").post("/inspection", {"student": "x"}).status == 404
    assert Browser("carl", "staff").post("/office/inspections/answer", {"which": "x", "verdict": "opened", "days": "7"}).status == 404
