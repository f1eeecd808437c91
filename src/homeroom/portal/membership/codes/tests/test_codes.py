"""An office prints codes: for whom it may, for whom it never may, and what is in the access log afterward."""

import re
import zlib
from typing import Any

import pytest

from homeroom.portal.letters.code import digest, new_code
from homeroom.portal.membership.tests.acting import appoint, ask, listed
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, calls_of, proof_of

PRINT = "SELECT print_code(%s, %s, %s, %s, 'photo id') IS NOT NULL"


@pytest.fixture
def office(own_school: School) -> School:
    """Rosa is the registrar of Lincoln Middle. Sam's account has never been used."""
    own_school.change("UPDATE duty SET duty = 'registrar' WHERE person_id = %s", own_school.ids["rosa"])
    return own_school


def prints(school: School, who: str, about: str, side: str, kind: str = "password") -> bool:
    return bool(ask(school, who, PRINT, [identity(about), side, kind, digest(new_code())]))


def codes(school: School) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute("""SELECT p.sourced_id, c.side, c.kind, (SELECT sourced_id FROM person WHERE id = c.made_by_id), c.checked
            FROM code c JOIN person p ON p.id = c.person_id WHERE c.ended_at IS NULL ORDER BY c.id""").fetchall()


def test_the_registrar_prints_for_students_families_and_staff_of_her_school(office: School) -> None:
    assert prints(office, "rosa", "nina", "student") and prints(office, "rosa", "ana", "family") and prints(office, "rosa", "bo", "staff")
    assert [row[:2] for row in codes(office)] == [("nina", "student"), ("ana", "family"), ("bo", "staff")]


@pytest.mark.parametrize(("who", "about", "side", "kind"), [
    ("rosa", "leo", "student", "password"),  # at another school
    ("rosa", "rosa", "staff", "password"),  # oneself
    ("rosa", "carl", "staff", "password"),  # an administrator, or one administrator could give both approvals
    ("rosa", "pat", "student", "password"),  # a role that the person doesn't have
    ("rosa", "nina", "staff", "wake"),
    ("rosa", "nina", "student", "wake"),  # already has a way to sign in
    ("rosa", "sam", "staff", "password"),  # has no way to sign in yet
    ("rosa", "nina", "student", "address"),
    ("bo", "nina", "student", "password"),  # no office
    ("pat", "nina", "student", "password"),
    ("carl", "carl", "staff", "password"),
])  # fmt: skip
def test_out_of_reach_is_out_of_reach(office: School, who: str, about: str, side: str, kind: str) -> None:
    assert not prints(office, who, about, side, kind)
    assert codes(office) == []


def test_no_administrator_prints_for_another_one(office: School) -> None:
    appoint(office, "bo")
    assert not prints(office, "carl", "bo", "staff")


def test_a_registrar_who_is_a_mother_prints_neither_for_her_child_nor_for_its_father(office: School) -> None:
    office.change("UPDATE duty SET person_id = %s WHERE duty = 'registrar'", office.ids["dana"])
    office.change("""INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge,
        is_confidential, proof, state) VALUES (gen_random_uuid(), %s, %s, 'parent', today() - 1, '{grades}', false, false, false, false,
        'in person', 'approved')""", office.ids["gus"], office.ids["kai"])  # fmt: skip
    assert not prints(office, "dana", "kai", "student", "wake") and not prints(office, "dana", "gus", "family")
    assert prints(office, "dana", "nina", "student")


def test_no_one_prints_codes_for_a_child_they_are_restricted_from(office: School) -> None:
    office.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'x', today())",
                  office.ids["rosa"], office.ids["max"])  # fmt: skip
    assert not prints(office, "rosa", "max", "student") and not prints(office, "rosa", "dee", "family")


def test_an_old_proof_prints_nothing(office: School) -> None:
    office.change("UPDATE session SET proven_at = now() - interval '11 minutes' WHERE person_id = %s", office.ids["rosa"])
    assert not prints(office, "rosa", "nina", "student")


def test_password_and_factor_of_one_account_take_two_colleagues(office: School) -> None:
    assert prints(office, "rosa", "bo", "staff", "password")
    assert not prints(office, "rosa", "bo", "staff", "factors")
    assert prints(office, "carl", "bo", "staff", "factors")


def test_thirty_codes_an_hour_are_enough(office: School) -> None:
    assert [prints(office, "rosa", "nina", "student") for _ in range(31)] == [True] * 30 + [False]


def test_a_colleagues_codes_and_those_of_an_hour_ago_take_none_of_the_thirty(office: School) -> None:
    for maker, ago in (("carl", 0), ("rosa", 61)):
        office.change("""INSERT INTO code (person_id, side, kind, digest, expires_at, made_by_id, checked, made_at, ended_at)
            SELECT %s, 'student', 'password', sha256((%s || n)::text::bytea), now() + interval '9 days', %s, 'known',
                now() - make_interval(mins => %s), now() FROM generate_series(1, 30) n""",
            office.ids["nina"], maker, office.ids[maker], ago)  # fmt: skip
    assert prints(office, "rosa", "nina", "student")


@pytest.mark.parametrize(("about", "side", "then"), [("bo", "staff", "now()"), ("dana", "family", "now()"), ("dana", "staff", "now() - interval '25 hours'")])
def test_a_password_of_another_account_or_of_the_day_before_keeps_no_factor_away(office: School, about: str, side: str, then: str) -> None:
    assert prints(office, "rosa", "dana", "staff")
    office.change(f"UPDATE code SET made_at = {then}")
    assert prints(office, "rosa", about, side, "factors")


