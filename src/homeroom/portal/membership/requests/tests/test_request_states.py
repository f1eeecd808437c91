"""Each state of a request, and what each page says about it. No two pages contradict each other."""

import pytest

from homeroom.portal.membership.requests.tests.registering import match, newest, office_of, put_on_record, register
from homeroom.portal.membership.requests.tests.students import apply
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

QUEUE = "/office/approvals"
CHECKS = "The school office checks what you asked for"
UNTIL = "Until it approves"
DECLINED = "Not approved. Bring a photo ID"
NO_RECORD = "No single record has this name and birth date"
NOT_YET = "Not compared with our records yet"
FOR_NINA = "for Nina Ruiz, Lincoln Middle"
SENTENCES = {CHECKS, UNTIL, DECLINED, NO_RECORD, NOT_YET, FOR_NINA, "Not answered yet", "declined by Rosa Lim", "approved by Rosa Lim"}
ANSWERED = "answered_at = now(), answered_by_id = (SELECT id FROM person WHERE sourced_id = 'rosa')"
GONE = "child_given_name = '', child_family_name = '', child_birth_date = NULL"
WAITS = {"/": {CHECKS, UNTIL, "Not answered yet"}, "/requests": {UNTIL, "Not answered yet"}}
OVER = {"/": set[str](), "/requests": set[str]()}
# State → how the row shows it, and what the requester's pages, the office's queue and its answered requests say.
STATES = {
    "in its first minute": ("matched_at = NULL, student_id = NULL", WAITS, {FOR_NINA, NOT_YET}, set()),
    "without a record": ("matched_at = now(), student_id = NULL", WAITS, {FOR_NINA, NO_RECORD}, set()),
    "with a record": ("matched_at = now()", WAITS, {FOR_NINA}, set()),
    "with a record, an address proven since": ("matched_at = NULL", WAITS, {FOR_NINA}, set()),
    "approved": (f"state = 'approved', {ANSWERED}", OVER, set(), {"approved by Rosa Lim"}),
    "declined": (f"state = 'declined', {ANSWERED}", {"/": {DECLINED}, "/requests": {DECLINED}}, set(), {"declined by Rosa Lim"}),
    "declined long ago": (f"state = 'declined', {ANSWERED.replace('now()', "now() - interval '61 days'")}", OVER, set(), {"declined by Rosa Lim"}),
    "withdrawn": (f"state = 'withdrawn', {GONE}", OVER, set(), set()),
    "lapsed": (f"state = 'lapsed', {GONE}", OVER, set(), set()),
}  # fmt: skip


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


def said(page: str, who: str, side: str = "family") -> set[str]:
    words = Browser(who, side).open(page).words
    return {sentence for sentence in SENTENCES if sentence in words}


@pytest.mark.parametrize("state", STATES)
def test_every_page_says_the_same_of_a_request(office: School, state: str) -> None:
    how, own, queue, answered = STATES[state]
    register(office)
    match(office)
    office.change(f"UPDATE registration SET {how}")
    for page, sentences in own.items():
        assert said(page, "mia") == sentences, page
    assert said(QUEUE, "rosa", "staff") == queue and said(f"{QUEUE}?which=answered", "rosa", "staff") == answered


def test_a_waiting_request_is_shown_as_being_checked_next_to_a_declined_one(office: School) -> None:
    register(office)
    office.change(f"UPDATE registration SET state = 'declined', {ANSWERED}")
    leo = {"child_given_name": "Leo", "child_family_name": "Ruiz", "child_birth_date": "2018-01-02", "school": str(identity("elementary")), "relation": "aunt"}
    assert Browser("mia").post("/requests", leo).status == 302
    assert said("/", "mia") == {CHECKS, UNTIL, DECLINED, "Not answered yet"}


