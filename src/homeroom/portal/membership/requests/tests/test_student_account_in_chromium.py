"""The pages of a student's request for an account, and of its answer, in a real browser. Axe finds nothing, and nothing is cut off."""

from playwright.sync_api import Browser as Chromium

from homeroom.portal.membership.requests.tests.registering import match, newest, office_of, register
from homeroom.portal.membership.requests.tests.students import apply
from tests.cast import identity
from tests.house.test_pages import browser, launch, opened
from tests.live import serving
from tests.page_faults import faults_in_any_form
from tests.school import School

__all__ = ["browser", "launch"]  # fixtures
COUNSELORS = """WITH made AS (INSERT INTO person (uuid, sourced_id, given_name, family_name, is_staff)
        SELECT gen_random_uuid(), 'counselor ' || n, 'Counselor', 'Number' || n, true FROM generate_series(1, 12) n RETURNING id),
    given AS (INSERT INTO duty (uuid, person_id, school_id, duty, start_date) SELECT gen_random_uuid(), id, %s, 'counselor', today() - 9 FROM made)
    INSERT INTO account (uuid, person_id, side, sign_in_name) SELECT gen_random_uuid(), id, 'staff', 'many-' || id FROM made"""


def test_no_page_has_a_fault(own_school: School, browser: Chromium) -> None:
    office_of(own_school)
    register(own_school)
    own_school.change("UPDATE registration SET asked_at = asked_at - interval '9 days'")
    apply(own_school)
    match(own_school)
    own_school.change(COUNSELORS, own_school.ids["middle"])
    seers = f"/children/{identity('nina')}/who-can-see"
    pages = {"/": ("kid", "student"), "/office/approvals": ("rosa", "staff"), f"/office/approvals/{newest(own_school)['uuid']}": ("rosa", "staff"),
             seers: ("ana", "family")}  # fmt: skip
    found: dict[str, list[str]] = {}
    with serving() as address:
        for path, page in opened(browser, address, pages):
            if path == seers:
                page.click("summary:has-text('people with the duty of counselor')")
                assert page.locator("details table tr").count() >= 10
            found[path] = faults_in_any_form(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
