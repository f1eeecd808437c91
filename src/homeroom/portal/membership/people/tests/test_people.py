"""Carl finds anyone by name and opens a page about one person, and no one else does."""

from collections.abc import Callable
from typing import Any

import pytest

from homeroom.portal.membership.tests.acting import appoint, ask, listed
from homeroom.portal.membership.ties.tests.keeping import one
from tests.browser import Browser, Page, statements
from tests.cast import identity
from tests.school import School, proof_of


def links(page: Page) -> set[str]:
    return {link.get("href", "") for link in page.find("a")}


def place(name: str) -> str:
    return f"/people/{identity(name)}"


def found(who: str, name: str) -> set[str]:
    """Returns the people that a search finds, as paths."""
    return {link for link in links(Browser(who, "staff").post("/people", {"name": name})) if identity_in(link)}


def identity_in(link: str) -> bool:
    return link.startswith(("/people/", "/office/codes/"))


@pytest.mark.parametrize(("words", "name"), [("nina", "nina"), ("RUIZ an", "ana"), ("larsen", "bo"), ("dana", "dana"), ("jo", "jo"), ("tia", "tia")])
def test_carl_finds_students_adults_and_staff_by_the_start_of_their_names(school: School, words: str, name: str) -> None:
    assert found("carl", words) == {place(name)}


@pytest.mark.parametrize("words", ["%ina", "_ina", "n.na", "nina' OR ''='", "[a-z]+", "(a+)+$"])
def test_a_pattern_or_a_part_of_a_statement_finds_no_one(school: School, words: str) -> None:
    assert Browser("carl", "staff").post("/people", {"name": words}).status == 200 and found("carl", words) == set()


@pytest.mark.parametrize("words", ["(nina", "nina\\", "^nina", "nina%"])
def test_marks_around_a_name_mean_nothing(school: School, words: str) -> None:
    assert found("carl", words) == {place("nina")}


def test_carl_finds_another_administrator_and_reads_that_only_the_operator_prints_her_code(own_school: School) -> None:
    appoint(own_school, "dana")
    assert found("carl", "okafor") == {place("dana"), place("kai")}
    page = Browser("carl", "staff").open(place("dana"))
    assert "The whole district" in page.words and f"/office/codes/{identity('dana')}" not in links(page)


def test_one_letter_finds_no_one_and_a_name_is_in_no_address_and_no_title(own_school: School) -> None:
    assert found("carl", "n") == set() == found("carl", "n a")
    assert one(own_school, "SELECT count(*) FROM ledger WHERE event = 'look'") == 0
    browser = Browser("carl", "staff")
    assert "Nina" not in browser.open("/people?name=nina").words
    assert ["Nina" in (each.text or "") for each in browser.open(place("nina")).find("title")] == [False]


def test_a_search_and_a_page_are_in_the_access_log_of_each_student(own_school: School) -> None:
    browser = Browser("carl", "staff")
    browser.post("/people", {"name": "nina"})
    browser.open(place("nina"))
    browser.open(place("ana"))
    browser.open(place("bo"))
    lines = """SELECT array_agg(l.act ORDER BY l.id) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
        WHERE s.student_id = %s AND l.event = 'look' AND l.person_id = %s"""
    with own_school.connect("owner") as owner:
        for student, acts in (("nina", ["codes", "ties"]), ("leo", ["ties"]), ("max", None)):
            assert owner.execute(lines, [own_school.ids[student], own_school.ids["carl"]]).fetchone() == (acts,), student


def test_a_students_page_leads_to_who_has_access_the_access_log_and_a_code(school: School) -> None:
    page = Browser("carl", "staff").open(place("nina"))
    assert "Nina Ruiz" in page.words and "Grade 7, Lincoln Middle" in page.words
    ways = {f"/office/ties/{identity('nina')}", f"/office/ties/{identity('nina')}/lines", f"/office/codes/{identity('nina')}"}
    assert ways <= links(page)
    for way in ways:
        assert Browser("carl", "staff").open(way).status == 200, way
    assert "/office/duties" not in links(page)


def test_an_adults_page_lists_the_students_and_whether_the_access_is_open(own_school: School) -> None:
    page = Browser("carl", "staff").open(place("ana"))
    assert {f"/office/ties/{identity('nina')}", f"/office/ties/{identity('leo')}"} <= links(page)
    assert "Nina Ruiz" in page.words and "Lincoln Elementary" in page.words and "2 students" in page.words
    assert "Suspended" in Browser("carl", "staff").open(place("jo")).words
    assert "Restricted" in Browser("carl", "staff").open(place("gus")).words
    own_school.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s AND student_id = %s", own_school.ids["ana"], own_school.ids["leo"])
    assert "Leo Ruiz" not in Browser("carl", "staff").open(place("ana")).words


def test_a_staff_members_page_lists_that_persons_duties_alone_and_leads_to_the_forms(school: School) -> None:
    page = Browser("carl", "staff").open(place("rosa"))
    assert "Lincoln Middle" in page.line("Attendance clerk,") and "Reading 3, Lincoln Elementary" in page.words and "Principal" not in page.words
    for way in ("duties/new", "substitutes/new", "administrators/new", "codes"):
        assert f"/office/{way}/{identity('rosa')}" in links(page)
        assert Browser("carl", "staff").open(f"/office/{way}/{identity('rosa')}").status == 200, way
    assert "Attendance clerk" not in Browser("carl", "staff").open(place("bo")).words


