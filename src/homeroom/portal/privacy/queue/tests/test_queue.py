"""One queue has the requests to inspect and to correct records, each with its clock and whose turn it is."""

import re

import pytest

from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.privacy.corrections.tests.test_corrections import NEWEST, answers, asks
from homeroom.portal.privacy.corrections.tests.test_hearings import appeals, sets
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

QUEUE = "/office/requests"


@pytest.fixture
def empty(own_school: School) -> School:
    """Returns a school without requests."""
    for table in ("inspection", "correction"):
        own_school.change(f"DELETE FROM {table}")
    return own_school


def inspects(school: School) -> str:
    assert ask(school, "ana", "SELECT ask_for_inspection(%s, 'Her paper file')", [identity("nina")], side="family") == "asked"
    return str(one(school, "SELECT uuid FROM inspection ORDER BY id DESC LIMIT 1"))


def heads(who: str = "carl") -> list[str]:
    """Returns each card's words: who asks, the state, and the facts."""
    page = Browser(who, "staff").open(QUEUE)
    assert page.status == 200
    return [" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in page.text.split("<section")[1:]]


def test_both_kinds_are_in_one_list_by_due_date(empty: School) -> None:
    asks(empty)
    inspects(empty)
    first, second = heads()
    assert "To inspect the record" in first and "Asked for: Her paper file" in first and "five business days" in first
    assert "To correct the record" in second and "Last name" in second and "Ruiz Vega" not in second
    empty.change("UPDATE correction SET asked_at = asked_at - interval '40 days'")
    first, second = heads()
    assert "To correct the record" in first and "Overdue" in first and "To inspect the record" in second


def test_each_says_whose_turn_it_is(empty: School) -> None:
    asks(empty)
    assert "The office of Lincoln Middle answers." in heads()[0]
    answers(empty, "refused", said="No.")
    appeals(empty)
    assert "A hearing is due by" in heads()[0] and "It has no day yet." in heads()[0]
    sets(empty)
    assert "It is on" in heads()[0]
    empty.change("UPDATE correction SET hearing_on = today()")
    answers(empty, said="Both papers say so.")
    assert "The next file closes this request." in heads()[0]


def test_answered_ones_come_last(empty: School) -> None:
    asks(empty)
    answers(empty, "refused", said="No.")
    inspects(empty)
    first, second = heads()
    assert "To inspect the record" in first and "Not agreed" in second and "Answered by" in second


def test_each_leads_to_its_own_page(empty: School) -> None:
    asks(empty)
    which, correction = inspects(empty), one(empty, NEWEST)
    carl = Browser("carl", "staff")
    links = [link.get("href") for link in carl.open(QUEUE).find("a")]
    assert f"/office/inspections/{which}" in links and f"/office/corrections/{correction}" in links
    page = carl.open(f"/office/inspections/{which}")
    assert "Her paper file" in page.words and "Shown on paper" in page.words
    done = carl.post("/office/inspections/answer", {"which": which, "verdict": "on paper"})
    assert done.headers["Location"] == f"{QUEUE}?then=on+paper" and "Recorded" in carl.open(f"{QUEUE}?then=on+paper").words


@pytest.mark.parametrize(("who", "side"), [("bo", "staff"), ("ana", "family"), ("nina", "student")])
def test_no_one_else_sees_the_queue_or_an_inspection(empty: School, who: str, side: str) -> None:
    which = inspects(empty)
    assert Browser(who, side).open(QUEUE).status == Browser(who, side).open(f"/office/inspections/{which}").status == 404


def test_an_inspection_that_the_reader_may_not_answer_is_not_there(empty: School) -> None:
    assert Browser("carl", "staff").open(f"/office/inspections/{identity('nina')}").status == 404
