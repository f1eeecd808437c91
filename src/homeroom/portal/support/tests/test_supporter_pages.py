"""Sol's pages while the grant runs. They show what the family's page rests on, and name no one."""

import re

import pytest
from django.conf import settings

from homeroom.portal.audit.lines import About, kind_of, why_support
from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.support.tests.supported import TOKEN, grant, sign_in
from tests.browser import Browser, Page
from tests.cast import CANARY, NAMES
from tests.school import School

LOOKS = "SELECT count(*) FROM ledger WHERE event = 'look' AND capacity = 'support'"


@pytest.fixture
def let_in(own_school: School) -> School:
    """Sol is signed in, with a grant for Nina and Max."""
    appoint(own_school, "pat")
    grant(own_school, "nina", "max")
    assert sign_in(own_school)
    return own_school


def sols(language: str = "en") -> Browser:
    browser = Browser(language=language)
    browser.client.cookies[settings.SUPPORT_COOKIE] = TOKEN
    return browser


def looks(school: School) -> int:
    with school.connect("owner") as owner:
        return int((owner.execute(LOOKS).fetchone() or (0,))[0])


def names_in(page: Page) -> set[str]:
    words = {word for name in NAMES.values() for word in name.split()} | {CANARY, "Algebra", "English 7", "Reading"}
    return {word for word in words if re.search(rf"\b{word}\b", page.words)}


def test_sol_reads_files_and_students_by_number(let_in: School) -> None:
    page = sols().open("/support")
    assert "Sol Park, support" in page.words and "Student 1" in page.words and "Student 2" in page.words and "Student 3" not in page.words
    assert "Imported" in page.words and names_in(page) == set() and looks(let_in) == 0


def test_a_student_is_shown_with_numbers_for_names_after_a_view(let_in: School) -> None:
    page = sols().open("/support/students/1")
    assert page.status == 200 and looks(let_in) == 1 and names_in(page) == set()
    for words in ("Student 1", "Class 1", "Teacher 1", "Work 1", "Adult 1, parent", "Can see grades, attendance", "No access: it is not approved."):
        assert words in page.words, words
    assert "No access: a restriction" in sols().open("/support/students/2").words


def test_support_reads_the_averages_that_the_family_reads(let_in: School) -> None:
    """These are two running classes. The family's page has the same grades under the classes' names."""
    ours, theirs = sols().open("/support/students/1"), Browser("ana").open(f"/children/{let_in.uuid('nina')}")

    def grades(page: Page) -> list[str]:
        return ["".join(each.itertext()) for each in page.find("span") if each.get("class") == "grade"]

    assert grades(ours) == grades(theirs) and len(grades(ours)) == 2


def test_support_reads_the_school_days_that_the_family_reads(let_in: School) -> None:
    let_in.change(
        """INSERT INTO attendance_mark (id, student_id, school_id, day, status) SELECT gen_random_uuid(), %s, %s, today() - n, 'present'
           FROM generate_series(0, 360) n""", let_in.ids["nina"], let_in.ids["middle"])  # fmt: skip
    ours, theirs = sols().open("/support/students/1"), Browser("ana").open(f"/children/{let_in.uuid('nina')}")
    assert re.findall(r"in \d+ school days?", ours.words) == re.findall(r"in \d+ school days?", theirs.words) != []


def test_a_student_outside_of_the_grant_is_not_found(let_in: School) -> None:
    for number in (0, 3, 21, 10**12):
        assert sols().open(f"/support/students/{number}").status == 404
    assert looks(let_in) == 0


def test_support_pages_without_a_session_redirect_to_sign_in_and_record_no_view(let_in: School) -> None:
    stale = Browser()
    stale.client.cookies[settings.SUPPORT_COOKIE] = "token-of-nobody"
    for browser in (Browser(), stale, Browser("carl", "staff"), Browser("ana")):
        for path in ("/support", "/support/students/1"):
            page = browser.open(path)
            assert (page.status, page.headers["Location"]) == (302, "/support/sign-in")
    assert looks(let_in) == 0


def test_a_supporters_token_opens_no_ordinary_page(let_in: School) -> None:
    browser = Browser()
    browser.client.cookies[settings.SESSION_COOKIE] = browser.client.cookies[settings.SUPPORT_COOKIE] = TOKEN
    for path in ("/", "/classes", "/imports", "/settings", "/office/support", "/office/two-people", f"/children/{let_in.uuid('nina')}"):
        assert browser.open(path).headers.get("Location", "").startswith("/sign-in?"), path


def test_a_grant_that_was_ended_closes_the_next_page(let_in: School) -> None:
    browser = sols()
    assert browser.open("/support").status == 200
    with let_in.connect("owner") as owner:
        (made,) = owner.execute("SELECT uuid FROM support_grant").fetchone() or (None,)
    assert ask(let_in, "carl", "SELECT end_support(%s, 'Enough')", [made]) == "ended"
    assert browser.open("/support/students/1").headers["Location"] == "/support/sign-in"


def test_the_family_reads_that_support_looked_and_that_two_administrators_allowed_it(let_in: School) -> None:
    for _ in range(3):
        sols().open("/support/students/1")
    page = Browser("ana").open(f"/children/{let_in.uuid('nina')}/who-has-looked")
    line = page.line("Homeroom’s support")
    assert all(kind_of(kind) in line for kind in ("grades", "attendance", "ties"))
    assert why_support(About("Nina", "Lincoln Unified")) in line
    assert "Sol" not in page.words
    assert "Homeroom’s support" not in Browser("ana").open(f"/children/{let_in.uuid('leo')}/who-has-looked").text.partition("<main")[2].partition("<select")[0]


def test_support_reads_spanish_too(let_in: School) -> None:
    page = sols("es").open("/support/students/1")
    assert "Estudiante 1" in page.words and "Clase 1" in page.words and names_in(page) == set()


def test_nothing_is_posted_to_supports_pages(let_in: School) -> None:
    assert [sols().post(path, {}).status for path in ("/support", "/support/students/1")] == [405, 405]
