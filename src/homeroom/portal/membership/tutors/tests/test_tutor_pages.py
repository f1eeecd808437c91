"""The pages of tutors: the tutor's, the child's where a family signs and ends, and the office's."""

from datetime import timedelta

import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.requests.tests.registering import BORN
from homeroom.portal.membership.tutors.pages import district_says
from homeroom.portal.membership.tutors.tests.tutoring import (
    allow,
    answer,
    apply,
    asked,
    consent,
    district_of,
    match,
    newest,
    tie_of,
    today,
)
from homeroom.portal.wording.dates import dated_day, plain_day
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

TUTORS = f"/children/{identity('nina')}/tutors"


@pytest.fixture
def district(own_school: School) -> School:
    return district_of(own_school)


def typed(school: School) -> dict[str, object]:
    return {"child_given_name": "Nina", "child_family_name": "Ruiz", "child_birth_date": BORN.isoformat(), "school": str(identity("middle")),
            "kind": ["attendance", "grades"], "purpose": "Fractions", "last_day": today(school).isoformat()}  # fmt: skip


def test_uma_reads_the_status_of_her_application_and_nothing_else(district: School) -> None:
    apply(district)
    page = Browser("uma").open("/")
    assert page.said == {"waiting"} and "Nina" not in page.words
    assert "Ask for a student" not in Browser("uma").open("/tutoring").words
    answer(district)
    assert "Ask for a student" in Browser("uma").open("/tutoring").words


def test_carl_approves_on_the_page_of_tutors(district: School) -> None:
    apply(district)
    page = Browser("carl", "staff").open("/office/tutors")
    assert "Uma Frost" in page.words and "After-School Center" in page.words and district_says(["attendance", "grades"]) in page.lead
    path = f"/office/tutors/{newest(district, 'tutor_application')['uuid']}/answer"
    assert Browser("carl", "staff").post(path, {"verdict": "approved"}).status == 422
    assert Browser("carl", "staff").post(path, {"verdict": "approved", "evidence": "photo id"}).headers["Location"] == "/office/tutors?then=approved"
    assert "Carl Webb" in Browser("carl", "staff").open("/office/tutors").part("approved")
    assert Browser("carl", "staff").post(path, {"verdict": "declined"}).status == 409


def test_uma_asks_ana_signs_and_jo_ends_it(district: School) -> None:
    apply(district)
    answer(district)
    assert Browser("uma").post("/tutoring", typed(district)).headers["Location"] == "/tutoring?then=asked"
    assert "Nina Ruiz" in Browser("uma").open("/tutoring").words
    match(district)
    page = Browser("ana").open(TUTORS)
    assert "Uma Frost asks" in page.words and "What for: Fractions" in page.words
    assert not [box for box in page.find("input") if box.get("checked") is not None]
    assert "Uma Frost" not in Browser("nina", "student").open(TUTORS).words
    path = f"{TUTORS}/{newest(district, 'tutor_request')['uuid']}/answer"
    assert Browser("ana").post(path, {"kind": ["attendance"], "signature": "x"}).status == 422
    assert Browser("ana").post(path, {"kind": ["attendance"], "signature": "Ana Ruiz"}).headers["Location"] == f"{TUTORS}?then=given"
    home = Browser("uma").open("/")
    assert "My students" in home.words and "can see attendance." in home.words and "Through" in home.words and "Access log" not in home.words
    child = Browser("uma").open(f"/children/{identity('nina')}")
    assert "Attendance" in child.words and "Algebra 1" not in child.words and "who-has-looked" not in child.text and "/tutors" not in child.text
    assert not {"/requests", "/inspection"} & {a.get("href") for a in child.find("a")}, "these are a parent's"
    assert Browser("uma").open(f"/children/{identity('nina')}/who-has-looked").status == 404 == Browser("uma").open(TUTORS).status
    page = Browser("jo").open(TUTORS)
    assert "Uma Frost" in page.words and "Can see attendance." in page.words and "Ana Ruiz" not in page.words
    assert Browser("jo").post(f"{TUTORS}/{tie_of(district)['uuid']}/end", {}).headers["Location"] == f"{TUTORS}?then=ended"
    assert not sees(district, "uma") and "You can see" not in Browser("uma").open("/").words


