"""Families ask for what isn't online while the student is here. A request closes, or passes to the student, when its person may no longer ask."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.membership import due
from homeroom.portal.membership.eighteen.tests.aging import born, lift
from homeroom.portal.membership.eighteen.tests.aging import due as birthdays
from homeroom.portal.membership.leaving.tests.test_inspections import mailed, office  # noqa: F401  a fixture
from homeroom.portal.membership.leaving.tests.test_leaving import answers, asks, one, turns_18_meanwhile
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

NINA = {"student": str(identity("nina"))}
PAPER = "The paper files of third grade"


@pytest.fixture
def here(own_school: School) -> School:
    """Nina is a student of Lincoln Middle, and no one has asked to see her record."""
    own_school.change("DELETE FROM inspection")
    return own_school


def ends(school: School) -> int:
    with school.connect("jobs") as jobs:
        return due.lapse_one_of_each(jobs)


def state(school: School) -> list[str]:
    return list(one(school, "SELECT jsonb_agg(state || ' ' || p.sourced_id ORDER BY i.id) FROM inspection i JOIN person p ON p.id = i.person_id") or [])


# ── Asking and answering ──
def test_ana_asks_for_paper_files_and_the_office_says_that_it_showed_them(here: School) -> None:
    ana, carl = Browser("ana"), Browser("carl", "staff")
    assert "Ask for what isn" in ana.open("/inspection").words
    assert ana.post("/inspection", NINA | {"what": PAPER}).headers["Location"] == "/inspection?then=asked"
    words = carl.open("/office/requests").words
    assert PAPER in words and "Nina Ruiz" in words and "The office of Lincoln Middle" in words and "Open it again" not in words
    which = one(here, "SELECT uuid::text FROM inspection")
    answer = carl.post("/office/inspections/answer", {"which": which, "verdict": "opened", "days": "7"})
    assert answer.status == 422 and "open online already" in answer.words
    assert carl.post("/office/inspections/answer", {"which": which, "verdict": "on paper"}).status == 302
    assert "showed you the record on paper" in ana.open("/inspection").words and told(here, "ana")[-1] == "request answered"
    assert PAPER in ana.open(f"/children/{identity('nina')}/everything").words


def test_a_request_that_is_too_long_is_refused_and_keeps_what_was_typed(here: School) -> None:
    page = Browser("ana").post("/inspection", NINA | {"what": "x" * 501})
    assert page.status == 422 and "500 characters" in page.words and "x" * 501 in page.text and state(here) == []
    assert Browser("ana").post("/inspection", NINA | {"what": "x" * 500 + "\x00"}).status == 302 and state(here) == ["waiting ana"]


def test_a_tutor_and_another_mother_find_no_record_to_ask_for(here: School) -> None:
    for who, side in (("tia", "family"), ("dee", "family"), ("jo", "family")):
        assert Browser(who, side).post("/inspection", NINA).status == 404 and "Nina" not in Browser(who, side).open("/inspection").words


def test_an_account_that_no_record_is_connected_to_has_nothing_to_ask_for(here: School) -> None:
    here.change("DELETE FROM role WHERE person_id = %s", here.ids["max"])
    assert ask(here, "max", "SELECT count(*) FROM my_inspections()", side="student") == 0
    assert ask(here, "nina", "SELECT count(*) FROM my_inspections()", side="student") == 1


def test_the_earliest_due_date_is_first(here: School) -> None:
    assert asks(here) == asks(here, child="leo") == "asked"
    here.change("UPDATE inspection SET asked_at = asked_at - interval '20 days' WHERE student_id = %s", here.ids["leo"])
    words = Browser("carl", "staff").open("/office/requests").words
    assert words.index("Leo Ruiz") < words.index("Nina Ruiz") and "Overdue" in words


# ── Clocks ──
@given(day=st.dates(date(2024, 1, 1), date(2034, 12, 31)), n=st.integers(1, 60))
def test_business_days_are_monday_to_friday_in_vacations_too(school: School, day: date, n: int) -> None:
    found = one(school, "SELECT business_day_after(%s, %s)", day, n)
    assert found.isoweekday() < 6
    assert sum((day + timedelta(i)).isoweekday() < 6 for i in range(1, (found - day).days + 1)) == n


def test_administrators_hear_each_day_of_an_overdue_request(office: School) -> None:
    assert asks(office) == "asked"
    office.change("DELETE FROM registration")
    office.change("DELETE FROM tutor_application")
    tell = "SELECT overdue_told()"
    late = "UPDATE inspection SET asked_at = asked_at - make_interval(days => %s)"
    assert one(office, tell) == 0 and mailed(office, "overdue") == []
    office.change(late, 8)
    assert one(office, tell) == 1 and [name for name, _day in mailed(office, "overdue")] == ["carl.staff"]
    assert one(office, tell) == 0
    office.change("UPDATE account_notice SET at = at - interval '1 day'")
    assert one(office, tell) == 1 and len(mailed(office, "overdue")) == 2
    assert answers(office, verdict="on paper", days=None) == "on paper"
    office.change("UPDATE account_notice SET at = at - interval '1 day'")
    assert one(office, tell) == 0


# ── Who may no longer ask ──
GONE = {
    "a restriction": "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) SELECT gen_random_uuid(), adult_id, student_id, 'court order',"
                     " today() FROM tie WHERE uuid = %s",
    "access that ended": "UPDATE tie SET state = 'ended' WHERE uuid = %s",
    "access that is suspended": "UPDATE tie SET state = 'suspended' WHERE uuid = %s",
    "access that is over": "UPDATE tie SET end_date = today() WHERE uuid = %s",
    "access that is turned off": "UPDATE tie SET is_shut = true WHERE uuid = %s",
}  # fmt: skip


@pytest.mark.parametrize("why", GONE)
def test_a_request_closes_without_a_reason_when_its_person_loses_access(here: School, why: str) -> None:
    assert asks(here) == "asked" and ends(here) == 0
    here.change(GONE[why], identity("tie/ana/nina"))
    assert ends(here) == 1 and state(here) == ["closed ana"] and ends(here) == 0
    assert one(here, "SELECT event || reason FROM ledger WHERE event LIKE 'inspection%%' ORDER BY id DESC LIMIT 1") == "inspection closed"
    assert "Closed on" in Browser("carl", "staff").open("/office/requests").words


def test_anas_request_about_leo_stays_when_her_access_to_nina_ends(here: School) -> None:
    assert asks(here) == asks(here, child="leo") == "asked"
    here.change(GONE["access that ended"], identity("tie/ana/nina"))
    assert ends(here) == 1 and state(here) == ["closed ana", "waiting ana"]


def test_at_18_the_request_passes_to_the_student_with_its_deadline(here: School) -> None:
    assert asks(here) == "asked"
    due_before = one(here, "SELECT inspection_due(i) FROM inspection i")
    born(here, 0)
    assert "applied" in birthdays(here)
    assert ends(here) == 1 and state(here) == ["waiting nina"] and ends(here) == 0
    assert one(here, "SELECT inspection_due(i) FROM inspection i") == due_before
    assert told(here, "nina", "student")[-1] == "inspection passed" and answers(here, verdict="on paper", days=None) == "on paper"


def test_a_former_students_request_passes_at_18_too_unless_her_mother_keeps_a_right(here: School) -> None:
    turns_18_meanwhile(here)
    assert lift(here, who="carl") == "opened" and ends(here) == 0 and state(here) == ["waiting ana"]
    here.change("DELETE FROM age_effect")
    assert ends(here) == 1 and state(here) == ["waiting nina"]


def test_at_18_a_request_next_to_the_students_own_closes(here: School) -> None:
    assert asks(here) == asks(here, "nina", side="student") == "asked"
    born(here, 0)
    assert "applied" in birthdays(here)
    assert ends(here) == 1 and state(here) == ["closed ana", "waiting nina"]