def test_ana_who_sees_nina_reads_that_only_the_other_child_is_closed(office: School) -> None:
    kai = {"child_given_name": "Kai", "child_family_name": "Okafor", "child_birth_date": "2014-05-05", "school": str(identity("middle")), "relation": "aunt"}
    assert Browser("ana").post("/requests", kai).status == 302
    page = Browser("ana").open("/requests")
    assert "that child’s record" in page.lead and "Kai Okafor" in page.part("asked") and "Nina" not in page.part("asked")


def test_two_records_with_one_name_and_birth_date_are_not_reported_as_none(office: School) -> None:
    office.change("UPDATE person SET given_name = 'Nina', family_name = 'Ruiz' WHERE sourced_id = 'kai'")
    office.change("UPDATE demographic SET birth_date = '2014-04-09' WHERE person_id = %s", office.ids["kai"])
    register(office)
    match(office)
    assert said(QUEUE, "rosa", "staff") == {FOR_NINA, NO_RECORD}
    page = Browser("rosa", "staff").open(f"{QUEUE}/{newest(office)['uuid']}")
    assert len(page.find("table")) == 2


@pytest.mark.parametrize(("how", "sentence"), [("matched_at = NULL, student_id = NULL", NOT_YET), ("matched_at = now(), student_id = NULL", NO_RECORD)])
def test_the_queue_describes_a_students_own_request_in_the_same_way(office: School, how: str, sentence: str) -> None:
    apply(office)
    office.change(f"UPDATE registration SET {how}")
    assert said(QUEUE, "rosa", "staff") == {sentence}


MARKS = {"Same", "Fits", "Different", "Not given", "Not on file"}


def compared(school: School) -> dict[str, str]:
    """Returns the mark of each field on the office's page of the newest request."""
    page = Browser("rosa", "staff").open(f"{QUEUE}/{newest(school)['uuid']}")
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in page.find("tr")[1:]]
    assert {row[3] for row in rows} <= MARKS
    return {row[0]: row[3] for row in rows}


def test_details_that_mia_left_out_do_not_count_as_different(office: School) -> None:
    put_on_record(office, "nina", "mia@mail.example", days_ago=30)
    office.change("UPDATE contact SET phone = '(555) 010-0123' WHERE sourced_id = 'mia on file'")
    register(office)
    assert compared(office) == {"Child": "Same", "Child’s birthday": "Same", "School": "Same", "Adult": "Same", "Relation": "Same",
                                "Phone": "Not given", "Email": "Not given"}  # fmt: skip
    for typed, mark in (("555 010 0123", "Same"), ("555 010 0188", "Different"), ("none", "Different")):
        office.change("UPDATE registration SET phone = %s", typed)
        assert compared(office)["Phone"] == mark
    office.change("UPDATE contact SET phone = '' WHERE sourced_id = 'mia on file'")
    assert compared(office)["Phone"] == "Not on file"


@pytest.mark.parametrize(("typed", "on_file", "mark"), [
    ("father", "parent", "Fits"), ("mother", "Parent", "Fits"), ("father", "Parent/Guardian", "Fits"), ("parent", "mother", "Fits"),
    ("grandmother", "relative", "Fits"), ("father", "Father", "Same"), ("parent", "parent", "Same"), ("father", "mother", "Different"),
    ("aunt", "parent", "Different"), ("father", "guardian", "Different"), ("father", "", "Not on file"),
])  # fmt: skip
def test_a_father_is_not_different_from_the_files_parent(office: School, typed: str, on_file: str, mark: str) -> None:
    put_on_record(office, "nina", "mia@mail.example", days_ago=30)
    office.change("UPDATE contact SET relationship = %s WHERE sourced_id = 'mia on file'", on_file)
    register(office, relation=typed)
    assert compared(office)["Relation"] == mark


def test_the_same_relation_is_the_same_in_spanish_too(office: School) -> None:
    put_on_record(office, "nina", "mia@mail.example", days_ago=30)
    register(office)
    page = Browser("rosa", "staff", language="es").open(f"{QUEUE}/{newest(office)['uuid']}")
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in page.find("tr")]
    assert ["Relación", "Mia dice: madre", "Nuestro expediente: madre", "Iguales"] in rows
