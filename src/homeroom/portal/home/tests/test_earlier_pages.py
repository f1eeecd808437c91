"""Last year, and classes left in the middle of this one. Ana and Nina can still read them, one year per page."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from homeroom.portal.home.earlier import said
from homeroom.portal.wording.dates import SCHOOL_YEAR_STARTS, school_year_of
from tests.browser import Browser, Page, numbers
from tests.cast import Writer, identity
from tests.school import School


@pytest.fixture
def with_last_year(own_school: School) -> Iterator[School]:
    """Adds Nina's Grade 6 Science with Sam last spring: one score, a grade, a day absent."""
    today = timezone.localdate()
    year = school_year_of(today) - 1
    ended = today.replace(year=year, month=SCHOOL_YEAR_STARTS - 1, day=12)
    with own_school.connect("owner") as owner:
        w = Writer(owner)
        w.ids |= own_school.ids
        w.sourced("term", "last spring", title="Last spring", kind="semester", school_year=year, start_date=ended - timedelta(120), end_date=ended)
        w.sourced("section", "science", title="Science 6", kind="scheduled", course_id=w.ids["course"], school_id=w.ids["middle"], periods=["4"])
        w.row("section_term", section_id=w.ids["science"], term_id=w.ids["last spring"])
        for person, role in (("sam", "teacher"), ("nina", "student"), ("max", "student")):
            w.row("enrollment", key=identity(f"science/{person}"), section_id=w.ids["science"], person_id=w.ids[person], role=role)
        for work, category, is_grade in (("volcano", "homework", False), ("science grade", "grades", True)):
            w.row("line_item", work, key=identity(work), section_id=w.ids["science"], category_id=w.ids[category], term_id=w.ids["last spring"],
                  title=work.capitalize(), assign_date=ended - timedelta(9), due_date=ended - timedelta(5), score_max=10, is_grade=is_grade)  # fmt: skip
            w.row("result", id=identity(f"{work}/nina"), line_item_id=w.ids[work], student_id=w.ids["nina"], status=1, score=7,
                  text_score="A-" if is_grade else None, score_date=ended - timedelta(4), delivery_id=w.ids["file"])  # fmt: skip
        w.row("attendance_mark", id=identity("mark of last year"), student_id=w.ids["nina"], day=ended - timedelta(30), status="absent",
              school_id=w.ids["middle"], excuse_code="", delivery_id=w.ids["file"])  # fmt: skip
    yield own_school


def opened(school: School, rest: str = "", person: str = "ana", side: str = "family") -> Page:
    page = Browser(person, side).open(f"/children/{school.uuid('nina')}/earlier{rest}")
    assert page.status == 200
    return page


def earlier(school: School, rest: str = "", person: str = "ana", side: str = "family") -> str:
    return opened(school, rest, person, side).words


def test_ana_reads_ninas_last_year_and_finds_it_from_the_childs_page(with_last_year: School) -> None:
    child = Browser("ana").open(f"/children/{with_last_year.uuid('nina')}")
    assert "Science 6" not in child.words
    assert f'href="/children/{with_last_year.uuid("nina")}/earlier"' in child.text
    page = earlier(with_last_year)
    year = said(school_year_of(timezone.localdate()) - 1)
    for words in ("Nina’s earlier years", f"School year {year}.", "Science 6", "Sam Reed", "Volcano", "7 of 10", "A-", "1 absence", "absent all day"):
        assert words in page, words
    assert "Algebra 1" not in page and "Art 7" not in page, "what runs is on the child's page, and what begins later nowhere"
    assert "for Last spring." in page, "the last file says nothing of it, so its day is not said"


def test_a_year_without_a_mark_says_so(with_last_year: School) -> None:
    with_last_year.change("DELETE FROM attendance_mark WHERE student_id = %s", with_last_year.ids["nina"])
    attendance = opened(with_last_year).part("attendance")
    assert "absence" in attendance and numbers(attendance) == []


def test_nina_reads_her_own_last_year(with_last_year: School) -> None:
    assert "Your earlier years" in earlier(with_last_year, person="nina", side="student")


@pytest.mark.parametrize(("person", "side"), [("dee", "family"), ("jo", "family"), ("max", "student"), ("bo", "staff"), ("carl", "staff")])
def test_no_one_else_reads_ninas_last_year(with_last_year: School, person: str, side: str) -> None:
    page = Browser(person, side).open(f"/children/{with_last_year.uuid('nina')}/earlier")
    assert page.status == 404 and "Science" not in page.text and "Nina" not in page.text


