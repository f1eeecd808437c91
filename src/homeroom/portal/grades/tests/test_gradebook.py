"""Who opens which class, and what the gradebook shows."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.browser import Browser, Page, numbers, statements
from tests.cast import CANARY, HERE, Writer, identity
from tests.school import School


def path(section: str) -> str:
    return f"/classes/{identity(section)}"


def opened(section: str = "algebra", person: str = "bo", **words: object) -> Page:
    return Browser(person, "staff").open(f"{path(section)}?{'&'.join(f'{k}={v}' for k, v in words.items())}")


def cells(page: Page, name: str) -> list[str]:
    """Returns the row of the grid that begins with this name."""
    for row in page.find("tr"):
        said = [" ".join("".join(cell.itertext()).split()) for cell in row]
        if said and said[0] == name:
            return said[1:]
    raise AssertionError(f"no row of {name}")


def test_bo_finds_his_class_and_no_score_before_he_opens_it(school: School) -> None:
    page = Browser("bo", "staff").open("/classes")
    assert page.status == 200 and "Algebra 1, period 2" in page.words and "2 students" in page.words
    assert "Lincoln Middle" in page.words and "Fall term" in page.words and "English" not in page.words
    assert path("algebra") in page.text and "88.4" not in page.text


def test_bos_list_of_classes_is_not_a_view(own_school: School) -> None:
    Browser("bo", "staff").open("/classes")
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger").fetchone() == (0,)


def test_pat_the_principal_finds_every_class_of_the_school_but_no_other_school(school: School) -> None:
    page = Browser("pat", "staff").open("/classes")
    others = page.part("others")
    assert "Algebra 1" in others and "English 7" in others and "Art 7" in others
    assert "Reading 3" not in page.words


@pytest.mark.parametrize("person", ["rosa", "carl"])
def test_staff_who_teach_nothing_see_why_the_page_is_empty(school: School, person: str) -> None:
    page = Browser(person, "staff").open("/classes")
    assert page.part("none") and "Algebra" not in page.words


def test_bo_reads_his_class(school: School) -> None:
    page = opened()
    assert page.status == 200 and "Algebra 1, period 2" in page.words and "2 students" in page.words
    assert cells(page, "Ruiz, Nina") == ["B+ 88.4 of 10", "9"]
    assert cells(page, "Moss, Max") == ["B+ 88.4 of 10", "9"]
    assert "Read only:" in page.words


def test_bo_sees_of_nina_only_his_own_class(school: School) -> None:
    for view in ("grid", "assignment", "student"):
        page = opened(view=view, term="all")
        assert "English" not in page.words and "Kai" not in page.words


def untimed(page: Page) -> str:
    """Returns the words without the line that only paper shows, because it has the time."""
    return re.sub("Printed by .*? private", "", page.words)


NOT_THEIRS = """
    dana staff algebra, bo staff english, rosa staff algebra, carl staff algebra, pat staff reading,
    ana family algebra, nina student algebra, dana family english
