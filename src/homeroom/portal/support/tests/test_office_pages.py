"""The office gives support access and ends it, on its pages. The second approver reads what is granted before approving it."""

from typing import Any

import pytest

from homeroom.portal.membership.tests.acting import appoint, newest
from homeroom.portal.membership.two_people.pages import students_of
from homeroom.portal.support.tests.supported import add, asked, counts, grant, propose, sign_in
from tests.browser import Browser, Page, numbers
from tests.cast import NAMES
from tests.school import School

PLACE = "/office/support"


@pytest.fixture
def office(own_school: School) -> School:
    appoint(own_school, "pat")
    return own_school


def post(page: str, who: str = "carl", **values: Any) -> Page:
    browser = Browser(who, "staff")
    return browser._page(browser.client.post(page, values, HTTP_HOST=browser.host))


def test_carl_proposes_and_pat_confirms_what_she_reads(office: School) -> None:
    sol = add(office)
    form = f"{PLACE}/new/{sol}"
    found = post(form, find="1", name="ruiz ni")
    assert [link.get("href") for link in found.find("a") if "student=" in link.get("href", "")] == [f"?student={office.uuid('nina')}#chosen"]
    chosen = post(form, find="1", name="max", student=[office.uuid("nina")])
    both = f"?student={office.uuid('nina')}&student={office.uuid('max')}#chosen"
    assert "Student 1 Nina Ruiz" in chosen.words and both in [link.get("href") for link in chosen.find("a")]
    sent = post(form, student=[office.uuid("nina"), office.uuid("max")], hours="3", why="Her average")
    assert sent.headers["Location"] == "/office/two-people?then=proposed"
    page = Browser("pat", "staff").open("/office/two-people")
    assert page.said == {"support: waiting"} and "Sol Park" in page.words and "3 hours" in page.words
    assert f"{NAMES['nina']}, {NAMES['max']}." in page.words
    which, _ = newest(office)
    seen = next(field.get("value", "") for field in page.find("input") if field.get("name") == "seen")
    done = post(f"/office/two-people/{which}/answer", "pat", answer="second", seen=seen)
    assert done.headers["Location"] == "/office/two-people?then=carried+out" and sign_in(office)


def test_a_running_grant_is_on_the_page_and_any_administrator_can_end_it(office: School) -> None:
    made = grant(office, "nina")
    sign_in(office)
    with asked(office, 1) as app:
        page = Browser("carl", "staff").open(PLACE)
        running = page.part(f"g-{made}")
        assert page.said == {"running"} and "1 student was viewed." in running and "Student 1 Nina Ruiz" in running
        assert post(f"{PLACE}/{made}/end", "pat", why="").headers["Location"] == f"{PLACE}?then=why"
        assert post(f"{PLACE}/{made}/end", "pat", why="Enough").headers["Location"] == f"{PLACE}?then=ended"
        assert not any(counts(app).values())
    page = Browser("carl", "staff").open(PLACE)
    assert page.said == {"none"} and "Pat Quill" in page.part("over") and "Enough" in page.part("over")
    assert post(f"{PLACE}/{made}/end", "pat", why="Again").status == 404


@pytest.mark.parametrize(("values", "says"), [
    ({"hours": "3"}, "Write a reason."),
    ({"hours": "5", "why": "x"}, "Choose one to four hours."),
    ({"hours": "four", "why": "x"}, "Choose one to four hours."),
    ({"hours": "1", "why": "x", "student": ["no id", "bo"]}, "You can’t propose this"),
])  # fmt: skip
def test_an_invalid_support_proposal_gets_a_one_sentence_message(office: School, values: dict[str, Any], says: str) -> None:
    page = post(f"{PLACE}/new/{add(office)}", **values)
    assert page.status == 422 and says in page.words


def test_a_twenty_first_student_is_refused(office: School) -> None:
    many = [f"00000000-0000-4000-8000-0000000000{n:02}" for n in range(21)]
    page = post(f"{PLACE}/new/{add(office)}", hours="1", why="x", student=many)
    assert page.status == 422 and numbers(page.at("students-error")) == ["20"]


def test_the_form_says_that_the_supporter_already_has_an_active_grant(office: School) -> None:
    sol = add(office)
    grant(office, "nina", supporter=sol)
    page = post(f"{PLACE}/new/{sol}", hours="1", why="x", student=[office.uuid("max")])
    assert page.status == 422 and "active grant" in page.at("students-error")


def test_a_supporter_without_a_passkey_is_named_and_cannot_be_let_in(office: School) -> None:
    with office.connect("owner") as owner:
        (kim,) = owner.execute("SELECT add_supporter('Kim Vo', 'x')::text").fetchone() or ("",)
    page = Browser("carl", "staff").open(PLACE)
    assert "not registered" in page.line("Kim Vo")
    assert Browser("carl", "staff").open(f"{PLACE}/new/{kim}").status == 404


def test_a_school_administrator_sees_no_one_on_the_support_page_and_proposes_nothing(office: School) -> None:
    appoint(office, "rosa", at="middle")
    sol = add(office)
    grant(office, "nina", supporter=sol)
    page = Browser("rosa", "staff").open(PLACE)
    assert page.said == {"of a school"} and "Sol" not in page.words and "Nina" not in page.words
    assert Browser("rosa", "staff").open(f"{PLACE}/new/{sol}").status == 404


def test_a_grant_about_files_says_so_to_the_second(office: School) -> None:
    propose(office, add(office))
    assert students_of([]) in Browser("pat", "staff").open("/office/two-people").words


def test_the_support_page_appears_in_spanish(office: School) -> None:
    grant(office, "nina")
    page = Browser("carl", "staff", language="es").open(PLACE)
    assert "Soporte tiene acceso" in page.words and "Estudiante 1" in page.words
