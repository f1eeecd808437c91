"""A confirmation joins an adult with a contact: a letter's code, the record's own address, or an office."""

from importlib import import_module

import pytest

from homeroom.portal.membership.challenges.tests.challenging import challenge, sees, tie
from homeroom.portal.membership.challenges.tests.challenging import newest as newest_challenge
from homeroom.portal.membership.requests.tests.registering import BORN, match, newest, prove, register
from homeroom.portal.membership.requests.tests.students import apply
from homeroom.portal.membership.ties.tests.one_person import (
    HOUSE,
    SALVADOR,
    ana_three_times,
    approves,
    empty_record,
    father_and_son,
    is_on_record,
    joins,
    lines,
    prints,
    row,
    salvador,
)
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

UPGRADE = import_module("homeroom.portal.membership.migrations.0024_contact_join")


@pytest.fixture
def office(own_school: School) -> School:
    return empty_record(own_school)


# ── What joins ──
def test_a_letter_code_used_as_evidence_joins_the_contact_the_letter_was_for(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent", phone="555 010 0142", sis_id="c-9")
    row(office, "salvador/work", name=SALVADOR, relation="parent", phone="555 010 0143", sis_id="c-9")
    salvador(office, code=prints(office, "salvador/work"))
    assert approves(office, how="code") == "approved"
    assert joins(office) == [("salvador/work", office.ids["salvador"], "code")]
    assert lines(office) == [] and is_on_record(office, "salvador")



def test_a_code_joins_with_the_contact_of_its_own_letter_alone(office: School) -> None:
    row(office, "quin", name="Quin Ash", relation="Uncle")
    row(office, "salvador", name=SALVADOR, relation="Parent")
    prints(office, "quin")
    salvador(office, code=prints(office, "salvador"))
    assert approves(office, how="code") == "approved" and joins(office) == [("salvador", office.ids["salvador"], "code")]


def test_a_code_from_one_childs_letter_joins_no_contact_when_used_for_another_child(office: School) -> None:
    """Kai has Nina's name and birth date. The father means Kai."""
    office.change("UPDATE person SET given_name = 'Nina', family_name = 'Ruiz' WHERE id = %s", office.ids["kai"])
    office.change("UPDATE demographic SET birth_date = %s WHERE person_id = %s", BORN, office.ids["kai"])
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office, code=prints(office, "salvador"))
    assert approves(office, how="code", about="kai") == "approved" and joins(office) == []



def test_a_code_does_not_join_a_contact_by_itself_when_the_office_checked_a_photo_id(office: School) -> None:
    """A mother may give her letter to someone else. The code only proves who has the letter."""
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office, code=prints(office, "salvador"))
    assert approves(office) == "approved" and joins(office) == []
    assert lines(office) == [[SALVADOR, "Parent"]] and not is_on_record(office, "salvador")