"""


@pytest.mark.parametrize("case", [case.strip() for case in NOT_THEIRS.split(",")])
def test_another_persons_class_gets_the_same_page_as_a_class_that_does_not_exist(school: School, case: str) -> None:
    person, side, section = case.split()
    page = Browser(person, side).open(path(section))
    nothing = Browser(person, side).open(path("no such class"))
    assert page.status == nothing.status == 404 and untimed(page) == untimed(nothing)


def test_pat_opens_a_class_by_her_duty_and_it_is_in_ninas_access_log(own_school: School) -> None:
    assert opened(person="pat").status == 200
    words = Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words
    assert "Pat Quill viewed" in words and "Algebra 1" in words and "duty of principal" in words


def test_a_teacher_who_left_the_class_no_longer_opens_it(own_school: School) -> None:
    own_school.change("UPDATE enrollment SET end_date = today() - 2 WHERE key = %s", identity("algebra/bo"))
    assert opened().status == 404 and "Algebra" not in Browser("bo", "staff").open("/classes").words


def test_a_child_under_a_restriction_against_the_teacher_is_not_in_the_class(own_school: School) -> None:
    own_school.change("UPDATE restriction SET person_id = %s", own_school.ids["bo"])
    page = opened()
    assert page.status == 200 and "Max" not in page.words and "1 student" in page.words
    with own_school.asked_by("bo", "staff", ("gradebook", "algebra")) as app:
        assert app.execute("SELECT given_name FROM class_names_shown()").fetchall() == [("Nina",)]


def result(school: School, work: str, student: str, **values: Any) -> None:
    assignments = ", ".join(f"{name} = %s" for name in values)
    school.change(f"UPDATE result SET {assignments} WHERE id = %s", *values.values(), identity(f"{work}/{student}"))


@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize("exempt", [True, False])
def test_bo_and_ana_read_the_same_about_a_grade_that_is_not_there(own_school: School, ticked: bool, exempt: bool) -> None:
    own_school.change("UPDATE district SET estimates = %s", ticked)
    result(own_school, "algebra grade", "nina", **({"status": 0} if exempt else {"score": None, "text_score": None}))
    said = "90.0%" if ticked else "The school has not sent a grade for this class."
    family = Browser("ana").open(f"/children/{identity('nina')}").words
    teacher = opened(view="student", student=identity("nina")).words
    assert said in family and said in teacher and "Nothing that counts has been scored." not in teacher
    if ticked:
        assert cells(opened(view="grid"), "Ruiz, Nina")[0] == "90.0%"


def test_the_grid_says_now_of_no_grade_of_a_term_that_is_over(own_school: School) -> None:
    assert "Grade now" in opened(view="grid").words
    own_school.change("INSERT INTO term (uuid, sourced_id, title, kind, school_year, start_date, end_date)"
                      " SELECT gen_random_uuid(), 'summer', 'Summer', kind, school_year, start_date - 90, start_date FROM term"
                      " WHERE sourced_id = 'fall'")  # fmt: skip
    own_school.change("UPDATE line_item SET term_id = (SELECT id FROM term WHERE sourced_id = 'summer') WHERE key = %s", identity("algebra grade"))
    page = opened(view="grid")
    assert "Grade now" not in page.words and cells(page, "Ruiz, Nina")[0] == "B+ 88.4 of 10 Summer"
    for words in (opened(view="student", student=identity("nina")).words, Browser("ana").open(f"/children/{identity('nina')}").words):
        assert "B+ 88.4 of 10 Summer" in words


def test_missing_late_excused_and_unscored_work_have_letters_and_words(own_school: School) -> None:
    result(own_school, "algebra quiz", "nina", score=None, status=2)
    result(own_school, "algebra quiz", "max", score=8, is_late=True)
    page = opened(view="grid")
    assert cells(page, "Ruiz, Nina")[1] == "MMissing" and cells(page, "Moss, Max")[1] == "LLate 8"
    assert page.said == {"lacking 1, waiting 0"}
    result(own_school, "algebra quiz", "nina", score=None, status=0)
    result(own_school, "algebra quiz", "max", score=None, status=4)
    page = opened(view="grid")
    assert cells(page, "Ruiz, Nina")[1] == "ExExcused, not counted"
    assert cells(page, "Moss, Max")[1].startswith("–No score")
    assert page.said == {"lacking 0, waiting 1"}


def test_a_name_with_an_accent_is_sorted_as_on_a_paper_list(own_school: School) -> None:
    own_school.change("UPDATE person SET family_name = 'Álvarez' WHERE given_name = 'Nina'")
    own_school.change("UPDATE person SET family_name = 'Baker' WHERE given_name = 'Max'")
    names = [link.text for link in opened(view="grid").find("a") if link.text and ", " in link.text]
    assert names == ["Álvarez, Nina", "Baker, Max"]


def test_only_students_with_missing_work(own_school: School) -> None:
    result(own_school, "algebra quiz", "nina", score=None, is_missing=True)
    page = opened(view="grid", only="missing")
    assert "Ruiz, Nina" in page.words and "Moss, Max" not in page.words and "Show everyone" in page.words


def test_one_assignment_says_how_the_scores_lie(own_school: School) -> None:
    result(own_school, "algebra quiz", "max", score=6.5)
    page = opened(view="assignment")
    assert "Algebra quiz" in page.words and numbers(page.at("spread")) == ["2", "2", "7.75", "6.5", "9"]
    assert "Moss, Max6.5 of 10" in page.words and "Ruiz, Nina9 of 10" in page.words


def test_one_student_shows_the_grade_and_where_it_comes_from(school: School) -> None:
    page = opened(view="student", student=identity("nina"))
    assert "Ruiz, Nina" in page.words and "B+ 88.4 of 10" in page.words
    assert "for Fall term" in page.part("grade") and f"“{CANARY}”" in page.words


def test_a_stranger_in_the_address_shows_the_first_of_the_class_instead(school: School) -> None:
    page = opened(view="student", student=identity("kai"))
    assert "Moss, Max" in page.words and "Kai" not in page.words


def test_a_phone_opens_on_one_assignment_and_a_wide_screen_on_the_grid(school: School) -> None:
    page = opened()
    assert 'class="wide-only' in page.text and 'class="narrow-only"' in page.text
    assert "narrow-only" not in opened(view="grid").text and "book" not in opened(view="assignment").find("table")


def test_a_student_without_a_grade_has_an_estimate_only_if_the_district_turned_it_on(own_school: School) -> None:
    own_school.change("UPDATE line_item SET ended_at = now() WHERE is_grade")
    assert len(cells(opened(), "Ruiz, Nina")) == 1, "no column of grades"
    own_school.change("UPDATE district SET estimates = true")
    assert cells(opened(), "Ruiz, Nina") == ["90.0%", "9"]
    page = opened(view="student", student=identity("nina"))
    assert numbers(page.at("how")) == ["90.0"] and "Homework" in page.words


@pytest.mark.parametrize(
    "words", [{"view": "x"}, {"work": "-1"}, {"work": "9" * 40}, {"student": "%00"}, {"kind": "<b>"}, {"term": "x"}]
)
def test_an_address_typed_wrongly_still_shows_the_class(school: School, words: dict[str, str]) -> None:
    page = opened(**words)
    assert page.status == 200 and "<b>" not in page.text.replace(
        "<b>", "", page.text.count("<b>") - page.text.count("&lt;b&gt;")
    )


def test_a_title_with_markup_in_it_is_only_text(own_school: School) -> None:
    own_school.change("UPDATE line_item SET title = '<script>alert(1)</script>' WHERE NOT is_grade")
    own_school.change("UPDATE person SET family_name = '<img src=x>' WHERE sourced_id = 'nina'")
    result(own_school, "algebra quiz", "nina", score=None, text_score="<i>A")
    result(own_school, "algebra grade", "nina", text_score="<i>A", comment="<i>A")
    for view in ("grid", "assignment", "student"):
        page = opened(view=view)
        assert (
            "<script>alert" not in page.text and "<i>A" not in page.text and "<img src=x>" not in page.text and "<script>alert(1)</script>" in page.words
        )


@pytest.fixture
def full_class(own_school: School) -> School:
    """Fills Bo's class to 28 students and 20 assignments."""
    with own_school.connect("owner") as owner:
        w = Writer(owner)
        w.ids |= own_school.ids
        today = datetime.now(HERE).date()
        for number in range(26):
            name = f"pupil {number}"
            w.sourced("person", name, given_name=f"Given{number}", family_name=f"Family{number}", is_student=True)
            w.row(
                "enrollment",
                key=identity(f"algebra/{name}"),
                section_id=w.ids["algebra"],
                person_id=w.ids[name],
                role="student",
            )
        for work in range(19):
            write_work(w, work, today)
    return own_school


