"""Marking letters as printed: only the chosen ones, once, and none that may no longer be sent."""

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psycopg

from homeroom.portal.membership.eighteen.tests.aging import due, one, turning
from homeroom.portal.membership.masking.tests.masking import mask
from homeroom.portal.membership.tests.acting import ask
from tests.school import School, proof_of

TICK = "SELECT paper_printed(ARRAY(SELECT generate_series(%s::integer, %s::integer)))"
FIRST = "SELECT min(id) FROM paper_notice"


def told_on_paper(school: School) -> int:
    """Ana and Jo must be notified on paper of Nina's 18th birthday. Returns the number of the first letter."""
    turning(school)
    due(school)
    return int(one(school, FIRST))


def ticked(school: School, first: int = 1, last: int = 99) -> int:
    return int(ask(school, "rosa", TICK, [first, last]))


def test_the_office_ticks_off_the_letter_that_it_marked_and_no_other(own_school: School) -> None:
    first = told_on_paper(own_school)
    assert ticked(own_school, first, first) == 1 and ticked(own_school) == 1


def test_a_letter_about_a_student_masked_since_is_not_checked_off_until_the_masking_ends(own_school: School) -> None:
    told_on_paper(own_school)
    assert mask(own_school, "nina") == "masked" and ticked(own_school) == 0
    own_school.change("UPDATE masking SET end_date = today(), start_date = today() - 1")
    assert ticked(own_school) == 2


def test_when_two_people_check_off_the_same_letters_at_the_same_time_one_succeeds(own_school: School) -> None:
    told_on_paper(own_school)

    def tick(who: str, app: psycopg.Connection[Any]) -> object:
        app.execute("SET lock_timeout = '60s'")
        app.execute("SET statement_timeout = '60s'")
        app.execute("SELECT begin_request(%s)", [proof_of(who, "staff")])
        return app.execute(TICK, [1, 99]).fetchone()

    with ThreadPoolExecutor(1) as other, own_school.connect("app") as one_app, own_school.connect("app") as other_app:
        assert tick("carl", one_app) == (2,)
        later = other.submit(tick, "rosa", other_app)
        assert not wait([later], 0.5).done
        one_app.commit()
        assert later.result() == (0,)
