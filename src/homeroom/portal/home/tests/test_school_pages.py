"""Pat the principal finds a student, opens the student's page, and sees whom she viewed lately. Rosa the clerk opens it for attendance."""

from collections.abc import Sequence

import pytest

from tests.browser import Browser, Page, statements
from tests.cast import CANARY
from tests.school import School

LOG = """SELECT s.student_id, l.act, s.kinds, l.capacity FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
    WHERE l.event = 'look' AND l.person_id = %s ORDER BY s.id"""


def pat(path: str = "/students", language: str = "en") -> Page:
    return Browser("pat", "staff", language).open(path)


def find(name: str, who: str = "pat") -> Page:
    return Browser(who, "staff").post("/students", {"name": name})


def listed(page: Page) -> list[str]:
    assert page.status == 200
    return ["".join(link.itertext()) for link in page.find("a") if (link.get("href") or "").startswith("/children/")]


def log_of(school: School, who: str) -> Sequence[tuple[object, ...]]:
    with school.connect("owner") as owner:
        return owner.execute(LOG, [school.ids[who]]).fetchall()


def child(school: School, name: str, rest: str = "") -> str:
    return f"/children/{school.uuid(name)}{rest}"


def test_pats_home_is_the_search_and_her_menu_has_it(school: School) -> None:
    assert Browser("pat", "staff").open("/").headers["Location"] == "/students"
    assert {"/students", "/absences", "/classes"} <= {link.get("href") for link in pat("/news").find("a")}


def test_pat_finds_students_of_her_school_by_the_start_of_a_name(own_school: School) -> None:
    assert listed(find("ni")) == ["Nina Ruiz"] == listed(find("ruiz n"))
    assert listed(find("leo")) == listed(find("bo")) == listed(find("ana")) == [], "another school, a teacher, a parent"
    lines = log_of(own_school, "pat")
    assert lines == [(own_school.ids["nina"], "students", ["names"], "duty: principal")]


def test_one_letter_finds_no_one_and_is_no_view(own_school: School) -> None:
    assert listed(find("n")) == [] == log_of(own_school, "pat")


@pytest.mark.parametrize("who", ["rosa staff", "bo staff", "carl staff", "ana family", "nina student"])
def test_the_page_does_not_exist_for_everyone_else(own_school: School, who: str) -> None:
    person, side = who.split()
    assert Browser(person, side).open("/students").status == Browser(person, side).post("/students", {"name": "nina"}).status == 404
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'students'").fetchone() == (0,)


def test_pat_reads_ninas_page_and_nina_reads_that_pat_did(own_school: School) -> None:
    page = pat(child(own_school, "nina"))
    for said in ("Nina Ruiz", "Algebra 1", "B+", "absent all day", CANARY):
        assert said in page.words, said
    assert log_of(own_school, "pat") == [(own_school.ids["nina"], "child", ["grades", "attendance"], "duty: principal")]
    links = {link.get("href") for link in page.find("a")}
    assert not links & {"/requests", "/inspection", child(own_school, "nina", "/who-has-looked"), child(own_school, "nina", "/challenge")}
    assert "Pat Quill" in Browser("ana").open(child(own_school, "nina", "/who-has-looked")).words


def test_rosa_reads_ninas_attendance_and_no_grade(own_school: School) -> None:
    page = Browser("rosa", "staff").open(child(own_school, "nina"))
    assert "absent all day" in page.words and "B+" not in page.words and "Algebra" not in page.words
    assert not any(heading.get("id") in ("classes", "looked") for heading in page.find("h2"))
    assert log_of(own_school, "rosa") == [(own_school.ids["nina"], "child", ["attendance"], "duty: attendance clerk")]


@pytest.mark.parametrize("rest", ["", "/attendance", "/earlier"])
def test_neither_opens_the_page_of_another_schools_student(own_school: School, rest: str) -> None:
    for who in ("pat", "rosa"):
        assert Browser(who, "staff").open(child(own_school, "leo", rest)).status == 404
        assert Browser(who, "staff").open(child(own_school, "nina", rest)).status == 200
    assert Browser("bo", "staff").open(child(own_school, "nina", rest)).status == 404


def test_pat_sees_the_students_she_viewed_recently_newest_first(own_school: School) -> None:
    assert listed(pat()) == []
    pat(child(own_school, "max")), pat(child(own_school, "nina"))
    Browser("rosa", "staff").open(child(own_school, "kai"))
    assert listed(pat()) == ["Nina Ruiz", "Max Moss"]
    own_school.change("UPDATE view_day SET day = day - 8, last_at = last_at - interval '8 days' WHERE student_id = %s", own_school.ids["max"])
    assert listed(pat()) == ["Nina Ruiz"]


def test_a_student_pat_is_restricted_from_is_neither_found_nor_opened(own_school: School) -> None:
    pat(child(own_school, "nina"))
    own_school.change("""INSERT INTO restriction (uuid, person_id, student_id, basis, start_date, made_by_id)
        VALUES (gen_random_uuid(), %s, %s, 'court order', today(), %s)""",
        own_school.ids["pat"], own_school.ids["nina"], own_school.ids["carl"])  # fmt: skip
    assert listed(find("nina")) == listed(pat()) == [] and pat(child(own_school, "nina")).status == 404


def test_pat_finds_a_student_with_an_alias_by_both_names_and_reads_the_real_one(own_school: School) -> None:
    own_school.change("INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id) VALUES (%s, 'Abe', 'Zinn', 'threat', "
        "today(), %s)", own_school.ids["max"], own_school.ids["carl"])  # fmt: skip
    assert listed(find("zinn")) == ["Max Moss"] == listed(find("moss"))


def test_the_search_sends_as_many_statements_for_twenty_students_as_for_one(own_school: School) -> None:
    own_school.change("""WITH p AS (INSERT INTO person (sourced_id, given_name, family_name, is_student)
            SELECT 'extra' || n, 'Ann', 'Aab' || lpad(n::text, 3, '0'), true FROM generate_series(1, 60) n RETURNING id)
        INSERT INTO role (sourced_id, person_id, school_id, role) SELECT 'extra' || id, id, %s, 'student' FROM p""", own_school.ids["middle"])
    with statements() as many:
        assert len(listed(find("aab"))) == 20
    with statements() as one:
        assert len(listed(find("aab007"))) == 1
    assert len(many) == len(one)


def test_pats_classes_have_their_teachers_and_a_search(own_school: School) -> None:
    page = pat("/classes")
    assert [span.text for span in page.find("span") if span.get("data-teachers") is not None] == ["Bo Larsen", "Sam Reed", "Dana Okafor"]
    for words, title in (("lars", "Algebra 1"), ("eng", "English 7"), ("7 oka", "English 7")):
        found = Browser("pat", "staff").post("/classes", {"name": words})
        assert [item for item in ("Algebra 1", "English 7", "Art 7") if item in found.words] == [title]
    assert "Algebra 1" not in Browser("pat", "staff").post("/classes", {"name": "gebra"}).words


def test_the_page_is_in_spanish_too(school: School) -> None:
    words = pat(language="es").words
    assert "Estudiantes" in words and "Buscar un estudiante" in words and "Find" not in words and "lately" not in words