def test_rosa_can_wake_a_dormant_account_even_if_she_printed_its_password(office: School) -> None:
    assert prints(office, "rosa", "bo", "staff")
    office.change("DELETE FROM credential WHERE account_id IN (SELECT id FROM account WHERE person_id = %s)", office.ids["bo"])
    assert prints(office, "rosa", "bo", "staff", "wake")


def test_a_new_code_ends_the_previous_one_and_both_are_in_the_ledger(office: School) -> None:
    assert prints(office, "rosa", "nina", "student") and prints(office, "rosa", "nina", "student")
    assert len(codes(office)) == 1
    with office.connect("owner") as owner:
        lines = owner.execute("""SELECT l.capacity, l.reason FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
            WHERE l.event = 'code printed' AND s.student_id = %s""", [office.ids["nina"]]).fetchall()
        told = owner.execute("""SELECT count(*) FROM account_notice n JOIN account a ON a.id = n.account_id
            WHERE a.sign_in_name = 'nina.student' AND n.what = 'code given'""")
        assert told.fetchone() == (2,)
    assert lines == [("duty: registrar", "photo id")] * 2


def test_a_code_for_an_adult_is_in_the_ledger_but_in_no_childs_ledger(office: School) -> None:
    assert prints(office, "rosa", "ana", "family")
    with office.connect("owner") as owner:
        rows = owner.execute("SELECT l.reason, (SELECT count(*) FROM ledger_student s WHERE s.entry_id = l.id) FROM ledger l WHERE l.event = 'code printed'")
        assert rows.fetchall() == [(f"photo id: password for {office.uuid('ana')}", 0)]


def test_rosa_finds_nina_and_prints_a_letter_that_holds_the_code_and_no_page_does(office: School) -> None:
    browser = Browser("rosa", "staff")
    found = browser.post("/office/codes", {"name": "nIN ru"})
    assert "Nina Ruiz" in found.words and "Student, grade 7" in found.words and "Leo" not in found.words
    page = browser.open(f"/office/codes/{office.uuid('nina')}")
    assert "Nina Ruiz" in page.words
    sheet = browser.client.post(f"/office/codes/{office.uuid('nina')}/print", {"side": "student", "kind": "password", "checked": "known", "language": "es"},
                                headers={"host": "127.0.0.1:8000"})  # fmt: skip
    assert sheet.status_code == 200 and sheet.headers["Content-Type"] == "application/pdf" and sheet.headers["Cache-Control"] == "no-store"
    assert "nina" not in sheet.headers["Content-Disposition"].casefold()
    assert sheet.content.startswith(b"%PDF") and b"pdfuaid" in unpacked(sheet.content)
    assert codes(office) == [("nina", "student", "password", "rosa", "known")]


def unpacked(pdf: bytes) -> bytes:
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_nothing_is_printed_unless_the_form_says_how(office: School) -> None:
    page = Browser("rosa", "staff").post(f"/office/codes/{office.uuid('nina')}/print", {"side": "student", "kind": "password"})
    assert page.status == 422 and page.said == {"wrong"}
    assert codes(office) == []


def test_a_search_is_recorded_and_no_address_contains_a_name(office: School) -> None:
    browser = Browser("rosa", "staff")
    assert "Nina" not in browser.open("/office/codes?name=Nina").words
    browser.post("/office/codes", {"name": "nina"})
    browser.post("/office/codes", {"name": "dee"})  # Dee isn't a student. A search for her is recorded as well
    with office.connect("owner") as owner:
        rows = owner.execute("SELECT person_id, capacity, reason FROM ledger WHERE event = 'look' AND act = 'codes'").fetchall()
    assert rows == [(office.ids["rosa"], "duty: registrar", "")] * 2


def test_rosa_finds_nina_after_twenty_five_administrators_she_cannot_print_for(office: School) -> None:
    office.change("""WITH made AS (INSERT INTO person (sourced_id, given_name, family_name, is_student, is_staff)
            SELECT 'aa' || n, 'Nin', 'Aa ' || n, false, true FROM generate_series(1, 25) n RETURNING id),
        placed AS (INSERT INTO role (sourced_id, person_id, school_id, role) SELECT 'aa' || id, id, %s, 'teacher' FROM made)
        INSERT INTO administrator (person_id, start_date) SELECT id, '2020-01-01' FROM made""", office.ids["middle"])  # fmt: skip
    assert listed(office, "rosa", "codes", "SELECT array_agg(name) FROM people_to_print_for()", words="nin") == ["Nina Ruiz"]


def test_people_who_are_not_registrars_get_404_on_the_codes_pages(office: School) -> None:
    for who, side in (("bo", "staff"), ("pat", "staff"), ("ana", "family"), ("nina", "student")):
        for path in ("/office/codes", f"/office/codes/{office.uuid('nina')}"):
            assert Browser(who, side).open(path).status == 404


def test_the_registrars_bar_leads_to_her_page_and_so_does_home(office: School) -> None:
    page = Browser("rosa", "staff").open("/classes")
    assert "Codes" in page.words and "Approvals" in page.words
    assert Browser("rosa", "staff").open("/").headers["Location"] == "/office/approvals"


def test_the_office_check_does_not_run_for_a_person_who_does_not_exist(office: School) -> None:
    code = "'staff', 'password', sha256(''), 'known')"
    for about, times in (("nobody", 0), ("bo", 1)):
        printed = f"SELECT begin_request(decode('{proof_of('rosa', 'staff').hex()}', 'hex')); SELECT print_code('{identity(about)}', {code}"
        assert calls_of(office, "may_print_for", printed) == times, about
