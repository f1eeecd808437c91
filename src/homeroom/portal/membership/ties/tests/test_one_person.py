"""One person is one contact. Rows with the same ID are one line and one letter. Two persons with the same name stay two."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.portal.membership.challenges.tests.challenging import mails, sees, tie
from homeroom.portal.membership.requests.tests.registering import match, newest, prove, register, told
from homeroom.portal.membership.tests.acting import listed
from homeroom.portal.membership.ties.tests.one_person import (
    HOUSE,
    SALVADOR,
    ana_three_times,
    approves,
    empty_record,
    father_and_son,
    lines,
    prints,
    row,
    salvador,
)
from tests.browser import Browser, words_of
from tests.cast import identity
from tests.school import School

WAITING = "SELECT coalesce(jsonb_agg(addressee ORDER BY number), '[]') FROM told_on_paper() WHERE is_contact"
ROWS = "INSERT INTO contact (sourced_id, student_id, person_id, sis_id, name, phone, email, ended_at) SELECT %s, %s, %s, %s, %s, %s, %s, %s RETURNING id"
PEOPLE = "SELECT contact, one FROM people_of_contacts(%s)"


@pytest.fixture
def office(own_school: School) -> School:
    return empty_record(own_school)


def waiting(school: School) -> list[str]:
    return list(listed(school, "rosa", "papers", WAITING))


# ── Rows of one person ──
def test_a_mother_listed_three_times_in_the_file_is_one_entry_with_one_relation(office: School) -> None:
    ana_three_times(office)
    assert lines(office) == [["Ana Ruiz", "Mother"]]
    page = Browser("rosa", "staff").open(f"/office/letters?school={identity('middle')}")
    [label] = [words_of(each) for each in page.find("label") if "Ana Ruiz" in words_of(each)]
    assert "Mother," in label and "Nina Ruiz" in label


def test_she_gets_one_code_whichever_row_a_letter_was_printed_for(office: School) -> None:
    ana_three_times(office)
    first = prints(office, "ana/work")
    second = prints(office, "agent|nina|ana")
    assert register(office, code=first) == -1, "a new letter ends the code before"
    assert (register(office, code=second) or 0) > 0


def test_a_code_of_a_phone_that_left_the_file_works_while_the_record_has_her(office: School) -> None:
    ana_three_times(office)
    printed = prints(office, "ana/work")
    office.change("UPDATE contact SET ended_at = now() WHERE sourced_id = 'ana/work'")
    assert lines(office) == [["Ana Ruiz", "Mother"]]
    assert (register(office, code=printed) or 0) > 0


def test_a_code_does_not_work_once_the_file_has_no_row_for_that_contact(office: School) -> None:
    ana_three_times(office)
    printed = prints(office, "ana/work")
    office.change("UPDATE contact SET ended_at = now() WHERE person_id = %s", office.ids["ana"])
    assert lines(office) == [] and register(office, code=printed) == -1


def test_a_mother_with_access_is_on_no_list_through_any_row(office: School) -> None:
    ana_three_times(office)
    office.change("UPDATE tie SET state = 'approved', adult_id = %s WHERE uuid = %s", office.ids["ana"], identity("tie/ana/nina"))
    assert lines(office) == []


def test_a_neighbor_with_two_phones_and_an_id_that_no_user_has_is_one_line(office: School) -> None:
    for phone in ("555 010 0150", "555 010 0151"):
        row(office, phone, name="Quin Ash", relation="Neighbor", phone=phone, sis_id="c-77")
    row(office, "quin/leo", "leo", name="Quin Ash", relation="Neighbor", sis_id="c-77")
    assert lines(office) == [["Quin Ash", "Neighbor"]]


def test_father_and_son_of_one_name_phone_and_address_are_two_lines(office: School) -> None:
    father_and_son(office)
    assert sorted(lines(office)) == [[SALVADOR, "Grandfather"], [SALVADOR, "Uncle"]]
    page = Browser("rosa", "staff").open(f"/office/letters?school={identity('middle')}")
    assert len([label for label in page.find("label") if label.get("data-said") == "contact"]) == 2


def test_a_contact_with_the_name_of_an_adult_with_access_is_marked(office: School) -> None:
    row(office, "dana", name="Dee Moss", relation="Mother")
    assert "adult" not in Browser("rosa", "staff").open(f"/office/letters?school={identity('middle')}").said
    tie(office, "dee", "nina")
    assert "adult" in Browser("rosa", "staff").open(f"/office/letters?school={identity('middle')}").said


def test_an_adult_approved_by_photo_id_is_marked_by_phone_or_email_until_joined_with_a_contact(office: School) -> None:
    """The record has him under another name, so only phone and email show that they may be the same person."""
    page, marked = f"/office/letters?school={identity('middle')}", "An adult with access has this name, phone or email"
    row(office, "sal", name="S. Mendoza", relation="Parent", phone=HOUSE["phone"])
    row(office, "rosario", name="Rosario Mendoza", relation="Mother", email=HOUSE["email"])
    row(office, "quin", name="Quin Ash", relation="Neighbor", phone="555 010 0150")
    salvador(office, phone=HOUSE["phone"])
    prove(office, "salvador", HOUSE["email"])
    assert approves(office) == "approved" and len(lines(office)) == 3
    assert Browser("rosa", "staff").open(page).words.count(marked) == 2
    office.change("INSERT INTO contact_join (contact_id, person_id, how) SELECT id, %s, 'office' FROM contact WHERE sourced_id = 'sal'", office.ids["salvador"])
    assert len(lines(office)) == 2 and marked not in Browser("rosa", "staff").open(page).words, "his wife reads his email, and he is a contact"


def test_no_phone_of_another_request_or_of_a_row_that_ended_marks_a_contact(office: School) -> None:
    """Quin's phone is in Dee's request, in Salvador's for Leo, and in a declined one. Salvador's is in an ended row of Quin's."""
    row(office, "quin", name="Quin Ash", relation="Neighbor", phone="555 010 0150", sis_id="c-77")
    row(office, "quin/old", name="Quin Ash", relation="Neighbor", phone=HOUSE["phone"], sis_id="c-77")
    salvador(office, phone=HOUSE["phone"])
    assert approves(office) == "approved"
    page, marked = f"/office/letters?school={identity('middle')}", "An adult with access has this name, phone or email"
    assert marked in Browser("rosa", "staff").open(page).words
    office.change("UPDATE contact SET ended_at = now() WHERE sourced_id = 'quin/old'")
    for number, other in enumerate(({"person_id": office.ids["dee"]}, {"student_id": office.ids["leo"]}, {"state": "declined"}), 900):
        said = {"id": number, "uuid": identity(f"request {number}"), "phone": "555 010 0150"} | other
        office.change("INSERT INTO registration SELECT (jsonb_populate_record(r, %s)).* FROM registration r WHERE person_id = %s AND id < 900",
                      json.dumps(said, default=str), office.ids["salvador"])  # fmt: skip
    assert marked not in Browser("rosa", "staff").open(page).words