def test_the_office_says_which_contact_it_approves(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    assert approves(office, "salvador") == "approved"
    assert joins(office) == [("salvador", office.ids["salvador"], "office")]
    assert lines(office) == [] and is_on_record(office, "salvador")


def test_the_records_own_address_joins_a_contact_when_it_lets_someone_in(office: School) -> None:
    ana_three_times(office)
    register(office, "ana2", "Ana", "Ruiz")
    prove(office, "ana2", "ana@mail.example")
    match(office)
    page = Browser("rosa", "staff").post("/office/approvals/exact", {"asked": newest(office)["uuid"]})
    assert page.headers["Location"].endswith("done=1") and sees(office, "ana2")
    assert [(adult, how) for _, adult, how in joins(office)] == [(office.ids["ana2"], "record")] and lines(office) == []


def test_an_address_that_two_contacts_share_joins_neither(office: School) -> None:
    row(office, "salvador/father", name=SALVADOR, relation="Father", **HOUSE)
    row(office, "salvador/son", name=SALVADOR, relation="Guardian", **HOUSE)
    salvador(office)
    prove(office, "salvador", HOUSE["email"])
    match(office)
    Browser("rosa", "staff").post("/office/approvals/exact", {"asked": newest(office)["uuid"]})
    assert sees(office, "salvador") and joins(office) == [] and len(lines(office)) == 2


def test_a_code_that_approves_itself_joins(office: School) -> None:
    office.change("UPDATE district SET code_approves = true")
    ana_three_times(office)
    register(office, "ana2", "Ana", "Ruiz", code=prints(office, "agent|nina|ana"))
    prove(office, "ana2", "ana@mail.example")
    match(office)
    assert sees(office, "ana2") and joins(office) == [("agent|nina|ana", office.ids["ana2"], "code")] and lines(office) == []


# ── What does not join ──
def test_the_page_names_neither_father_nor_son_and_a_form_that_does_is_refused(office: School) -> None:
    father_and_son(office)
    salvador(office, phone=HOUSE["phone"])
    page = Browser("rosa", "staff").open(f"/office/approvals/{newest(office)['uuid']}")
    assert "unclear contact" in page.said and "is our contact" not in page.words
    assert approves(office, "salvador/son") == "" and not sees(office, "salvador")
    assert approves(office) == "approved" and len(lines(office)) == 2


def test_an_office_cannot_join_a_contact_other_than_the_one_next_to_the_request(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    row(office, "quin", name="Quin Ash", relation="Neighbor")
    salvador(office)
    assert approves(office, "quin") == "" and not sees(office, "salvador") and joins(office) == []


def test_a_student_who_asks_for_an_account_is_no_contact_of_the_same_name(office: School) -> None:
    row(office, "kai's", "kai", name="Kai Okafor", relation="Father")
    apply(office)
    match(office)
    assert approves(office, "kai's", about="kai") == "" and approves(office, about="kai") == "approved" and joins(office) == []


def test_an_adult_who_matches_a_court_restricted_contact_is_not_let_in(office: School) -> None:
    row(office, "gus", name="", person="gus", relation="Father")
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    register(office, "gus2", "August", "Stone", relation="father", phone="555 010 0142")
    office.change("UPDATE contact SET phone = '555 010 0142' WHERE sourced_id = 'gus'")
    match(office)
    assert approves(office, "gus") == "barred" and not sees(office, "gus2") and joins(office) == []


def test_an_account_that_is_a_contact_is_let_in_once_no_court_bars_that_contact(office: School) -> None:
    row(office, "lou", person="lou", relation="Father")
    salvador(office)
    office.change("INSERT INTO contact_join (contact_id, person_id, how) SELECT id, %s, 'office' FROM contact WHERE sourced_id = 'lou'", office.ids["salvador"])
    office.change("UPDATE restriction SET person_id = %s, student_id = %s", office.ids["lou"], office.ids["nina"])
    assert approves(office) == "barred" and not sees(office, "salvador")
    office.change("DELETE FROM restriction")
    assert approves(office) == "approved" and sees(office, "salvador")


def test_a_contact_who_has_access_cannot_be_anyone_elses_account(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    assert approves(office, "salvador") == "approved"
    register(office, "sal2", "Salvador", "Márquez", relation="father")
    match(office)
    assert approves(office, "salvador") == "tied" and not sees(office, "sal2")


def test_a_confidential_contact_is_named_to_no_one(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent", is_confidential=True)
    salvador(office)
    assert approves(office, "salvador") == ""


# ── What follows from it ──
def test_the_page_says_in_a_custody_case_that_the_approved_father_is_on_record(office: School) -> None:
    row(office, "agent", name=SALVADOR, kind="agent", relation="parent", sis_id="c-9")
    row(office, "salvador", name=SALVADOR, relation="Parent", sis_id="c-9")
    salvador(office)
    assert approves(office, "agent") == "approved"
    tie(office, "dee", "nina")
    with office.connect("owner") as owner:
        (which,) = owner.execute("SELECT uuid FROM tie WHERE adult_id = %s", [office.ids["salvador"]]).fetchone() or (None,)
        owner.execute("UPDATE tie SET uuid = %s WHERE uuid = %s", [identity("tie/salvador/nina"), which])
    assert challenge(office, "dee", "tie/salvador/nina") == "sent"
    words = Browser("carl", "staff").open(f"/office/challenges/{newest_challenge(office)['uuid']}").words
    assert f"{SALVADOR} (parent)." in words and f"{SALVADOR} is in the" in words


def test_a_restriction_on_the_contact_is_one_on_the_account_and_none_on_his_son(office: School) -> None:
    row(office, "lou", person="lou", relation="Father", sis_id="c-9")
    register(office, "luis", "Luis", "Stone", relation="father", phone="555 010 0142")
    office.change("UPDATE contact SET phone = '555 010 0142' WHERE sourced_id = 'lou'")
    match(office)
    assert approves(office, "lou") == "approved" and sees(office, "luis")
    said = """jsonb_build_object('start', today(), 'basis', 'court order', 'paper', 'file 7')"""
    tie(office, "dee", "nina")
    with office.connect("owner") as owner:
        became = owner.execute(f"SELECT bar_by_operator(%s, %s, {said})".encode(), [office.ids["lou"], office.ids["nina"]]).fetchone()
    assert became == ("alike",) and not sees(office, "luis") and sees(office, "dee")


def test_a_contact_kept_confidential_hides_the_account_that_it_is(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    approves(office, "salvador")
    place = f"/office/ties/{identity('nina')}"
    assert Browser("carl", "staff").post(f"{place}/apart", {"of": str(identity("salvador")), "act": "keep"}).headers["Location"] == f"{place}?then=kept"
    with office.connect("owner") as owner:
        assert owner.execute("SELECT is_confidential FROM tie WHERE adult_id = %s", [office.ids["salvador"]]).fetchone() == (True,)


def test_the_office_checks_a_box_to_say_that_the_requester_is_the_contact(office: School) -> None:
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    place = f"/office/approvals/{newest(office)['uuid']}"
    page = Browser("rosa", "staff").open(place)
    assert f"our contact {SALVADOR}, Parent" in page.words
    (box,) = [each for each in page.find("input") if each.get("type") == "checkbox" and each.get("name", "").startswith("contact-")]
    assert box.get("checked") is not None, "they have one name, and nobody else has it"
    sent = {"verdict": "approved", "student": str(identity("nina")), "evidence": "photo id", "kind": "grades", box.get("name", ""): box.get("value", "")}
    Browser("rosa", "staff").post(f"{place}/answer", sent)
    assert joins(office) == [("salvador", office.ids["salvador"], "office")]


# ── The upgrade ──
def test_the_upgrade_joins_adults_let_in_by_a_code_or_the_records_address_and_leaves_the_rest(office: School) -> None:
    ana_three_times(office)
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office, code=prints(office, "salvador"))
    approves(office, how="code")
    register(office, "ana2", "Ana", "Ruiz")
    prove(office, "ana2", "ana@mail.example")
    match(office)
    Browser("rosa", "staff").post("/office/approvals/exact", {"asked": newest(office)["uuid"]})
    row(office, "pia", name="Pia Stone", relation="Aunt")
    register(office, "pia", "Pia", "Stone", relation="mother")
    match(office)
    approves(office)
    before = joins(office)
    assert len(before) == 2
    office.change("DELETE FROM contact_join")
    office.change(UPGRADE.JOIN)
    assert {(adult, how) for _, adult, how in joins(office)} == {(adult, how) for _, adult, how in before}
    assert lines(office) == [["Pia Stone", "Aunt"]]


def test_the_upgrade_joins_no_one_to_a_contact_with_a_court_restriction(office: School) -> None:
    row(office, "gus", person="gus", relation="Father")
    salvador(office, code=prints(office, "gus"))
    approves(office, how="code")
    office.change("DELETE FROM contact_join")
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    office.change(UPGRADE.JOIN)
    assert joins(office) == []


# ── Who may be the same person ──
def lookalike(school: School, key: str) -> str:
    with school.connect("owner") as owner:
        return str((owner.execute("SELECT lookalike_of_contact(c) FROM contact c WHERE c.sourced_id = %s", [key]).fetchone() or ("",))[0])


@pytest.mark.parametrize(("email", "then"), [("other@mail.example", ""), (HOUSE["email"], "contact")])
def test_two_contacts_with_one_name_appear_to_be_one_person_if_they_share_an_address(office: School, email: str, then: str) -> None:
    row(office, "salvador/father", name=SALVADOR, email=HOUSE["email"])
    row(office, "salvador/son", name=SALVADOR, email=email)
    assert lookalike(office, "salvador/son") == then


def test_a_contact_does_not_match_an_adult_of_another_child(office: School) -> None:
    row(office, "dee", name="Dee Moss")
    assert lookalike(office, "dee") == ""
    tie(office, "dee", "nina")
    assert lookalike(office, "dee") == "adult"


def test_a_mother_at_the_address_of_a_father_who_is_a_contact_is_not_mistaken_for_him(office: School) -> None:
    row(office, "mother", name="Marisol Vega", **HOUSE)
    row(office, "salvador", name=SALVADOR, relation="Parent")
    salvador(office)
    prove(office, "salvador", HOUSE["email"])
    assert approves(office) == "approved" and lookalike(office, "mother") == "adult"
    joined = "INSERT INTO contact_join (contact_id, person_id, how) SELECT id, %s, 'office' FROM contact WHERE sourced_id = 'salvador'"
    office.change(joined, office.ids["salvador"])
    assert lookalike(office, "mother") == ""
