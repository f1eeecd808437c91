"""Aliases on pages: the tutor's, a roll call, a class list, an import's changes, and the office's own."""

import pytest

from homeroom.portal.membership.masking.tests.masking import mask, masking_of
from homeroom.portal.membership.tests.acting import appoint
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

FORM = {"given": "Robin", "family": "Vale", "basis": "protective order", "last": ""}


@pytest.fixture
def masked(own_school: School) -> School:
    """Nina is Robin Vale, Leo is Sol Winter, Kai is Wren Hale."""
    own_school.change("DELETE FROM masking")
    for whom, alias in (("nina", "Robin Vale"), ("leo", "Sol Winter"), ("kai", "Wren Hale")):
        assert mask(own_school, whom, alias) == "masked"
    return own_school


def test_family_student_and_teachers_read_the_name_on_their_pages(masked: School) -> None:
    child, gradebook = f"/children/{masked.uuid('nina')}", f"/classes/{masked.uuid('english')}"
    for browser, path, name in (
        (Browser("ana"), "/", "Nina"), (Browser("ana"), child, "Nina Ruiz"), (Browser("nina", "student"), child, "Hi, Nina"),
        (Browser("dana", "staff"), gradebook, "Ruiz, Nina"), (Browser("pat", "staff"), gradebook, "Ruiz, Nina"),
    ):  # fmt: skip
        page = browser.open(path)
        assert page.status == 200 and name in page.words and "Robin" not in page.words, (path, name)


def test_a_tutor_reads_the_alias_and_the_same_grades(masked: School) -> None:
    tia = Browser("tia")
    for path in ("/", f"/children/{masked.uuid('nina')}", "/tutoring"):
        page = tia.open(path)
        assert page.status == 200 and "Nina" not in page.text, path
    page = tia.open(f"/children/{masked.uuid('nina')}")
    assert "Robin Vale" in page.words and "9 of 10" in page.words and "Ruiz" not in page.text


def test_a_substitute_calls_the_roll_by_alias(masked: School) -> None:
    page = Browser("rosa", "staff").open(f"/substitute/{masked.uuid('reading')}")
    assert "Winter, Sol" in page.words and "Leo" not in page.text and "Ruiz" not in page.text


def test_a_teacher_of_the_school_sees_the_alias_in_someone_elses_class(masked: School) -> None:
    masked.change("UPDATE district SET teachers_see_school = true")
    page = Browser("bo", "staff").open(f"/classes/{masked.uuid('english')}")
    assert "Hale, Wren" in page.words and "Kai" not in page.text
    assert "Ruiz, Nina" in page.words, "whom Bo teaches himself"


def test_an_adult_with_closed_access_sees_neither_name_nor_alias(masked: School) -> None:
    for path in ("/", f"/checks/{masked.uuid('tie/jo/nina')}"):
        page = Browser("jo").open(path)
        assert page.status == 200 and "your child" in page.words
        assert not any(word in page.text for word in ("Nina", "Robin", "Vale")), path


def test_only_a_masked_students_own_offices_see_what_a_file_would_change_about_them(masked: School) -> None:
    masked.change("UPDATE duty SET school_id = %s WHERE person_id = %s", masked.ids["elementary"], masked.ids["rosa"])
    appoint(masked, "rosa", at="elementary")
    number = masked.ids["file"]
    of_rosa, of_carl = (Browser(who, "staff").open(f"/imports/{number}/changes") for who in ("rosa", "carl"))
    assert "Nina Ruiz" in of_carl.words and "Nina" not in of_rosa.text and "Ida" in of_rosa.text
    assert Browser("carl", "staff").open(f"/imports/{number}/changes/{masked.uuid('changes/nina')}").status == 200
    assert Browser("rosa", "staff").open(f"/imports/{number}/changes/{masked.uuid('changes/nina')}").status == 404
    for path in (f"/imports/{number}/questions", f"/imports/questions/{masked.uuid('question')}"):
        assert "Nina" not in Browser("rosa", "staff").open(path).text, path


def test_carl_masks_and_proposes_to_end_it(own_school: School) -> None:
    own_school.change("DELETE FROM masking")
    carl = Browser("carl", "staff")
    assert carl.open("/office/masked").said == {"none"}
    assert "Nina Ruiz" in carl.post("/office/masked", {"name": "nin"}).text
    new = f"/office/masked/new/{identity('nina')}"
    today = str(carl.open(new).text).partition('name="first"')[2].partition('value="')[2][:10]
    odd = carl.post(new, FORM | {"family": "Ruiz", "first": today})
    assert odd.status == 422 and odd.wrong == {"given", "family"} and "gives the name" in odd.error("given") and 'value="Robin"' in odd.text
    assert carl.post(new, FORM | {"first": ""}).status == 422
    assert carl.post(new, FORM | {"first": today}).headers["Location"] == "/office/masked?then=masked"
    page = carl.open("/office/masked?then=masked")
    assert page.said == {"masked"} and "Protective order" in page.line("Robin Vale")
    end = f"/office/masked/{masking_of(own_school, 'nina')}/end"
    assert carl.post(end, {"why": ""}).headers["Location"] == "/office/masked?then=why"
    assert carl.post(end, {"why": "It is over"}).headers["Location"] == "/office/two-people?then=proposed"
    page = carl.open("/office/two-people")
    assert page.said == {"unmasking: waiting"} and "Nina Ruiz’s" in page.words
    assert "needs a second approval" in carl.open("/office/masked").words
    ana = Browser("ana").open(f"/children/{own_school.uuid('nina')}/who-has-looked")
    assert "student masked" in ana.said and "protective order" not in ana.words, "why is not for every tie of the child"


def test_the_pages_of_masked_students_are_not_there_for_others(masked: School) -> None:
    for who, side in (("pat", "staff"), ("bo", "staff"), ("ana", "family"), ("vera", "staff")):
        browser = Browser(who, side)
        assert browser.open("/office/masked").status == 404
        assert browser.post(f"/office/masked/{masking_of(masked, 'nina')}/end", {"why": "x"}).status == 404
    appoint(masked, "bo", at="elementary")
    bo = Browser("bo", "staff")
    assert "Robin" not in bo.open("/office/masked").text and "Sol Winter" in bo.open("/office/masked").text
    assert bo.open(f"/office/masked/new/{identity('nina')}").status == 404
    assert bo.post(f"/office/masked/{masking_of(masked, 'nina')}/end", {"why": "x"}).status == 404
