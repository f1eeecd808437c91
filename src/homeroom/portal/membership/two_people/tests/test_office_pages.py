"""The pages of second approvals, as administrators see them."""

import re
from collections.abc import Iterator

import pytest

from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, newest, offices_of, pass_time, propose
from tests.browser import Browser, Page, numbers
from tests.cast import identity
from tests.school import School

PLACE = "/office/two-people"
WHY = "Bo runs the summer school"


@pytest.fixture
def office(own_school: School) -> School:
    appoint(own_school, "pat", "dana")
    return own_school


def hidden(page: Page) -> dict[str, str]:
    return {field.get("name", ""): field.get("value", "") for field in page.find("input") if field.get("type") == "hidden"}


def answer(who: str, school: School, which: str, why: str = "") -> Page:
    shown = Browser(who, "staff").open(PLACE)
    return Browser(who, "staff").post(f"{PLACE}/{newest(school)[0]}/answer", hidden(shown) | {"answer": which, "why": why})


def said(who: str) -> str:
    return Browser(who, "staff").open(PLACE).words.replace("\xa0", " ")


def test_no_proposal_is_waiting_at_first(office: School) -> None:
    page = Browser("carl", "staff").open(PLACE)
    assert page.part("none") and page.said == set()


def test_carl_finds_bo_proposes_him_and_pat_confirms(office: School) -> None:
    carl = Browser("carl", "staff")
    assert "Bo Larsen" in carl.post("/office/administrators", {"name": "lars"}).words
    form = carl.open(f"/office/administrators/new/{office.uuid('bo')}")
    assert "Bo Larsen" in form.lead
    made = carl.post(f"/office/administrators/new/{office.uuid('bo')}", {"school": "", "why": WHY})
    assert (made.status, made.headers["Location"]) == (302, f"{PLACE}?then=proposed")
    assert "Withdraw it" in said("carl")
    page, words = Browser("pat", "staff").open(PLACE), said("pat")
    assert page.said == {"new administrator: waiting"} and numbers(page.lead) == ["1"] and "Bo Larsen" in words and WHY in words
    assert re.search(r"than \w+, \w+ \d+, \d+:\d\d [ap]\.m\. \(2[34] h left\)", words)
    assert answer("pat", office, "second").headers["Location"] == f"{PLACE}?then=confirmed"
    page = Browser("dana", "staff").open(PLACE)
    assert page.said == {"new administrator: confirmed"} and "Pat Quill" in page.words and offices_of(office, "bo") == 0


def test_stopping_a_proposal_takes_a_reason_and_the_proposal_stays_listed(office: School) -> None:
    propose(office, "carl", "bo")
    assert answer("dana", office, "stop").headers["Location"] == f"{PLACE}?then=why"
    assert answer("dana", office, "stop", WHY).headers["Location"] == f"{PLACE}?then=stopped"
    assert f"Dana Okafor wrote: {WHY}" in said("pat") and "Recent" in said("pat")


def test_nothing_is_proposed_without_a_reason_and_the_entries_stay(office: School) -> None:
    page = Browser("carl", "staff").post(f"/office/administrators/new/{office.uuid('bo')}", {"school": office.uuid("middle"), "why": " "})
    assert page.status == 422 and "Write a reason." in page.words
    assert [option.get("value") for option in page.find("option") if option.get("selected") is not None] == [office.uuid("middle")]


def test_a_school_that_is_none_is_refused_in_words(office: School) -> None:
    page = Browser("carl", "staff").post(f"/office/administrators/new/{office.uuid('bo')}", {"school": "nonsense", "why": "x"})
    assert page.status == 422 and page.wrong == {"school"}


def test_an_old_proof_leads_to_the_door_and_keeps_what_was_filled_in(office: School) -> None:
    age_proofs(office)
    page = Browser("carl", "staff").post(f"/office/administrators/new/{office.uuid('bo')}", {"school": "", "why": "Bo runs it"})
    assert page.status == 307 and page.headers["Location"].startswith("/sign-in/again?"), "the browser sends the form there"


