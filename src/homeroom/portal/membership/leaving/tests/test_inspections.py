"""Inspections: who is notified of a request, who withdraws it, and when the law wants an answer (Ed. Code 49069.7(b))."""

from datetime import timedelta
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.leaving.tests.test_leaving import answers, asks, leave, one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import appoint, ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

WITH_ADDRESS = "INSERT INTO mail_address (account_id, address, proven_at) SELECT id, sign_in_name || '@mail.example', now() FROM account"
MAILS = """SELECT coalesce(jsonb_agg(jsonb_build_array(a.sign_in_name, m.by_day) ORDER BY a.sign_in_name, m.id), '[]')
    FROM account_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = %s"""


@pytest.fixture
def office(own_school: School) -> School:
    """Rosa is the registrar of Lincoln Middle, Nina's former school. Carl is the district's administrator."""
    own_school.change("DELETE FROM inspection")
    own_school.change("DELETE FROM account_mail")
    own_school.change("DELETE FROM mail_address")
    own_school.change(WITH_ADDRESS)
    own_school.change("UPDATE duty SET duty = 'registrar' WHERE person_id = %s", own_school.ids["rosa"])
    leave(own_school)
    return own_school


def mailed(school: School, kind: str = "inspection") -> list[Any]:
    return list(one(school, MAILS, kind))


def test_the_registrar_and_the_administrators_are_notified_of_the_due_date(office: School) -> None:
    appoint(office, "bo", at="elementary")
    assert asks(office) == "asked"
    due = one(office, "SELECT business_day_after(today(), 5)::text")
    assert mailed(office) == [["carl.staff", due], ["rosa.staff", due]]
    assert told(office, "rosa", "staff") == told(office, "carl", "staff") == ["inspection asked"] and told(office, "bo", "staff") == []