def write_work(w: Writer, number: int, today: date) -> None:
    """Adds an assignment with scores, some of them missing, excused or late."""
    due = today - timedelta(39 - number)
    places = {"section_id": w.ids["algebra"], "category_id": w.ids["homework"], "term_id": w.ids["fall"]}
    item = w.row(
        "line_item",
        key=identity(f"work {number}"),
        title=f"Problem set {number}",
        assign_date=due - timedelta(1),
        due_date=due,
        score_max=20,
        **places,
    )
    for pupil in range(26):
        status = {0: 2, 7: 0}.get((pupil + number) % 11, 1)
        w.row(
            "result",
            id=identity(f"{number}/{pupil}"),
            line_item_id=item,
            student_id=w.ids[f"pupil {pupil}"],
            status=status,
            score=None if status != 1 else (pupil + number) % 21,
            is_late=number % 9 == 4,
            score_date=due,
            delivery_id=w.ids["file"],
        )


def test_a_class_of_28_by_20_takes_four_statements_in_every_view(full_class: School) -> None:
    for view in ("", "grid", "assignment", "student"):
        with CaptureQueriesContext(connection) as asked:
            page = opened(view=view)
        said = [q["sql"] for q in asked if not re.match("BEGIN|COMMIT|SAVEPOINT|RELEASE", q["sql"])]
        assert page.status == 200 and len(said) == 4, said
    assert len(opened(view="grid").find("td")) == 28 * 21


def test_a_list_of_classes_takes_one_statement_for_a_teacher_and_two_for_a_principal(full_class: School) -> None:
    for person, most in (("bo", 1), ("pat", 2)):
        with statements() as asked:
            Browser(person, "staff").open("/classes")
        assert len(asked) == most