def test_the_student_ends_it_on_the_same_page(district: School) -> None:
    asked(district)
    consent(district)
    page = Browser("nina", "student").open(TUTORS)
    assert "Uma Frost" in page.words and "End it now" in page.words
    assert Browser("nina", "student").post(f"{TUTORS}/{tie_of(district)['uuid']}/end", {}).status == 302 and not sees(district, "uma")


def test_the_childs_ledger_says_so_in_words(district: School) -> None:
    asked(district)
    consent(district)
    Browser("jo").post(f"{TUTORS}/{tie_of(district)['uuid']}/end", {})
    page = Browser("ana").open(f"/children/{identity('nina')}/who-has-looked")
    assert page.said >= {"tutor let in", "tutor ended"} and "signed consent." in page.line("You gave") and page.line("Jo Castillo ended")


def test_carl_ends_a_tutors_access_and_settings_show_the_tutor_choice(district: School) -> None:
    asked(district)
    consent(district)
    assert "Nina Ruiz" in Browser("carl", "staff").open("/office/tutors").line("Uma Frost, tutor")
    assert Browser("carl", "staff").post(f"/office/tutors/ties/{tie_of(district)['uuid']}/end", {}).status == 302 and not sees(district, "uma")
    for choice, words in (("off", "Off. No one can apply."), ("on", "On, without grades."), ("with grades", "On. A family can share attendance and grades.")):
        allow(district, choice)
        assert words in Browser("carl", "staff").open("/settings").words


@pytest.mark.parametrize(("field", "value", "words"), [
    ("kind", [], "Check what you need to see."), ("purpose", " ", "Write the purpose"), ("last_day", "2014-13-01", "Type the last day"),
    ("last_day", "2999-01-01", "Check the child’s names"),
    ("school", "x", "Choose the child’s school."), ("child_birth_date", "", "Type the day the child was born"),
])  # fmt: skip
def test_an_invalid_tutor_request_gets_a_message_next_to_the_form(district: School, field: str, value: object, words: str) -> None:
    apply(district)
    answer(district)
    page = Browser("uma").post("/tutoring", typed(district) | {field: value})
    assert page.status == 422 and words in page.words


def test_a_parent_has_no_page_of_a_tutor(district: School) -> None:
    assert Browser("dee").open("/tutoring").status == 404


@pytest.mark.parametrize("ends", [17, 18])
def test_every_page_names_the_end_of_a_term_as_the_file_has_it(district: School, ends: int) -> None:
    """The file may have the last day or the day after it."""
    asked(district)
    consent(district)
    district.change("UPDATE term SET end_date = today() + %s WHERE sourced_id = 'fall'", ends)
    day = today(district) + timedelta(ends)
    short, dated = ([say(each).replace("\u00a0", " ") for each in (day, day - timedelta(1))] for say in (plain_day, dated_day))
    nina, tutoring = Browser("ana").open(f"/children/{identity('nina')}").words, Browser("uma").open("/tutoring").words
    assert f"file: {short[0]}" in nina and f"Before {dated[0]}," in tutoring
    assert short[1] not in nina + tutoring and dated[1] not in nina + tutoring


def test_no_page_says_that_a_tutor_with_a_parents_consent_was_on_record(district: School) -> None:
    asked(district)
    consent(district)
    assert tie_of(district)["proof"] == "consent"
    nina = f"/children/{identity('nina')}"
    Browser("uma").open(nina)
    pages = {
        "who can see": (Browser("ana"), f"{nina}/who-can-see", "By a signed consent"),
        "who has looked": (Browser("ana"), f"{nina}/who-has-looked", "Viewed it as tutor of Nina."),
        "tutors": (Browser("ana"), f"{nina}/tutors", "After-School Center"),
        "the student's": (Browser("nina", "student"), f"{nina}/who-has-looked", "Viewed it as your tutor."),
        "ties": (Browser("carl", "staff"), f"/office/ties/{identity('nina')}", "By a signed consent"),
    }
    for name, (browser, path, said) in pages.items():
        page = browser.open(path)
        listed = [words for tag in ("li", "tr") for row in page.find(tag) if "Uma Frost" in (words := "".join(row.itertext()))]
        assert listed and said in page.words, name
        assert not any("record" in words.replace("access to part of this record", "") for words in listed), (name, listed)