def test_one_mail_says_the_day_however_many_ask(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE kind = 'parent'")
    assert asks(office) == asks(office, "jo") == asks(office, "nina", side="student") == "asked"
    assert len(mailed(office)) == 2 and told(office, "rosa", "staff") == ["inspection asked"]
    office.change("DELETE FROM inspection")
    office.change("UPDATE account_mail SET by_day = by_day - 1")
    assert asks(office) == "asked" and len(mailed(office)) == 4, "another day is another mail"


def test_an_earlier_email_to_carl_does_not_keep_one_from_a_new_registrar(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE kind = 'parent'")
    for duty, who, names in (("attendance clerk", "ana", ["carl.staff"]), ("registrar", "jo", ["carl.staff", "rosa.staff"])):
        office.change("UPDATE duty SET duty = %s WHERE person_id = %s", duty, office.ids["rosa"])
        assert asks(office, who) == "asked" and [name for name, _day in mailed(office)] == names
    assert told(office, "rosa", "staff") == ["inspection asked"]


def test_another_notice_and_another_mail_keep_none_of_an_inspection_away(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE kind = 'parent'")
    office.change("SELECT tell_account(%s, 'staff', 'duty given')", office.ids["carl"])
    office.change("INSERT INTO account_mail (account_id, kind, by_day) SELECT id, 'challenge', business_day_after(today(), 5) FROM account")
    assert asks(office) == "asked" and told(office, "carl", "staff") == ["duty given", "inspection asked"]
    assert [name for name, _day in mailed(office)] == ["carl.staff", "rosa.staff"]
    office.change("UPDATE account_notice SET shown_at = now()")
    assert asks(office, "jo") == "asked" and told(office, "carl", "staff")[2:] == ["inspection asked"], "Carl had read the first"


def test_a_mother_in_the_office_gets_no_notice_of_anyones_inspection_of_her_child(office: School) -> None:
    appoint(office, "dana")
    leave(office, "kai")
    office.change("INSERT INTO inspection (student_id, person_id) VALUES (%s, %s)", office.ids["kai"], office.ids["lou"])
    office.change("SELECT tell_of_inspection(i) FROM inspection i WHERE person_id = %s", office.ids["lou"])
    assert "carl.staff" in [name for name, _day in mailed(office)] and told(office, "dana", "staff") == []


def test_the_registrar_of_one_child_does_not_hear_that_another_schools_is_asked_for(office: School) -> None:
    asks(office)
    office.change("DELETE FROM account_mail")
    leave(office, "leo")
    assert asks(office, child="leo") == "asked" and [name for name, _day in mailed(office)] == ["carl.staff"]


def test_a_mother_in_the_office_and_a_former_registrar_get_no_notice_of_an_inspection(office: School) -> None:
    """Dana is Kai's mother and an administrator of the district. Rosa's duty has ended."""
    appoint(office, "dana")
    office.change("UPDATE duty SET end_date = today() WHERE person_id = %s", office.ids["rosa"])
    leave(office, "kai")
    assert asks(office, "dana", "kai") == "asked"
    assert [name for name, _day in mailed(office)] == ["carl.staff"] and told(office, "dana", "staff") == []


def test_the_requester_gets_an_email_when_the_request_is_answered(office: School) -> None:
    asks(office)
    assert answers(office, "rosa", "on paper", None) == "on paper"
    assert mailed(office, "answered") == [["ana.family", None]]


def test_a_teacher_who_asked_as_a_mother_gets_email_as_a_mother_and_a_closed_account_gets_none(office: School) -> None:
    leave(office, "kai")
    asks(office, "dana", "kai")
    assert answers(office) == "opened" and mailed(office, "answered") == [["dana.family", None]]
    asks(office)
    office.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
    assert answers(office) == "opened" and mailed(office, "answered") == [["dana.family", None]]


def test_an_inspection_of_one_childs_record_opens_no_other(office: School) -> None:
    leave(office, "leo")
    assert asks(office, child="leo") == "asked" and answers(office) == "opened"
    assert sees(office, "ana", "leo") and not sees(office, "ana")


# ── Withdrawn ──
def back(school: School, who: str = "ana", side: str = "family") -> str:
    return str(ask(school, who, "SELECT withdraw_inspection(%s)", [identity("nina")], side=side))


def test_a_requester_withdraws_an_inspection_request_once_and_can_ask_again(office: School) -> None:
    assert back(office) == "" and asks(office) == "asked"
    for who, side in (("jo", "family"), ("nina", "student"), ("dee", "family"), ("carl", "staff")):
        assert back(office, who, side) == ""
    assert back(office) == "withdrawn" and back(office) == "over"
    last = "SELECT event FROM ledger WHERE event LIKE 'inspection%%' ORDER BY id DESC LIMIT 1"
    assert one(office, last) == "inspection withdrawn" and answers(office) == "taken"
    assert asks(office) == "asked" and answers(office) == "opened" and back(office) == "over", "what the office opened stays open"
    assert sees(office, "ana")


def test_a_mother_takes_back_her_own_request_and_the_fathers_still_waits(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE kind = 'parent'")
    assert asks(office) == asks(office, "jo") == "asked" and back(office) == "withdrawn"
    waiting = "SELECT jsonb_agg(p.sourced_id) FROM inspection i JOIN person p ON p.id = i.person_id WHERE i.state = 'waiting'"
    assert one(office, waiting) == ["jo"]


def test_leos_request_still_waits_after_ana_withdraws_ninas(office: School) -> None:
    leave(office, "leo")
    assert asks(office) == asks(office, child="leo") == "asked" and back(office) == "withdrawn"
    waiting = "SELECT jsonb_agg(p.sourced_id) FROM inspection i JOIN person p ON p.id = i.student_id WHERE i.state = 'waiting'"
    assert one(office, waiting) == ["leo"]


def test_a_mother_who_has_been_restricted_since_cannot_change_her_inspection_request(office: School) -> None:
    asks(office)
    office.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                  office.ids["ana"], office.ids["nina"])  # fmt: skip
    assert back(office) == "" and one(office, "SELECT state FROM inspection") == "waiting"


def test_ana_takes_it_back_on_the_page_and_carl_reads_so(office: School) -> None:
    ana, nina = Browser("ana"), {"student": office.uuid("nina")}
    assert ana.post("/inspection/withdrawal", nina).status == 404
    ana.post("/inspection", nina)
    assert "/inspection/withdrawal" in [form.get("action") for form in ana.open("/inspection").find("form")]
    assert ana.open("/inspection/withdrawal").headers["Location"] == "/inspection"
    assert Browser("dee").post("/inspection/withdrawal", nina).status == ana.post("/inspection/withdrawal", {"student": "x"}).status == 404
    assert ana.post("/inspection/withdrawal", nina).headers["Location"] == "/inspection?then=withdrawn"
    assert ana.post("/inspection/withdrawal", nina).status == 409
    page = ana.open("/inspection?then=withdrawn")
    actions = [form.get("action") for form in page.find("form")]
    assert page.said == {"withdrawn"} and "/inspection" in actions and "/inspection/withdrawal" not in actions
    assert "Withdrawn on" in Browser("carl", "staff").open("/office/requests").words
    assert ".." not in Browser("ana", language="es").open("/inspection").words.replace("...", "")


@pytest.mark.parametrize(("days", "is_sent"), [(0, True), (6, True), (9, False)])
def test_it_waits_for_a_relay_that_is_down_through_its_day(office: School, days: int, is_sent: bool) -> None:
    asks(office)
    office.change("UPDATE account_mail SET made_at = made_at - make_interval(days => %s), by_day = today() + 7 - %s", days, days)
    assert one(office, "SELECT count(*) FROM account_mails_due() WHERE kind = 'inspection'") == 2 * is_sent
    assert one(office, "SELECT by_day FROM account_mails_due() LIMIT 1") == (one(office, "SELECT today()") + timedelta(7 - days) if is_sent else None)