# ── What keeps her apart ──
def test_kept_confidential_by_one_row_she_gets_no_letter_by_another(office: School) -> None:
    ana_three_times(office)
    office.change("UPDATE contact SET is_confidential = true, name = 'A. R.' WHERE sourced_id = 'ana/work'")
    assert lines(office) == []


def test_a_contact_with_a_restricted_persons_name_in_one_row_gets_no_letter_through_another(office: School) -> None:
    for phone, name in (("555 010 0150", "Gus Moss"), ("555 010 0151", "G. Moss")):
        row(office, phone, name=name, relation="Neighbor", phone=phone, sis_id="c-77")
    assert len(lines(office)) == 1
    office.change("UPDATE restriction SET student_id = %s", office.ids["nina"])
    assert lines(office) == []


def test_a_restriction_on_her_is_none_on_another_contact(office: School) -> None:
    ana_three_times(office)
    father_and_son(office)
    office.change("UPDATE restriction SET student_id = %s, person_id = %s", office.ids["nina"], office.ids["ana"])
    assert [name for name, _ in lines(office)] == [SALVADOR, SALVADOR]


# ── Who is notified of a request, and what a code approves ──
def test_a_contact_listed_three_times_is_notified_once_on_paper_and_once_by_email(office: School) -> None:
    ana_three_times(office)
    register(office, "zoe", "Zoe", "Stone")
    match(office)
    assert waiting(office) == ["Ana Ruiz"]
    office.change("DELETE FROM paper_notice")
    prove(office, "lou", "ana@mail.example")
    register(office, "pia", "Pia", "Stone")
    match(office)
    assert told(office, "lou") == ["contact asked about"] and mails(office) == [("asks", "lou.family")] and waiting(office) == []


