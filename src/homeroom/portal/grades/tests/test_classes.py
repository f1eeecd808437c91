"""A class as Ana reads it: where the grade comes from, what is missing, what changed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from homeroom.portal.grades.classes import EVERYTHING, SHOWN, DrawnFor, class_rows
from homeroom.portal.grades.models import Status
from homeroom.portal.grades.news import news
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece, row, said
from homeroom.portal.wording.dates import school_year_of

YEAR = school_year_of(timezone.localdate()) - 1  # days of another school year are shown with their year
TODAY = date(YEAR, 11, 24)
TERM = {"term": "Fall term", "term_starts": date(YEAR, 8, 24), "term_ends": date(YEAR, 12, 19)}
ALGEBRA = Seat(1, 1, "algebra", "Algebra 1", ("2",), ("Bo Larsen",), "Fall term", date(YEAR, 12, 19), True)
ASKED = DrawnFor(TODAY, TODAY - timedelta(1), None, has_estimates=False)


def quiz(**facts: object) -> Piece:
    values = {
        "section_id": 1,
        "line_item_id": 6,
        "title": "Quiz 6",
        "kind": "Quizzes",
        "weight": None,
        "due": date(YEAR, 11, 20),
        "out_of": 10.0,
        "is_grade": False,
        **TERM,
        "score": 9.0,
        "status": Status.FULLY_GRADED,
        "scored": date(YEAR, 11, 20),
    }
    return Piece(**(values | facts))  # type: ignore[arg-type]


def grade(**facts: object) -> Piece:
    return quiz(**({"line_item_id": 99, "is_grade": True, "score": 88.46, "text_score": "B+", "out_of": 100.0} | facts))


def test_the_grade_of_the_file_is_the_grade() -> None:
    [algebra], _ = class_rows([ALGEBRA], [grade(), quiz(score=2.0)], replace(ASKED, has_estimates=True))
    assert (algebra.grade.letter, algebra.grade.number, algebra.grade.source) == ("B+", "88.4%", "file")
    assert "Fall term" in algebra.how.sentences[0]


def test_89_96_is_shown_as_89_9_and_gains_no_letter() -> None:
    [algebra], _ = class_rows([ALGEBRA], [grade(score=89.96)], ASKED)
    assert algebra.grade.number == "89.9%"


def test_no_estimate_appears_anywhere_when_estimates_are_off() -> None:
    [algebra], _ = class_rows([ALGEBRA], [quiz(line_item_id=n, due=TODAY - timedelta(n)) for n in range(1, 6)], ASKED)
    assert algebra.grade.source == "none" and algebra.grade.said == ""
    assert algebra.trend and "percent" not in algebra.trend.label
    assert all("90" not in sentence for sentence in algebra.how.sentences)


def test_a_trend_of_two_days_is_not_labeled_as_two_weeks() -> None:
    short = [quiz(line_item_id=n, scored=TODAY - timedelta(n), score=float(10 - n)) for n in range(1, 4)]
    [algebra], _ = class_rows([ALGEBRA], short, ASKED)
    assert algebra.trend and algebra.trend.label.endswith("since Nov\u00a021: up 10.0")
    [whole], _ = class_rows([ALGEBRA], [*short, quiz(line_item_id=9, scored=TODAY - timedelta(30))], ASKED)
    assert whole.trend and whole.trend.label.endswith("in two weeks")


LEVELS = {1: "Beginning", 2: "Approaching", 3: "Meeting", 4: "Exceeding"}
SENT = {
    "no grade": [],
    "a level": [{"score": 3.6, "out_of": 4.0, "text_score": "Meeting"}],
    "a word": [{"score": None, "out_of": None, "text_score": "Meeting"}],
    "last term's level": [{"score": 3.6, "out_of": 4.0, "text_score": "Meeting", "term": "Summer", "term_ends": date(YEAR, 8, 24)}],
}


@pytest.mark.parametrize("ticked", [False, True])
@pytest.mark.parametrize("sent", SENT.values(), ids=list(SENT))
@pytest.mark.parametrize("levels", [(4, 4, 3, 4, 3), (3, 4), (4, 4, 4), (1, 2, 3, 4)])
def test_leos_class_in_levels_names_no_percent_trend_or_estimate(levels: tuple[int, ...], sent: list[dict[str, object]], *, ticked: bool) -> None:
    work = [
        quiz(line_item_id=n, scored=TODAY - timedelta(40 - 5 * n), score=float(level), out_of=4.0, text_score=LEVELS[level])
        for n, level in enumerate(levels)
    ]
    [reading], _ = class_rows([ALGEBRA], [*(grade(**facts) for facts in sent), *work], replace(ASKED, has_estimates=ticked))
    assert reading.trend is None and reading.grade.source == ("file" if sent else "none")
    said = [reading.grade.said, *reading.how.sentences, *(words for row in reading.work for words in row.words)]
    assert not any("%" in words or "estimate" in words.lower() for words in said)


def test_a_class_in_points_has_its_trend_though_each_score_has_a_letter() -> None:
    work = [quiz(line_item_id=n, scored=TODAY + timedelta(n - 4), score=float(10 - n), text_score=letter) for n, letter in enumerate(("A", "A-", "B"))]
    for sent in ([], [grade()], [grade(score=None, out_of=None)]):
        [algebra], _ = class_rows([ALGEBRA], [*sent, *work], ASKED)
        assert algebra.trend and algebra.trend.direction == "down"


def test_the_estimate_shows_its_sum_when_estimates_are_on() -> None:
    [algebra], _ = class_rows([ALGEBRA], [quiz(), quiz(score=8.0, line_item_id=5)], replace(ASKED, has_estimates=True))
    assert (algebra.grade.number, algebra.grade.source) == ("85.0%", "estimate")
    assert algebra.how.sentences[0] == "17 of 20 points."
    assert ("plain", "Estimate") in algebra.tags


def test_the_running_terms_grade_comes_before_an_older_one() -> None:
    older = grade(line_item_id=98, text_score="C", term="Summer", term_ends=date(YEAR, 8, 24))
    [algebra], _ = class_rows([ALGEBRA], [older, grade()], ASKED)
    assert algebra.grade.letter == "B+"


PAST = {"term": "Summer", "term_starts": date(YEAR, 6, 1), "term_ends": date(YEAR, 8, 24)}


def test_last_terms_grade_hides_no_estimate_of_this_one() -> None:
    last, ticked = grade(**PAST), replace(ASKED, has_estimates=True)
    [algebra], _ = class_rows([ALGEBRA], [last, quiz()], ticked)
    assert (algebra.grade.number, algebra.grade.source, algebra.grade.term) == ("90.0%", "estimate", "")
    assert "Summer" in algebra.how.sentences[-1] and "B+ 88.4%" in algebra.how.sentences[-1]
    [unscored], _ = class_rows([ALGEBRA], [last, quiz(score=None)], ticked)
    assert (unscored.grade.said, unscored.grade.term) == ("B+ 88.4%", "Summer"), "beside the grade stands of which term it is"


def test_last_terms_grade_is_shown_with_its_term_when_estimates_are_off() -> None:
    [algebra], _ = class_rows([ALGEBRA], [grade(**PAST), quiz()], ASKED)
    assert (algebra.grade.said, algebra.grade.term) == ("B+ 88.4%", "Summer")
    [now], _ = class_rows([ALGEBRA], [grade(**PAST), grade(line_item_id=98), quiz()], ASKED)
    assert now.grade.term == ""


def test_the_last_grade_is_the_grade_when_nothing_is_current() -> None:
    [algebra], _ = class_rows([ALGEBRA], [grade(**PAST), quiz(**PAST)], replace(ASKED, has_estimates=True))
    assert (algebra.grade.said, algebra.grade.source) == ("B+ 88.4%", "file")


def test_a_grade_without_a_most_is_no_percent() -> None:
    [algebra], _ = class_rows([ALGEBRA], [grade(score=3.2, out_of=None)], ASKED)
    assert algebra.grade.said == "B+ 3.2"


def test_a_grade_on_the_schools_own_scale_stays_on_it() -> None:
    [reading], _ = class_rows([ALGEBRA], [grade(score=3.0, out_of=4.0, text_score="Meeting")], ASKED)
    assert reading.grade.said == "Meeting 3 of 4"


def test_missing_work_is_first_and_always_within_reach() -> None:
    old = quiz(line_item_id=1, due=date(YEAR, 9, 1), score=None, status=Status.NOT_SUBMITTED, scored=None)
    work = [quiz(line_item_id=n, due=TODAY - timedelta(n)) for n in range(2, SHOWN + 5)]
    [algebra], missing = class_rows([ALGEBRA], [*work, old], ASKED)
    assert [(m.title, m.of, m.worth, m.anchor) for m in missing] == [("Quiz 6", "Algebra 1", "10 points", "work-1")]
    assert len(algebra.work) == SHOWN + 1 and not algebra.is_whole and algebra.work[-1].anchor == "work-1"
    [whole], _ = class_rows([ALGEBRA], [*work, old], replace(ASKED, all_of=EVERYTHING))
    assert len(whole.work) == whole.in_all == SHOWN + 4 and whole.is_open


@pytest.mark.parametrize(
    ("facts", "value", "under", "detail"),
    [
        ({}, "9 of 10", "90%", "Quizzes, Nov\u00a020"),
        ({"score": 11.0}, "11 of 10", "110%", "Quizzes, Nov\u00a020"),
        ({"score": 1.0, "out_of": 3.0}, "1 of 3", "33.3%", "Quizzes, Nov\u00a020"),
        ({"score": 8.5}, "8.5 of 10", "85%", "Quizzes, Nov\u00a020"),
        ({"score": 0.0}, "0 of 10", "0%", "Quizzes, Nov\u00a020. A zero that was entered, so it counts"),
        ({"score": 3.0, "out_of": 4.0, "text_score": "Meeting"}, "3 of 4", "Meeting", "Quizzes, Nov\u00a020"),
        ({"score": None, "text_score": "B"}, "B", "", "Quizzes, Nov\u00a020"),
        ({"status": Status.EXEMPT}, "Excused", "not counted", "Quizzes, Nov\u00a020"),
        ({"score": None, "status": None}, "no score", "", "Quizzes, Nov\u00a020. No score yet, so not counted"),
        ({"in_progress": True}, "9 of 10", "90%", "Quizzes, Nov\u00a020. Still being graded, so not counted yet"),
        ({"out_of": None}, "9", "", "Quizzes, Nov\u00a020"),
        ({"out_of": 0.0, "score": 2.0}, "2 of 0", "", "Quizzes, Nov\u00a020"),
    ],
)
def test_a_score_reads_as_the_design_says(facts: dict[str, object], value: str, under: str, detail: str) -> None:
    shown = row(quiz(**facts), said(), missing=False)
    assert (shown.value, shown.under, shown.detail) == (value, under, detail)


def test_a_changed_score_says_from_what_to_what() -> None:
    assert row(quiz(changed_by=1, old_score=7.0), said(), missing=False).detail.endswith("Changed from 7 to 9")
    assert "Changed" not in row(quiz(changed_by=1, old_score=9.0), said(), missing=False).detail


def test_only_what_was_imported_since_the_last_visit_is_new_whatever_day_it_carries() -> None:
    seen, late = quiz(line_item_id=5, delivery_id=3), quiz(scored=date(YEAR, 9, 2), delivery_id=4)
    [algebra], _ = class_rows([ALGEBRA], [seen, late], replace(ASKED, seen=3))
    assert algebra.tags == (("new", "1 new score"),)
    assert [row.tags for row in algebra.work] == [(), (("new", "New"),)]


def test_a_comment_makes_no_score_new() -> None:
    edited = quiz(delivery_id=5, changed_by=2, old_score=9.0)
    [algebra], _ = class_rows([ALGEBRA], [edited], replace(ASKED, seen=3))
    assert algebra.tags == () and news([("Algebra 1", edited)], replace(ASKED, seen=3)) == []


def test_on_a_first_visit_nothing_is_new() -> None:
    [algebra], _ = class_rows([ALGEBRA], [quiz(delivery_id=4)], replace(ASKED, seen=None))
    assert algebra.tags == ()


def test_a_score_changed_long_ago_is_no_news_and_one_changed_since_is() -> None:
    old, now = (quiz(delivery_id=4, changed_by=by, old_score=7.0) for by in (2, 4))
    told = news([("Algebra 1", old), ("Algebra 1", now)], replace(ASKED, seen=3))
    assert [said.detail.split(",")[0] for said in told] == ["Changed from 7 to 9"]
