"""Letters to contacts: who gets one, what its code does, and what it never does by itself."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from homeroom.portal.letters import code
from homeroom.portal.membership.challenges.tests.challenging import challenge, sees, tie
from homeroom.portal.membership.masking.tests.masking import mask
from homeroom.portal.membership.requests.tests.registering import (
    answers,
    asks,
    match,
    newest,
    office_of,
    prove,
    register,
    ties_of,
    told,
)
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, listed
from tests.cast import identity
from tests.school import School, calls_of

LISTED = "SELECT coalesce(jsonb_agg(name), '[]') FROM contacts_for_letters(%s)"
PRINT = "SELECT print_letters(%s, %s, %s)"
PLAIN = "7KQFM3WT9RXDH2"
CODE = PLAIN + code.check_of(PLAIN)


@pytest.fixture
def office(own_school: School) -> School:
    """Nina's record has Mia Ruiz as a contact, with an address that no file has changed for 20 days."""
    office_of(own_school)
    own_school.change("UPDATE delivery SET ended_at = now() - interval '20 days'")
    contact(own_school)
    return own_school


def contact(school: School, name: str = "Mia Ruiz", child: str = "nina", mail: str = "mia@mail.example") -> None:
    school.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
        SELECT %s, %s, %s, %s, 'mother', %s, max(id) FROM delivery""", identity(f"letter to {name}"), name, school.ids[child], name, mail)  # fmt: skip


def on_list(school: School, who: str) -> Any:
    return listed(school, who, "letters", LISTED, [identity("middle")], subject=identity("middle"))


def prints(school: School, who: str = "rosa", name: str = "Mia Ruiz", plain: str = CODE, way: str = "post") -> Any:
    return ask(school, who, PRINT, [[identity(f"letter to {name}")], [code.digest(plain)], way])


def typed(plain: str = CODE) -> str:
    return code.digest(plain).hex()


# ── Who gets one ──
def test_the_registrar_prints_one_for_mia_and_it_is_in_ninas_ledger(office: School) -> None:
    assert "Mia Ruiz" in on_list(office, "rosa")
    assert prints(office) is not None
    with office.connect("owner") as owner:
        assert owner.execute("SELECT digest, way FROM contact_code").fetchall() == [(code.digest(CODE), "post")]
        lines = owner.execute("""SELECT l.event, l.reason FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE s.student_id = %s""",
                              [office.ids["nina"]]).fetchall()  # fmt: skip
    assert lines == [("look", ""), ("letter printed", "post")]


NONE_FOR = {
    "a confidential contact": "UPDATE contact SET is_confidential = true WHERE name = 'Mia Ruiz'",
    "a contact who left the record": "UPDATE contact SET ended_at = now() WHERE name = 'Mia Ruiz'",
    "somebody barred": "UPDATE contact SET person_id = {gus} WHERE name = 'Mia Ruiz'; UPDATE restriction SET student_id = {nina}",
    "one called like him": "UPDATE person SET given_name = 'Mia', family_name = 'Ruíz' WHERE id = {gus}; UPDATE restriction SET student_id = {nina}",
}


@pytest.mark.parametrize("what", NONE_FOR)
def test_no_letter_is_printed_for_a_contact_the_record_hides_or_a_court_restricts(office: School, what: str) -> None:
    for statement in NONE_FOR[what].format(**office.ids).split(";"):
        office.change(statement)
    assert "Mia Ruiz" not in on_list(office, "rosa") and prints(office) is None


def test_none_for_a_student_met_by_an_alias_and_a_code_that_is_out_works_no_more(office: School) -> None:
    """A letter would show the name at an address that no one compared with the order."""
    assert mask(office, "nina", first=1) == "masked" and prints(office) is not None, "not before its first day"
    office.change("UPDATE masking SET start_date = today() WHERE student_id = %s", office.ids["nina"])
    assert "Mia Ruiz" not in on_list(office, "rosa") and prints(office) is None
    assert register(office, code=typed()) == -1
    office.change("UPDATE masking SET ended_at = now() WHERE student_id = %s", office.ids["nina"])
    assert (register(office, code=typed()) or 0) > 0, "and again after its last"


@pytest.mark.parametrize("who", ["pat", "bo", "dana", "vera"])
def test_only_the_office_lists_or_prints_letters(office: School, who: str) -> None:
    assert on_list(office, who) == [] and prints(office, who) is None


def test_an_office_of_another_school_prints_none(office: School) -> None:
    appoint(office, "bo", at="elementary")
    assert on_list(office, "bo") == [] and prints(office, "bo") is None


def test_no_one_prints_a_letter_for_their_own_child(office: School) -> None:
    tie(office, "rosa", "nina")
    assert "Mia Ruiz" not in on_list(office, "rosa") and prints(office) is None


def test_a_contact_who_already_has_access_is_not_on_the_list(office: School) -> None:
    assert "Ana Ruiz" not in on_list(office, "carl") and "Gus Moss" not in on_list(office, "carl")


def test_printing_takes_a_fresh_proof(office: School) -> None:
    age_proofs(office)
    assert prints(office) is None


def test_the_child_carries_a_letter_only_if_the_district_allows_it(office: School) -> None:
    assert prints(office, way="child") is None and prints(office, way="pigeon") is None
    office.change("UPDATE district SET letters_by_child = true")
    assert prints(office, way="child") is not None


# ── What a code does ──
def test_a_request_with_the_code_is_for_nina_and_waits_in_the_queue(office: School) -> None:
    prints(office)
    assert (register(office, code=typed()) or 0) > 0
    match(office)
    assert newest(office)["student_id"] == office.ids["nina"] and newest(office)["state"] == "waiting" and not sees(office, "mia")
    assert answers(office, "rosa", how="code") == "approved"
    assert ties_of(office, "mia") == [("nina", "parent", "code", "approved", True)]


def test_a_code_is_not_evidence_for_a_request_made_without_one(office: School) -> None:
    register(office)
    match(office)
    assert answers(office, "rosa", how="code") == "evidence"


def test_a_code_names_the_child_whatever_is_typed(office: School) -> None:
    """Mia types Antonina, a name that only the family uses. The office sees the record of the letter."""
    prints(office)
    register(office, code=typed(), given_name="Antonina", birth_date=date(2014, 9, 4))
    match(office)
    assert newest(office)["student_id"] == office.ids["nina"] and not newest(office)["is_exact"]
    assert answers(office, "rosa", how="code") == "approved"


WRONG = {
    "wrong": "SELECT 1",
    "used": "UPDATE contact_code SET used_at = now()",
    "run out": "UPDATE contact_code SET expires_at = now()",
    "taken back": "UPDATE contact_code SET ended_at = now()",
    "of a contact who is barred since": "UPDATE contact SET person_id = {gus} WHERE name = 'Mia Ruiz'; UPDATE restriction SET student_id = {nina}",
}


@pytest.mark.parametrize("what", WRONG)
def test_a_code_that_does_not_work_is_one_and_leaves_nothing(office: School, what: str) -> None:
    prints(office)
    for statement in WRONG[what].format(**office.ids).split(";"):
        office.change(statement)
    plain = "3" * 14 + code.check_of("3" * 14) if what == "wrong" else CODE
    assert register(office, code=typed(plain)) == -1
    assert asks(office, "ana", code=typed(plain)) == "code"
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM registration").fetchone() == (0,)


def test_a_new_letter_ends_the_code_of_the_one_before(office: School) -> None:
    prints(office)
    prints(office, plain="3" * 14 + code.check_of("3" * 14))
    assert register(office, code=typed()) == -1


def test_when_two_people_register_with_one_code_one_succeeds(office: School) -> None:
    prints(office)
    with ThreadPoolExecutor() as both:
        said = [each.result() for each in (both.submit(register, office, "mia", code=typed()), both.submit(register, office, "zoe", "Zoe", code=typed()))]
    assert sorted(one == -1 for one in said) == [False, True]


def test_five_wrong_codes_a_day_are_all(office: School) -> None:
    prints(office)
    for n in range(5):
        assert asks(office, "ana", code=hashlib.sha256(b"%d" % n).hexdigest()) == "code"
    assert asks(office, "ana", code=typed()) == "code"
    assert asks(office, "dee", code=typed()) == "asked", "the limit is each person's own"
    office.change("DELETE FROM registration")
    office.change("UPDATE contact_code SET used_at = NULL")
    office.change("UPDATE letter_try SET at = at - interval '1 day'")
    assert asks(office, "ana", code=typed()) == "asked"


# ── When it approves automatically ──
# Mia's row in the file ends, and she gets another one with this relation and address.
NOW_SAYS = """WITH over AS (UPDATE contact SET sis_id = 'c-9', ended_at = now() WHERE name = 'Mia Ruiz' RETURNING *)
    INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, sis_id, delivery_id)
    SELECT gen_random_uuid(), 'mia now', student_id, name, '%s', '%s', sis_id, delivery_id FROM over"""


def approving(school: School) -> None:
    school.change("UPDATE district SET code_approves = true")
    prints(school)


def test_a_code_and_the_address_on_record_approve_together_if_the_district_chose_so(office: School) -> None:
    approving(office)
    register(office, code=typed())
    match(office)
    assert not sees(office, "mia"), "the code alone is not enough"
    prove(office, "mia", "mia@mail.example")
    match(office)
    assert sees(office, "mia") and ties_of(office, "mia") == [("nina", "parent", "code", "approved", True)]
    assert "parent added" in told(office, "ana")


def test_a_restriction_that_is_over_keeps_no_code_from_approving(office: School) -> None:
    approving(office)
    office.change("UPDATE restriction SET student_id = %s, end_date = today()", office.ids["nina"])
    register(office, code=typed())
    prove(office, "mia", "mia@mail.example")
    match(office)
    assert sees(office, "mia")


@pytest.mark.parametrize("whose", ["", "Ben Ruiz"])
def test_mias_request_waits_without_a_code_or_with_another_contacts_code(office: School, whose: str) -> None:
    approving(office)
    contact(office, "Ben Ruiz", mail="ben@mail.example")
    other = "3" * 14 + code.check_of("3" * 14)
    prints(office, name="Ben Ruiz", plain=other)
    register(office, code=typed(other) if whose else "")
    prove(office, "mia", "mia@mail.example")
    match(office)
    assert newest(office)["student_id"] == office.ids["nina"] and newest(office)["state"] == "waiting"


ASKS = {
    "the district did not choose it": "UPDATE district SET code_approves = false",
    "the district sees everybody in person": "UPDATE district SET registering = 'in person'",
    "a file changed the contact last night": "UPDATE delivery SET ended_at = now() - interval '1 day'",
    "somebody is barred from the child": "UPDATE restriction SET student_id = {nina}",
    "the record keeps the contact confidential since": "UPDATE contact SET is_confidential = true WHERE name = 'Mia Ruiz'",
    "an aunt asks": "UPDATE registration SET relation = 'aunt'",
    "another birth date was typed": "UPDATE registration SET child_birth_date = '2014-09-04'",
    "the record has an aunt": "UPDATE contact SET relationship = 'aunt' WHERE name = 'Mia Ruiz'",
    "the record has an aunt now": NOW_SAYS % ("aunt", "mia@mail.example"),
    "the record has another address now": NOW_SAYS % ("mother", "else@mail.example"),
    "the address is another contact's": "UPDATE contact SET email = 'else@mail.example' WHERE name = 'Mia Ruiz'",
}


@pytest.mark.parametrize("what", ASKS)
def test_otherwise_it_fills_the_queue(office: School, what: str) -> None:
    approving(office)
    register(office, code=typed())
    office.change(ASKS[what].format(**office.ids))
    prove(office, "mia", "mia@mail.example")
    match(office)
    assert newest(office)["state"] == "waiting" and not sees(office, "mia")


def test_no_code_approves_while_an_adult_of_the_child_is_challenged(office: School) -> None:
    approving(office)
    office.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    assert challenge(office) == "sent"
    register(office, code=typed())
    prove(office, "mia", "mia@mail.example")
    match(office)
    assert newest(office)["state"] == "waiting"


@pytest.mark.parametrize(("costly", "kept"), [
    ("is_kept_confidential", "UPDATE contact SET is_confidential = true WHERE student_id = %s"),
    ("is_closed_to_parents", "INSERT INTO closed_to_parents (student_id, basis, words, set_by_id) SELECT %s, 'safety', '', id FROM person LIMIT 1"),
], ids=["confidential", "closed"])  # fmt: skip
def test_costly_contact_checks_run_only_for_a_student_with_such_a_row(office: School, costly: str, kept: str) -> None:
    letters = "SELECT letters_may_go_to(ARRAY(SELECT id FROM contact WHERE student_id = %s))"
    for child, is_asked in (("max", False), ("nina", True)):
        office.change(kept, office.ids[child])
        assert (calls_of(office, costly, letters, office.ids["nina"]) > 0) is is_asked, child