def test_a_requester_with_the_code_of_one_row_gets_no_notice_through_another(office: School) -> None:
    ana_three_times(office)
    printed = prints(office, "agent|nina|ana")
    register(office, "ana2", "Ana", "Ruiz", code=printed)
    match(office)
    assert waiting(office) == []


def test_the_letter_is_to_one_row_and_the_address_that_answered_is_anothers(office: School) -> None:
    office.change("UPDATE district SET code_approves = true")
    ana_three_times(office)
    printed = prints(office, "ana/work")
    register(office, "ana2", "Ana", "Ruiz", code=printed)
    prove(office, "ana2", "ana@mail.example")
    match(office)
    assert sees(office, "ana2")


# ── Next to a request, and in a challenge ──
def test_the_record_next_to_her_request_shows_all_her_phones_and_one_relation(office: School) -> None:
    ana_three_times(office)
    register(office, "ana2", "Ana", "Ruiz", phone="(555) 010-0101")
    prove(office, "ana2", "ana@mail.example")
    match(office)
    page = Browser("rosa", "staff").open(f"/office/approvals/{newest(office)['uuid']}")
    cells = {row[0].text: ["".join(cell.itertext()).split(": ")[-1].strip() for cell in row[1:]] for row in page.find("tr")}
    assert cells["Email"] == ["ana@mail.example", "ana@mail.example", "Same"]
    assert cells["Phone"][1].startswith("555 010 0101, 555 010 0100") and cells["Phone"][2] == "Same"
    assert cells["Relation"][1:] == ["mother", "Same"]


def test_a_challenge_names_each_person_of_the_record_once(office: School) -> None:
    ana_three_times(office)
    father_and_son(office)
    with office.connect("owner") as owner:
        (named,) = owner.execute("SELECT contacts_named(%s)", [office.ids["nina"]]).fetchone() or (None,)
    assert [(each["name"], each["relation"]) for each in named] == [("Ana Ruiz", "Mother"), (SALVADOR, "Grandfather"), (SALVADOR, "Uncle")]


def test_the_students_page_lists_her_once_and_keeps_her_confidential_by_every_row(office: School) -> None:
    ana_three_times(office)
    office.change("UPDATE tie SET state = 'approved', adult_id = %s WHERE uuid = %s", office.ids["ana"], identity("tie/ana/nina"))
    place = f"/office/ties/{identity('nina')}"
    kept = [button for button in Browser("carl", "staff").open(place).find("button") if button.get("value") == "keep" and "Ana Ruiz" in words_of(button)]
    assert len(kept) == 1
    sent = {"of": str(identity("agent|nina|ana")), "act": "keep"}
    assert Browser("carl", "staff").post(f"{place}/apart", sent).headers["Location"] == f"{place}?then=kept"
    with office.connect("owner") as owner:
        (kept,) = owner.execute("SELECT array_agg(is_kept_confidential(c)) FROM contact c WHERE student_id = %s", [office.ids["nina"]]).fetchone() or ([],)
        tie = owner.execute("SELECT is_confidential FROM tie WHERE uuid = %s", [identity("tie/ana/nina")]).fetchone()
    assert (kept, tie) == ([True] * 3, (True,))


