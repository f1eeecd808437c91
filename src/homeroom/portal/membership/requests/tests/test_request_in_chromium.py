"""A challenged request and the sheets for contacts in a real browser. Axe finds nothing, and nothing is cut off."""

from playwright.sync_api import Browser as Chromium

from homeroom.portal.membership.challenges.tests.challenging import newest as newest_challenge
from homeroom.portal.membership.challenges.tests.challenging import write
from homeroom.portal.membership.requests.tests.registering import (
    ON_FILE,
    match,
    newest,
    office_of,
    put_on_record,
    register,
)
from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity
from tests.house.test_pages import browser, launch, opened
from tests.live import serving
from tests.page_faults import faults_in_any_form
from tests.school import School

__all__ = ["browser", "launch"]  # fixtures


def test_no_page_has_a_fault(own_school: School, browser: Chromium) -> None:
    office_of(own_school)
    register(own_school)
    match(own_school)
    asked = newest(own_school)["uuid"]
    assert ask(own_school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), asked], side="family") == "sent"
    assert write(own_school, "challenged", "Please come to the office with a photo ID, any morning this week.") == "sent"
    put_on_record(own_school, "kai", ON_FILE, days_ago=20)
    own_school.change("UPDATE tie SET state = 'ended' WHERE student_id = %s", own_school.ids["kai"])
    register(own_school, "zoe", "Zoe", "Stone", given_name="Kai", family_name="Okafor", birth_date="2014-05-05")
    match(own_school)
    pages = {f"/checks/{asked}": ("mia", "family"), "/requests": ("mia", "family"), "/office/ages/letters": ("rosa", "staff"),
             f"/office/challenges/{newest_challenge(own_school)['uuid']}": ("carl", "staff")}  # fmt: skip
    with serving() as address:
        found = {path: faults_in_any_form(page) for path, page in opened(browser, address, pages)}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
