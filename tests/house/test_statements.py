"""A family's statement appears wherever the value that it is about does: on pages, in tables, and in every function that returns the value."""

import csv
import io
import re
from collections.abc import Callable
from functools import cache
from zipfile import ZipFile

import pytest

from homeroom.portal.wording import dates
from tests.browser import Browser
from tests.cast import identity
from tests.house.test_doors import GUARDED, samples
from tests.school import School

SCORE, GRADE, MARK, NAME, OTHER, BIRTH = "Says score.", "Says grade.", "Says mark.", "Says name.", "Says other.", "Says birth."
NINA = f"/children/{identity('nina')}"
CLASS = f"/classes/{identity('algebra')}"
VIEWS = ("?view=grid", "?view=assignment", f"?view=student&student={identity('nina')}", "?all=everything", "?days=week")
# Functions that return a score, a grade or a mark without its statement.
WITHOUT = {
    "correctable_shown": "lists what a form can name. The page has the requests with their statements",
    "support_work": "a supporter reads numbers and no one's words",
    "support_marks": "a supporter reads numbers and no one's words",
    "attendance_codes_met": "returns codes of the district and no student",
    "attendance_codes_counted": "returns numbers and no student",
    "attendance_codes_touched": "returns numbers and no student",
    "absences_counted": "returns numbers and no student",
    "classes_i_teach": "returns numbers of classes and no student",
}

STATED = """INSERT INTO correction (uuid, student_id, person_id, about, of_row, value_wanted, ground, why, state, statement, statement_at)
    SELECT gen_random_uuid(), s.id, a.id, %s, %s, 'x', 'inaccurate', 'x', 'refused', %s, now()
    FROM person s, person a WHERE s.sourced_id = 'nina' AND a.sourced_id = 'ana'"""


@pytest.fixture(scope="module")
def stated(school: School) -> School:
    """Nina's mother has stated something about a score, a grade, an absence, the name, the birth date, and something else. The score and the absence are new
    since the last visit, and the score has a text that is nowhere else."""
    with school.connect("owner") as owner:
        owner.execute("UPDATE result SET text_score = 'Zq7', score = NULL WHERE id = %s", [identity("algebra quiz/nina")])
        owner.execute("UPDATE result SET text_score = 'Zq8', score = NULL WHERE id = %s", [identity("algebra grade/nina")])
        for about, row, words in (
            ("score", "algebra quiz/nina", SCORE), ("class grade", "algebra grade/nina", GRADE), ("attendance", "mark/nina", MARK),
            ("first name", None, NAME), ("other", None, OTHER), ("birth date", None, BIRTH),
        ):  # fmt: skip
            owner.execute(STATED, [about, row and identity(row), words])
        owner.execute("""INSERT INTO correction (student_id, person_id, about, value_wanted, ground, why, state, statement, statement_at)
            SELECT id, id, 'birth date', 'x', 'inaccurate', 'x', 'refused', 'Says born ' || sourced_id, now() FROM person WHERE is_student""")
        owner.execute("UPDATE demographic SET birth_date = birth_date + person_id::integer")  # each on another day, and not as people typed it
    return school


PEOPLE = {"ana": "family", "tia": "family", "nina": "student", "bo": "staff", "carl": "staff", "rosa": "staff", "pat": "staff", "dana": "staff"}


@pytest.fixture(scope="module")
def pages(stated: School) -> Callable[[str], dict[str, str]]:
    return cache(lambda who: pages_of(stated, who))


def pages_of(school: School, who: str) -> dict[str, str]:
    """Returns the words of every page that is open to this person, with every view of a class and of the work."""
    visitor = Browser(who, PEOPLE[who])
    paths = [door.path(**samples(school, door)) for door in GUARDED]
    paths += [f"{path}{view}" for path in ("/", NINA, CLASS, "/absences", f"{NINA}/earlier") for view in VIEWS]
    found = {path: visitor.open(path) for path in paths}
    return {path: page.words for path, page in found.items() if page.status == 200 and page.tree is not None}


def lacking(pages: dict[str, str], value: str, words: str) -> list[str]:
    return [path for path, said in pages.items() if value in said and words not in said]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_page_with_a_score_or_a_grade_has_its_statement(pages: Callable[[str], dict[str, str]], who: str) -> None:
    found = pages(who)
    assert lacking(found, "Zq7", SCORE) == [] and lacking(found, "Zq8", GRADE) == []
    shows = {name for name, value in (("score", "Zq7"), ("grade", "Zq8")) if any(value in said for said in found.values())}
    assert shows == ({"score", "grade"} if who in ("ana", "tia", "nina", "bo", "pat") else set()), who


BORN_ON = {"ana": {"children"}, "nina": {"children"}, "carl": {"office", "questions"}}  # the first part of the addresses


def born(school: School) -> dict[str, set[str]]:
    """Returns each birth date as pages write it, with the statements about it. Some students are born on the same day."""
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT d.birth_date, p.sourced_id FROM demographic d JOIN person p ON p.id = d.person_id WHERE p.is_student").fetchall()
    return {" ".join(dates.dated_day(day).split()): {f"Says born {name}" for other, name in rows if other == day} for day, _ in rows}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_page_with_a_birth_date_has_its_statement(stated: School, pages: Callable[[str], dict[str, str]], who: str) -> None:
    found, days = pages(who), born(stated)
    shown = {(path, day) for path, said in found.items() for day in days if day in said}
    assert {(path, day) for path, day in shown if not any(words in found[path] for words in days[day])} == set()
    assert {path.strip("/").partition("/")[0] for path, _ in shown} == BORN_ON.get(who, set())