def test_pat_whose_duty_opens_the_record_reads_it_and_rosa_only_its_attendance(with_last_year: School) -> None:
    assert "Volcano" in earlier(with_last_year, person="pat", side="staff")
    page = earlier(with_last_year, person="rosa", side="staff")
    assert "absent all day" in page and "Volcano" not in page and "Science" not in page


def test_tia_has_access_to_grades_and_cannot_read_attendance(with_last_year: School) -> None:
    page = earlier(with_last_year, person="tia")
    assert "Volcano" in page and "absen" not in page


def test_each_view_of_an_earlier_year_is_in_the_ledger(with_last_year: School) -> None:
    with with_last_year.connect("owner") as owner:
        before = owner.execute("SELECT count(*) FROM ledger_student WHERE student_id = %s", [with_last_year.ids["nina"]]).fetchone()
        earlier(with_last_year)
        owner.commit()
        after = owner.execute("SELECT count(*) FROM ledger_student WHERE student_id = %s", [with_last_year.ids["nina"]]).fetchone()
    assert before and after and after[0] == before[0] + 1


def test_a_class_dropped_in_the_middle_of_a_term_is_history_with_its_scores(own_school: School) -> None:
    """The file leaves out the enrollment and the scores with it. A score that was taken back a week before stays taken back."""
    assert numbers(opened(own_school).lead) == [], "no year to show"
    ids = own_school.ids
    own_school.change("UPDATE result SET ended_at = now() - interval '7 days' WHERE id = %s", identity("algebra grade/nina"))
    own_school.change("UPDATE enrollment SET ended_at = now() WHERE section_id = %s AND person_id = %s", ids["algebra"], ids["nina"])
    own_school.change("UPDATE result SET ended_at = now() WHERE id = %s", identity("algebra quiz/nina"))
    own_school.change("UPDATE result SET ended_at = (SELECT ended_at FROM enrollment WHERE key = %s) WHERE id = %s",
                      identity("algebra/nina"), identity("algebra quiz/nina"))  # fmt: skip
    child = Browser("ana").open(f"/children/{own_school.uuid('nina')}").words
    assert "Algebra 1" not in child and "English 7" in child
    page = earlier(own_school)
    assert f"{said(school_year_of(timezone.localdate()))}:" in page and "Algebra 1" in page and "Bo Larsen" in page and "9 of 10" in page
    assert "B+" not in page and "English 7" not in page


def test_a_student_who_left_keeps_the_attendance_and_a_retracted_mark_stays_hidden(own_school: School) -> None:
    ids, marks = own_school.ids, "UPDATE attendance_mark SET ended_at = '2026-11-20 03:00Z' WHERE student_id = %s"
    path = f"/children/{own_school.uuid('nina')}/attendance"
    own_school.change(marks, ids["nina"])
    assert "absent all day" not in Browser("ana").open(path).words
    own_school.change("UPDATE role SET ended_at = '2026-11-20 03:00Z' WHERE person_id = %s", ids["nina"])
    assert "absent all day" in Browser("ana").open(path).words


def test_work_for_a_class_that_has_not_started_is_not_history(own_school: School) -> None:
    """Art 7 begins next term. Ana sees nothing that the file already has of it."""
    with own_school.connect("owner") as owner:
        w = Writer(owner)
        w.row("line_item", "poster", key=identity("poster"), section_id=own_school.ids["art"], category_id=own_school.ids["homework"],
              term_id=own_school.ids["spring"], title="Poster", assign_date=timezone.localdate(), due_date=timezone.localdate())  # fmt: skip
        w.row("result", id=identity("poster/nina"), line_item_id=w.ids["poster"], student_id=own_school.ids["nina"], status=1, score=7,
              score_date=timezone.localdate(), delivery_id=own_school.ids["file"])  # fmt: skip
    ask = "SELECT count(*) FROM earlier_work_shown(%s, %s, ARRAY[NULL]::timestamptz[])"
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        assert app.execute(ask, [own_school.ids["nina"], [own_school.ids["algebra"]]]).fetchone() == (2,)
        assert app.execute(ask, [own_school.ids["nina"], [own_school.ids["art"]]]).fetchone() == (0,)


@pytest.mark.parametrize("rest", ["?year=1850", "?year=x", "?year=2026%00", "?year=99999999999999999999&all=x"])
def test_a_year_that_is_none_shows_the_newest(with_last_year: School, rest: str) -> None:
    assert "Science 6" in earlier(with_last_year, rest)
