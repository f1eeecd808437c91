"""A request for a child whom no adult has access to. Only the record's contacts are notified, by email or on paper."""

from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import mails, tie
from homeroom.portal.membership.requests.tests import students
from homeroom.portal.membership.requests.tests.registering import (
    ON_FILE,
    asks,
    match,
    newest,
    office_of,
    prove,
    put_on_record,
    put_with_person,
    register,
    told,
)
from homeroom.portal.membership.tests.acting import appoint, ask, listed
from tests.browser import Browser
from tests.school import School

WAITING = "SELECT coalesce(jsonb_agg(addressee ORDER BY number), '[]') FROM told_on_paper() WHERE is_contact"
TICK = "SELECT paper_printed(ARRAY(SELECT number FROM told_on_paper()))"
ALL = "SELECT paper_printed(ARRAY(SELECT n FROM generate_series(1, 99) n))"
PAGE = "/office/ages/letters"


@pytest.fixture
def office(own_school: School) -> School:
    """No one has access to Nina any more. Her record has her mother Mia Ruiz, with an address of 20 days. Lou Ibarra has an account and waits for an answer."""
    office_of(own_school)
    own_school.change("UPDATE tie SET state = 'ended' WHERE student_id = %s", own_school.ids["nina"])
    put_on_record(own_school, "nina", ON_FILE, days_ago=20)
    own_school.change("DELETE FROM account_mail")
    return own_school