def endings(page: Page, school: School) -> set[str]:
    """Returns the administrators whom the page offers to remove."""
    forms = {form.get("action", "") for form in page.find("form")}
    return {name for name in ("carl", "pat", "dana") if f"/office/administrators/{school.uuid(name)}/end" in forms}


def test_one_administrator_removes_another_who_is_signed_out_right_away(office: School) -> None:
    propose(office, "pat", "bo")
    page = Browser("carl", "staff").open("/office/administrators")
    assert "3 administrators." in page.words and endings(page, office) == {"pat", "dana"}, "and not herself or himself"
    assert Browser("pat", "staff").open(PLACE).status == 200
    done = Browser("carl", "staff").post(f"/office/administrators/{office.uuid('pat')}/end", {"school": "", "why": "Pat retires"})
    assert done.headers["Location"] == "/office/administrators?then=ended"
    assert Browser("pat", "staff").open(PLACE).headers["Location"].startswith("/sign-in") and offices_of(office, "pat") == 0
    assert newest(office)[1] == "stopped"
    assert "2 administrators." in Browser("dana", "staff").open("/office/administrators").words


def test_the_last_two_of_the_district_stay(office: School) -> None:
    Browser("carl", "staff").post(f"/office/administrators/{office.uuid('pat')}/end", {"school": "", "why": "Pat retires"})
    assert " as an administrator" not in Browser("carl", "staff").open("/office/administrators").words
    assert Browser("carl", "staff").post(f"/office/administrators/{office.uuid('dana')}/end", {"school": "", "why": "x"}).status == 404
    assert offices_of(office, "dana") == 1


def test_an_administrator_of_a_school_ends_none_of_the_district(office: School) -> None:
    appoint(office, "rosa", at="middle")
    assert Browser("rosa", "staff").post(f"/office/administrators/{office.uuid('pat')}/end", {"school": "", "why": "x"}).status == 404
    assert Browser("carl", "staff").post(f"/office/administrators/{office.uuid('rosa')}/end", {"school": office.uuid("middle"), "why": "x"}).status == 302
    assert (offices_of(office, "pat"), offices_of(office, "rosa")) == (1, 0)


def test_an_administrator_related_to_the_person_proposed_sees_why_there_are_no_buttons(office: School) -> None:
    """Dana is Kai's mother. Bo was his guardian once."""
    tie = """INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, is_confidential, proof, state)
             VALUES (gen_random_uuid(), %s, %s, 'guardian', today(), '{}', false, false, false, false, 'in person', 'ended')"""
    office.change(tie, office.ids["bo"], office.ids["kai"])
    propose(office, "carl", "bo")
    page = Browser("dana", "staff").open(PLACE)
    assert page.said == {"new administrator: waiting"} and "related to you" in page.words
    assert "answer" not in [button.get("name") for button in page.find("button")]


def test_the_page_speaks_spanish(office: School) -> None:
    propose(office, "carl", "bo")
    words = Browser("pat", "staff", "es").open(PLACE).words
    assert "Segundas aprobaciones" in words and "Bo Larsen" in words and "Why:" not in words


@pytest.fixture
def ended(office: School) -> Iterator[School]:
    """One proposal for each way to end."""
    for who, about in (("pat", "bo"), ("dana", "rosa")):
        propose(office, who, about)
        answer("carl", office, "stop", "no")
    propose(office, "pat", "rosa")
    pass_time(office)
    answer("carl", office, "second")
    yield office


def test_recent_actions_are_listed_newest_first(ended: School) -> None:
    page = Browser("carl", "staff").open(PLACE)
    assert [item.get("data-said") for item in page.find("li") if item.get("data-said")] == [
        "new administrator: carried out", "new administrator: stopped", "new administrator: stopped",
    ]  # fmt: skip


def test_a_proposal_without_a_reason_has_no_heading_for_one(office: School) -> None:
    assert ask(office, "carl", "SELECT propose_administrator(%s, NULL, '')", [identity("bo")]) == "proposed"
    page = Browser("dana", "staff").open(PLACE).words
    assert "Bo Larsen" in page and "Why:" not in page