# ── The rule ──
CONTACT = st.tuples(
    st.sampled_from(["nina", "leo"]), st.sampled_from([None, None, "ana", "jo"]), st.sampled_from(["", "", "c-1", "c-2"]),
    st.sampled_from([SALVADOR, "Ana Ruiz"]), st.booleans(),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(CONTACT, max_size=9))
def test_rows_are_one_person_by_a_shared_id_of_one_student_and_by_nothing_else(school: School, made: list[Any]) -> None:
    with school.connect("owner") as owner:
        ids = {}
        for place, (child, person, sis_id, name, is_over) in enumerate(made):
            values = [f"random/{place}", school.ids[child], person and school.ids[person], sis_id, name, "555 010 0142", "one@mail.example"]
            (number,) = owner.execute(ROWS, [*values, "2026-01-01" if is_over else None]).fetchone() or (0,)
            ids[number] = (child, person or "", "" if person else sis_id, "" if person or sis_id else str(place))
        people = dict(owner.execute(PEOPLE, [[school.ids["nina"], school.ids["leo"]]]).fetchall())
        owner.rollback()
    assert all(people[people[each]] == people[each] <= each for each in people), "each row has one person, whose number is its first row's"
    assert all((people[one] == people[other]) == (ids[one] == ids[other]) for one in ids for other in ids)


@pytest.mark.parametrize(("relations", "said"), [
    (["parent"], "parent"), (["parent", "aunt"], "parent, aunt"), (["parent", "mother"], "mother"), (["relative"], "relative"), (["relative", "aunt"], "aunt"),
])  # fmt: skip
def test_a_vague_relation_is_said_where_the_record_has_none_that_says_more(own_school: School, relations: list[str], said: str) -> None:
    for relation in relations:
        row(own_school, f"eli/{relation}", name="Eli Ruiz", relation=relation, sis_id="eli")
    with own_school.connect("owner") as owner:
        found = owner.execute("SELECT DISTINCT relation_of_contact(c) FROM contact c WHERE c.sis_id = 'eli'").fetchall()
    assert found == [(said,)]


def test_joining_contacts_of_one_child_joins_none_of_a_sibling(office: School) -> None:
    """Leo's record has three contacts with the same IDs, and different joins."""
    for child in ("nina", "leo"):
        for key, sis_id in (("x", "c"), ("y", "b"), ("z", "a")):
            row(office, f"{key} of {child}", child, name=key, sis_id=sis_id)
    office.change("""INSERT INTO contact_join (contact_id, other_id, how) SELECT c.id, o.id, 'office' FROM contact c, contact o
        WHERE (c.sourced_id, o.sourced_id) IN (('x of nina', 'y of nina'), ('y of leo', 'z of leo'))""")
    with office.connect("owner") as owner:
        found = owner.execute("""SELECT array_agg(c.sourced_id ORDER BY c.sourced_id) FROM people_of_contacts(%s) w JOIN contact c ON c.id = w.contact
            WHERE c.sourced_id LIKE '_ of %%' GROUP BY w.student, w.one ORDER BY 1""", [[office.ids["nina"], office.ids["leo"]]])  # fmt: skip
        assert [people for (people,) in found] == [["x of leo"], ["x of nina", "y of nina"], ["y of leo", "z of leo"], ["z of nina"]]


def test_a_join_that_was_taken_back_makes_two_people(office: School) -> None:
    for key in ("x", "y"):
        row(office, key, name=key)
    office.change("""INSERT INTO contact_join (contact_id, other_id, how, ended_at) SELECT min(id), max(id), 'office', now()
        FROM contact WHERE name IN ('x', 'y')""")
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(DISTINCT one) FROM people_of_contacts(%s)", [[office.ids["nina"]]]).fetchone() == (2,)