def contact(school: School, name: str, relation: str, mail: str = "", **also: Any) -> None:
    school.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id, person_id, is_confidential)
        SELECT gen_random_uuid(), %s, %s, %s, %s, %s, max(id), %s, %s FROM delivery""",
        name, school.ids["nina"], name, relation, mail, also.get("person"), also.get("is_confidential", False))  # fmt: skip


def a_stranger_asks(school: School, **different: Any) -> None:
    register(school, "zoe", "Zoe", "Stone", **different)
    match(school)


def waiting(school: School, who: str = "rosa") -> list[str]:
    return list(listed(school, who, "papers", WAITING))


# ── Who is notified ──
def test_a_contact_without_an_account_is_notified_on_paper(office: School) -> None:
    a_stranger_asks(office)
    assert waiting(office) == ["Mia Ruiz"] and mails(office) == []


def test_a_contact_who_verified_the_email_on_record_is_notified_by_email(office: School) -> None:
    prove(office, "lou", ON_FILE)
    a_stranger_asks(office)
    assert told(office, "lou") == ["contact asked about"] and mails(office) == [("asks", "lou.family")]
    assert waiting(office) == []


def test_a_contact_with_an_address_in_the_persons_record_is_notified_by_email(office: School) -> None:
    office.change("UPDATE contact SET person_id = %s, email = '' WHERE sourced_id = 'mia on file'", office.ids["lou"])
    put_with_person(office, "lou", ON_FILE)
    prove(office, "lou", ON_FILE)
    a_stranger_asks(office)
    assert told(office, "lou") == ["contact asked about"] and mails(office) == [("asks", "lou.family")] and waiting(office) == []


def test_a_contact_without_an_email_does_not_match_a_requester_without_one(office: School) -> None:
    contact(office, "Gus Moss", "father", person=office.ids["gus"])
    put_with_person(office, "gus", "")
    a_stranger_asks(office)
    assert waiting(office) == ["Mia Ruiz", "Gus Moss"]


def test_a_contact_who_removed_and_verified_the_email_again_is_notified_once(office: School) -> None:
    prove(office, "lou", ON_FILE)
    office.change("UPDATE mail_address SET ended_at = now() WHERE address = %s", ON_FILE)
    prove(office, "lou", ON_FILE)
    a_stranger_asks(office)
    assert told(office, "lou") == ["contact asked about"]


def test_an_address_that_a_file_brought_last_week_vouches_for_no_one(office: School) -> None:
    office.change("UPDATE delivery SET ended_at = now() - interval '7 days'")
    prove(office, "lou", ON_FILE)
    a_stranger_asks(office)
    assert told(office, "lou") == [] and waiting(office) == ["Mia Ruiz"]


def test_a_requester_with_the_records_own_address_gets_no_notice_of_their_own_request(office: School) -> None:
    register(office)
    prove(office, "mia", ON_FILE)
    match(office)
    assert told(office, "mia") == [] and waiting(office) == []


def test_adults_with_access_are_emailed_and_contacts_are_not(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE student_id = %s AND adult_id = %s", office.ids["nina"], office.ids["ana"])
    prove(office, "ana", "ana@mail.example")
    prove(office, "lou", ON_FILE)
    a_stranger_asks(office)
    assert told(office, "ana") == ["somebody asks"] and mails(office) == [("asks", "ana.family")]
    assert told(office, "lou") == [] and waiting(office) == []


def test_a_neighbor_is_notified_only_if_the_record_names_no_parent(office: School) -> None:
    """Nell was once recorded as her mother."""
    contact(office, "Nell Frost", "neighbor")
    contact(office, "N. Frost", "mother")
    office.change("UPDATE contact SET sis_id = 'nell', ended_at = CASE name WHEN 'N. Frost' THEN now() END WHERE name IN ('Nell Frost', 'N. Frost')")
    a_stranger_asks(office)
    assert waiting(office) == ["Mia Ruiz"]
    office.change("DELETE FROM paper_notice; UPDATE registration SET student_id = NULL, matched_at = NULL; UPDATE contact SET relationship = 'aunt'")
    match(office)
    assert waiting(office) == ["Mia Ruiz", "Nell Frost"]


def test_no_one_who_is_kept_apart_from_the_child_is_notified(office: School) -> None:
    """A confidential contact, a father who is restricted, Ana, whose access ended, and Lou, who is restricted but verified the address."""
    office.change("DELETE FROM contact WHERE student_id = %s", office.ids["nina"])
    contact(office, "Fay Moor", "mother", is_confidential=True)
    contact(office, "Gus Moss", "father", person=office.ids["gus"])
    contact(office, "Ana Ruiz", "mother", person=office.ids["ana"])
    contact(office, "L. Ibarra Soto", "father", "lou@mail.example")
    prove(office, "lou", "lou@mail.example")
    for who in ("gus", "lou"):
        office.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                      office.ids[who], office.ids["nina"])  # fmt: skip
    a_stranger_asks(office)
    assert mails(office) == [] and told(office, "lou") == told(office, "ana") == []
    with office.connect("owner") as owner:
        sheets = owner.execute("SELECT c.name FROM paper_notice n JOIN contact c ON c.id = n.contact_id").fetchall()
    assert sheets == [("L. Ibarra Soto",)]  # he shares the address with a restricted person. The printed sheet names no one


def test_many_who_ask_make_one_sheet_and_one_mail_a_day(office: School) -> None:
    contact(office, "Lou Ibarra", "father", "lou@mail.example")
    prove(office, "lou", "lou@mail.example")
    for name in ("zoe", "zara", "zack"):
        register(office, name, name.title(), "Stone")
    match(office)
    assert waiting(office) == ["Mia Ruiz"] and mails(office) == [("asks", "lou.family")]
    assert told(office, "lou") == ["contact asked about"] * 3


def test_once_the_sheet_is_printed_another_who_asks_makes_another_one(office: School) -> None:
    a_stranger_asks(office)
    listed(office, "rosa", "papers", TICK)
    assert waiting(office) == []
    register(office, "zara", "Zara", "Stone")
    match(office)
    assert waiting(office) == ["Mia Ruiz"]


def test_a_mother_who_asks_anew_is_not_mailed_about_her_own_request(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE student_id = %s AND kind = 'parent'", office.ids["nina"])
    office.change("UPDATE account SET is_active = true")
    for name in ("ana", "jo"):
        prove(office, name, f"{name}@mail.example")
    assert asks(office, "ana") == "asked" and match(office) > 0
    assert mails(office) == [("asks", "jo.family")] and waiting(office) == []


def test_contacts_are_notified_when_only_the_requester_has_access(office: School) -> None:
    office.change("UPDATE tie SET state = 'approved' WHERE student_id = %s AND adult_id = %s", office.ids["nina"], office.ids["ana"])
    assert asks(office, "ana") == "asked" and match(office) > 0
    assert waiting(office) == ["Mia Ruiz"]


def test_an_address_once_on_file_vouches_for_no_one(office: School) -> None:
    contact(office, "Mia Ruiz", "mother", "old@mail.example")
    office.change("UPDATE contact SET sis_id = 'mia', ended_at = CASE email WHEN 'old@mail.example' THEN now() END WHERE name = 'Mia Ruiz'")
    prove(office, "lou", "old@mail.example")
    a_stranger_asks(office)
    assert told(office, "lou") == [] and waiting(office) == ["Mia Ruiz"]


def test_no_contact_is_notified_that_a_student_requests_an_account(office: School) -> None:
    office.change("DELETE FROM account WHERE person_id = %s", office.ids["kai"])
    office.change("UPDATE tie SET state = 'ended' WHERE student_id = %s", office.ids["kai"])
    office.change("UPDATE contact SET student_id = %s", office.ids["kai"])
    assert students.apply(office) and match(office) > 0
    assert newest(office)["student_id"] == office.ids["kai"] and waiting(office) == []


def test_a_sheet_that_came_after_the_view_waits_for_the_next_one(office: School) -> None:
    a_stranger_asks(office)
    contact(office, "Fay Moor", "mother")
    office.change("UPDATE contact SET student_id = %s WHERE name = 'Fay Moor'", office.ids["kai"])
    with office.asked_by("rosa", "staff", ("papers", None)) as app:
        office.change("INSERT INTO paper_notice (student_id, contact_id) SELECT student_id, id FROM contact WHERE name = 'Fay Moor'")
        assert app.execute(WAITING).fetchone() == (["Mia Ruiz"],)
    assert waiting(office) == ["Mia Ruiz", "Fay Moor"]


def test_fifty_an_hour_leave_room_for_a_passwords_mail(office: School) -> None:
    prove(office, "lou", ON_FILE)
    office.change("""INSERT INTO account_mail (account_id, kind, language, made_at) SELECT id, 'asks', 'en', now() - interval '2 hours'
        FROM account, generate_series(1, 200) WHERE sign_in_name = 'lou.family'""")  # fmt: skip
    office.change("INSERT INTO account_mail (account_id, kind, language) SELECT id, 'reset', 'en' FROM account WHERE sign_in_name = 'lou.family'")
    with office.connect("jobs") as jobs:
        kinds = [kind for (kind,) in jobs.execute("SELECT kind FROM account_mails_due()").fetchall()]
    assert kinds == ["reset"] + ["asks"] * 50


def test_an_email_from_the_day_before_or_to_someone_else_blocks_no_email_today(office: School) -> None:
    contact(office, "Dee Moss", "mother", "dee@mail.example")
    prove(office, "lou", ON_FILE)
    prove(office, "dee", "dee@mail.example")
    office.change("""INSERT INTO account_mail (account_id, kind, language, made_at) SELECT id, 'asks', 'en', now() - interval '25 hours'
        FROM account WHERE sign_in_name = 'lou.family'""")  # fmt: skip
    a_stranger_asks(office)
    assert sorted(mails(office)) == [("asks", "dee.family"), ("asks", "lou.family"), ("asks", "lou.family")]
    office.change("DELETE FROM account_mail WHERE account_id = (SELECT id FROM account WHERE sign_in_name = 'dee.family')")
    register(office, "zara", "Zara", "Stone")
    match(office)
    assert mails(office)[2:] == [("asks", "dee.family")], "Lou had one of today"


def test_emails_of_another_kind_do_not_count_toward_the_limit_on_request_emails(office: School) -> None:
    prove(office, "lou", ON_FILE)
    office.change("""INSERT INTO account_mail (account_id, kind, language, handed_at) SELECT id, kind, 'en', handed_at FROM account,
        (VALUES ('written', now()), ('asks', NULL)) w (kind, handed_at), generate_series(1, 60) WHERE sign_in_name = 'lou.family'""")  # fmt: skip
    with office.connect("jobs") as jobs:
        assert jobs.execute("SELECT kind, count(*) FROM account_mails_due() GROUP BY kind").fetchall() == [("asks", 50)]


# ── On paper ──
def test_the_sheet_names_no_other_adult_and_of_the_child_the_first_name(office: School) -> None:
    a_stranger_asks(office)
    sheet = Browser("rosa", "staff").open(PAGE).text.partition("Mia Ruiz")[2]
    assert "access to Nina’s" in sheet and "a la escuela" in sheet
    assert "Zoe" not in sheet and "Nina Ruiz" not in sheet and "Lincoln Middle" not in sheet


def test_ticked_off_it_is_in_the_childs_ledger_and_gone(office: School) -> None:
    a_stranger_asks(office)
    assert listed(office, "rosa", "papers", TICK) == 1 and waiting(office) == [] and listed(office, "rosa", "papers", TICK) == 0
    with office.connect("owner") as owner:
        events = owner.execute("""SELECT l.event, s.student_id FROM ledger l LEFT JOIN ledger_student s ON s.entry_id = l.id
            WHERE l.event LIKE 'contact%' ORDER BY l.id""").fetchall()
    assert ("contact told on paper", office.ids["nina"]) in events


def test_a_contact_who_became_confidential_is_no_longer_printed(office: School) -> None:
    a_stranger_asks(office)
    office.change("UPDATE contact SET is_confidential = true WHERE student_id = %s", office.ids["nina"])
    assert waiting(office) == [] and ask(office, "rosa", "SELECT paper_printed(ARRAY(SELECT n FROM generate_series(1, 99) n))") == 0


def test_an_administrator_of_another_school_and_a_teacher_list_none(office: School) -> None:
    a_stranger_asks(office)
    appoint(office, "pat", at="elementary")
    office.change("DELETE FROM duty WHERE person_id = %s", office.ids["pat"])
    assert waiting(office, "pat") == [] and waiting(office, "bo") == [] and waiting(office, "rosa") == ["Mia Ruiz"]


def test_a_letter_goes_to_its_own_contact_and_not_because_another_one_may_get_one(office: School) -> None:
    contact(office, "Ben Stone", "father")
    a_stranger_asks(office)
    office.change("UPDATE contact SET is_confidential = true WHERE name = 'Ben Stone'")
    assert ask(office, "rosa", ALL) == 1


@pytest.mark.parametrize(("child", "count"), [("kai", 1), ("max", 0)])
def test_no_registrar_prints_a_letter_to_the_mother_of_her_own_son(office: School, child: str, count: int) -> None:
    """Dee, a contact of Nina's, is Max's mother."""
    a_stranger_asks(office)
    office.change("UPDATE contact SET person_id = %s WHERE student_id = %s", office.ids["dee"], office.ids["nina"])
    tie(office, "rosa", child)
    assert ask(office, "rosa", ALL) == count