def test_a_teacher_who_is_a_mother_has_both_roles(school: School) -> None:
    page = Browser("carl", "staff").open(place("dana"))
    assert "Adult with access" in page.words and f"/office/ties/{identity('kai')}" in links(page) and f"/office/duties/new/{identity('dana')}" in links(page)


def test_dana_as_administrator_finds_neither_herself_nor_her_child(own_school: School) -> None:
    appoint(own_school, "dana")
    assert found("dana", "okafor") == set()
    for who in ("dana", "kai"):
        assert Browser("dana", "staff").open(place(who)).status == 404
    assert found("dana", "nina") == {place("nina")}


def test_an_administrator_of_a_school_finds_its_people_and_reads_its_students_alone(own_school: School) -> None:
    appoint(own_school, "pat", at="elementary")
    assert found("pat", "ruiz") == {place("leo"), place("ana")}
    assert Browser("pat", "staff").open(place("nina")).status == 404
    page = Browser("pat", "staff").open(place("ana"))
    assert f"/office/ties/{identity('leo')}" in links(page) and "Nina" not in page.words and "1 student" in page.words
    logged = "SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'ties' AND s.student_id = %s"
    assert [one(own_school, logged, own_school.ids[student]) for student in ("leo", "nina")] == [1, 0]
    assert Browser("pat", "staff").open(place("jo")).status == 404, "Jo has nothing to do with the school"
    assert "Attendance clerk" not in Browser("pat", "staff").open(place("rosa")).words, "a duty at another school"


def test_no_one_else_finds_a_persons_page(school: School) -> None:
    for who, side in (("bo", "staff"), ("pat", "staff"), ("rosa", "staff"), ("vera", "staff"), ("ana", "family"), ("nina", "student")):
        for path in ("/people", place("nina"), place("ana"), place("bo")):
            assert Browser(who, side).open(path).status == 404, (who, path)


def test_a_registrar_finds_people_to_print_a_code_for_and_opens_no_persons_page(own_school: School) -> None:
    own_school.change("UPDATE duty SET duty = 'registrar' WHERE person_id = %s", own_school.ids["rosa"])
    assert found("rosa", "nina") == {f"/office/codes/{identity('nina')}"}
    assert Browser("rosa", "staff").open(place("nina")).status == 404


def test_a_person_who_does_not_exist_or_has_no_role_has_no_page(own_school: School) -> None:
    for who in ("nobody", "lou"):
        assert Browser("carl", "staff").open(place(who)).status == 404


def test_the_view_of_one_adult_opens_no_other_adults_access(own_school: School) -> None:
    count = "SELECT array_agg(name ORDER BY name) FROM ties_of_adult()"
    assert listed(own_school, "carl", "ties", count, subject=identity("ana")) == ["Leo Ruiz", "Nina Ruiz"]
    assert listed(own_school, "carl", "ties", count, words="nina") is None and ask(own_school, "carl", count) is None
    assert listed(own_school, "pat", "ties", count, subject=identity("ana")) is None


def after(school: School, change: Callable[[], None]) -> Any:
    """Returns the students of Ana that Carl reads after a view that was committed before this change."""
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'ties', %s)", [proof_of("carl", "staff"), identity("ana")]).fetchone() or (0,)
    change()
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("carl", "staff"), entry])
        return (app.execute("SELECT array_agg(name ORDER BY name) FROM ties_of_adult()").fetchone() or (None,))[0]


def test_a_reader_related_through_a_child_since_the_view_can_no_longer_read_about_the_adult(own_school: School) -> None:
    """A file between the view and the page doesn't close the view."""
    assert after(own_school, lambda: None) == ["Leo Ruiz", "Nina Ruiz"]
    become = "UPDATE contact SET person_id = %s WHERE uuid = %s"
    assert after(own_school, lambda: own_school.change(become, own_school.ids["carl"], identity("contact/jo/nina"))) is None


def test_an_administrator_whose_district_office_ended_since_the_view_sees_only_the_schools_students(own_school: School) -> None:
    """The end of a day doesn't close a view."""
    appoint(own_school, "carl", at="elementary")

    def pass_day() -> None:
        own_school.change("ALTER TABLE administrator DISABLE TRIGGER USER")
        own_school.change("UPDATE administrator SET end_date = today() WHERE person_id = %s AND school_id IS NULL", own_school.ids["carl"])

    assert after(own_school, pass_day) == ["Leo Ruiz"]


def test_a_persons_page_asks_as_often_for_one_student_as_for_two(own_school: School) -> None:
    with statements() as two:
        Browser("carl", "staff").open(place("ana"))
    own_school.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s AND student_id = %s", own_school.ids["ana"], own_school.ids["leo"])
    with statements() as one_of_them:
        Browser("carl", "staff").open(place("ana"))
    assert len(two) == len(one_of_them) <= 9


def test_the_administrators_bar_leads_to_people_and_the_registrars_to_codes(own_school: School) -> None:
    assert "/people" in links(Browser("carl", "staff").open("/imports")) and "/office/codes" in links(Browser("carl", "staff").open("/people"))