def test_the_pages_of_rights_at_18_have_it_too(stated: School) -> None:
    """They show the 18th birthday, which is the birth date."""
    stated.change("UPDATE majority SET announced_at = now(), applied_at = NULL, held_at = NULL")
    assert "Says born max" in Browser("carl", "staff").open("/office/ages/soon").words
    stated.change("UPDATE majority SET held_at = now()")
    assert "Says born max" in Browser("carl", "staff").open("/office/ages/soon").words


@pytest.mark.parametrize(("who", "path"), [
    ("ana", "/"), ("ana", NINA), ("ana", f"{NINA}/attendance"), ("nina", "/"), ("nina", f"{NINA}/attendance"), ("rosa", "/absences"), ("pat", NINA),
])  # fmt: skip
def test_a_page_with_an_absence_has_its_statement(stated: School, who: str, path: str) -> None:
    assert MARK in Browser(who, PEOPLE[who]).open(path).words


@pytest.mark.parametrize(("who", "path", "shown"), [
    ("ana", NINA, {NAME, OTHER}), ("ana", f"{NINA}/attendance", {NAME, OTHER}), ("ana", f"{NINA}/earlier", {NAME, OTHER}),
    ("ana", f"{NINA}/everything", {NAME, OTHER, BIRTH, SCORE, GRADE, MARK}), ("nina", "/", {NAME, OTHER}), ("tia", NINA, {NAME}),
    ("pat", NINA, {NAME, OTHER}), ("bo", f"{CLASS}{VIEWS[2]}", {NAME, OTHER}),
])  # fmt: skip
def test_a_statement_about_the_record_is_on_its_pages(stated: School, who: str, path: str, shown: set[str]) -> None:
    """A tutor doesn't read what may be about a part that no tutor sees."""
    words = Browser(who, PEOPLE[who]).open(path).words
    assert {said for said in (NAME, OTHER, BIRTH) if said in words} == shown - {SCORE, GRADE, MARK}
    assert all(said in words for said in shown)


def test_a_table_for_a_spreadsheet_has_each_statement_in_the_row_that_it_is_about(stated: School) -> None:
    page = Browser("ana").open(f"{NINA}/download")
    rows = list(csv.reader(io.StringIO(page.text.removeprefix("\ufeff"))))
    said = {row[-1].split("“")[-1].rstrip("”"): row for row in rows[1:] if row[-1]}
    assert rows[0][-1] == "Statement" and said.keys() == {SCORE, GRADE, MARK}
    assert "Zq7" in said[SCORE] and "Zq8" in said[GRADE] and "absent all day" in said[MARK]


def test_a_copy_of_everything_has_all_of_them(stated: School) -> None:
    content = Browser("ana").open(f"{NINA}/everything/download").text.encode("latin-1")
    with ZipFile(io.BytesIO(content)) as packed:
        values, page = (packed.read(name).decode() for name in ("everything.csv", "everything.html"))
    assert all(said in values and said in page for said in (NAME, OTHER, BIRTH, SCORE, GRADE, MARK))


def test_every_function_that_returns_a_score_or_a_mark_returns_its_statement(school: School) -> None:
    with school.connect("owner") as owner:
        found = owner.execute("""SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            AND has_function_privilege('app', p.oid, 'EXECUTE') AND p.proretset""").fetchall()
        calls = dict(owner.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace").fetchall())
    assert found
    reads = {name for name, body in found if re.search(r"\b(FROM|JOIN) (result|attendance_mark)\b", reached(body, calls))}
    assert {name for name in reads if "statement" not in reached(dict(found)[name], calls)} - set(WITHOUT) == set()
    assert set(WITHOUT) <= reads


def reached(body: str, calls: dict[str, str]) -> str:
    """Returns the body with those of the reading functions that it hands on (`…_of_view`, `…_at`)."""
    return body + "".join(calls[name] for name in re.findall(r"\b(\w+_of_view|\w+_at|work_counted)\(", body) if name in calls)


def test_every_function_that_returns_a_birth_date_returns_its_statement(school: School) -> None:
    with school.connect("owner") as owner:
        found = dict(owner.execute("""SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            AND has_function_privilege('app', p.oid, 'EXECUTE')""").fetchall())
    reads = {name for name, body in found.items() if re.search(r"\b(FROM|JOIN) demographic\b", body)}
    assert {"records_beside", "ages_soon", "question_beside", "everything_shown"} <= reads
    assert {name for name in reads if "statement" not in found[name]} == set()


def test_a_reader_of_an_alias_gets_no_statement_about_the_name(own_school: School) -> None:
    """A tutor sees the alias. What the family says about the last name may have the name."""
    with own_school.connect("owner") as owner:
        owner.execute(STATED, ["first name", None, NAME])
    assert NAME in Browser("tia").open(NINA).words
    own_school.change("INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)"
                      " VALUES (%s, 'Robin', 'Vale', 'threat', today(), %s)", own_school.ids["nina"], own_school.ids["carl"])  # fmt: skip
    assert NAME not in Browser("tia").open(NINA).words and NAME in Browser("ana").open(NINA).words
