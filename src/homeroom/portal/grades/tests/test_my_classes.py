"""A teacher's first page: the order of the day, missing work and new scores. And where a gradebook opens."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from homeroom.portal.wording.marks import TAGS
from tests.browser import Browser, Page
from tests.cast import HERE, Writer, identity
from tests.school import School

GRIDS = f"/classes/{identity('algebra')}?view=grid"
PUPILS = [f"pupil {number}" for number in range(4)]  # with Nina and Max, six are in Algebra


def writer(owner: Any, school: School) -> Writer:
    w = Writer(owner)
    w.ids |= school.ids
    return w


def with_pupils(school: School) -> None:
    """Adds four students and one more assignment. Each of the four has missing work of another kind, or work that is not missing."""
    with school.connect("owner") as owner:
        w = writer(owner, school)
        for name in PUPILS:
            w.sourced("person", name, given_name="Given", family_name=name, is_student=True)
            w.row("enrollment", key=identity(f"algebra/{name}"), section_id=w.ids["algebra"], person_id=w.ids[name], role="student")
        day = datetime.now(HERE).date() - timedelta(3)
        places = {"section_id": w.ids["algebra"], "category_id": w.ids["homework"], "term_id": w.ids["fall"]}
        w.row("line_item", "work", key=identity("work"), title="Problem set", assign_date=day, due_date=day, score_max=20, **places)
        for name in PUPILS:
            result(w, name, score=8, status=1)


def result(w: Writer, student: str, **values: Any) -> None:
    w.row("result", id=identity(f"work/{student}"), line_item_id=w.ids["work"], student_id=w.ids[student], delivery_id=w.ids["file"],
          score_date=datetime.now(HERE).date() - timedelta(2), **values)  # fmt: skip


def tags(page: Page, kind: str) -> list[str]:
    """Returns the words of the tags of this kind."""
    return ["".join(each.itertext()).strip() for each in page.find("span") if each.get("class") == f"tag tag-{TAGS[kind][0]}"]


def number_in(words: list[str]) -> int:
    return int(re.findall(r"\d+", " ".join(words))[0]) if words else 0


def classes() -> Page:
    return Browser("bo", "staff").open("/classes")


def lacking_in_the_gradebook() -> int:
    words = Browser("bo", "staff").open(GRIDS).words
    return 0 if "No one has missing work" in words else int(re.findall(r"(\d+) students? ha(?:s|ve) missing work", words)[0])


def test_bo_finds_his_classes_in_the_order_of_his_day_and_his_homeroom_last(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        w = writer(owner, own_school)
        for title, kind, periods in (("Advisory", "homeroom", ["1"]), ("Band", "scheduled", ["10"]), ("Zoology", "scheduled", ["1"])):
            section = w.sourced("section", title, title=title, kind=kind, course_id=w.ids["course"], school_id=w.ids["middle"], periods=periods)
            w.row("enrollment", key=identity(f"{title}/bo"), section_id=section, person_id=w.ids["bo"], role="teacher")
            w.row("enrollment", key=identity(f"{title}/max"), section_id=section, person_id=w.ids["max"], role="student")
    words = classes().words
    assert sorted(("Zoology", "Algebra 1", "Band", "Advisory"), key=words.index) == ["Zoology", "Algebra 1", "Band", "Advisory"]


LACKING = {
    "not handed in": ({"score": None, "status": 2}, 1),
    "the file says so": ({"score": None, "status": 1, "is_missing": True}, 1),
    "a zero for missing work": ({"score": 0, "status": 2}, 1),
    "scored all the same": ({"score": 5, "status": 2, "is_missing": True}, 0),
    "excused": ({"score": None, "status": 0, "is_missing": True}, 0),
    "being graded": ({"score": None, "status": 4}, 0),
}


@pytest.mark.parametrize("case", LACKING)
def test_the_list_counts_students_with_missing_work_as_the_gradebook_does(own_school: School, case: str) -> None:
    values, one = LACKING[case]
    with_pupils(own_school)
    with own_school.connect("owner") as owner:
        for student in PUPILS[:3]:
            owner.execute("DELETE FROM result WHERE id = %s", [identity(f"work/{student}")])
            w = writer(owner, own_school)
            w.ids |= {student: owner.execute("SELECT id FROM person WHERE sourced_id = %s", [student]).fetchall()[0][0],
                      "work": owner.execute("SELECT id FROM line_item WHERE key = %s", [identity("work")]).fetchall()[0][0]}  # fmt: skip
            result(w, student, **values)
    assert number_in(tags(classes(), "missing")) == lacking_in_the_gradebook() == 3 * one


def test_work_due_after_the_scores_were_sent_is_not_missing_yet(own_school: School) -> None:
    with_pupils(own_school)
    own_school.change("UPDATE result SET score = NULL, status = 2 WHERE id = %s", identity("work/pupil 1"))
    assert number_in(tags(classes(), "missing")) == 1
    own_school.change("UPDATE line_item SET due_date = today() + 1 WHERE key = %s", identity("work"))
    assert number_in(tags(classes(), "missing")) == lacking_in_the_gradebook() == 0


def test_the_last_scored_of_two_results_counts(own_school: School) -> None:
    with_pupils(own_school)
    own_school.change("UPDATE result SET score = NULL, status = 2 WHERE id = %s", identity("work/pupil 1"))
    own_school.change("INSERT INTO result (id, line_item_id, student_id, score, status, score_date, delivery_id)"
                      " SELECT %s, line_item_id, student_id, 8, 1, score_date + 1, delivery_id FROM result WHERE id = %s",
                      identity("second"), identity("work/pupil 1"))  # fmt: skip
    assert number_in(tags(classes(), "missing")) == lacking_in_the_gradebook() == 0


def test_new_are_the_scores_since_bos_last_visit(own_school: School) -> None:
    with_pupils(own_school)
    assert number_in(tags(classes(), "new")) == 6, "four problem sets, and the quizzes of Nina and Max"
    own_school.change("UPDATE result_change SET delivery_id = 0")
    assert number_in(tags(classes(), "new")) == 4, "a later file changed only the comments of the quizzes"
    own_school.change("UPDATE session SET previous_visit_at = now()")
    assert tags(classes(), "new") == []
    own_school.change("UPDATE session SET previous_visit_at = NULL")
    assert tags(classes(), "new") == [], "nothing is new on a first visit"


@pytest.mark.parametrize("change", [
    "UPDATE enrollment SET end_date = today() WHERE key = '{pupil}'",
    "UPDATE enrollment SET begin_date = today() + 1 WHERE key = '{pupil}'",
    "UPDATE enrollment SET ended_at = now() WHERE key = '{pupil}'",
    "UPDATE restriction SET person_id = {bo}, student_id = (SELECT id FROM person WHERE sourced_id = 'pupil 1')",
])  # fmt: skip
def test_a_student_who_left_or_is_not_bos_to_see_is_not_counted(own_school: School, change: str) -> None:
    with_pupils(own_school)
    own_school.change("UPDATE result SET score = NULL, status = 2 WHERE id = ANY (%s)", [identity(f"work/pupil {n}") for n in (1, 2)])
    assert number_in(tags(classes(), "missing")) == 2
    own_school.change(change.format(pupil=identity("algebra/pupil 1"), bo=own_school.ids["bo"]))
    assert number_in(tags(classes(), "missing")) == 1


def test_a_class_of_fewer_than_five_has_no_numbers(own_school: School) -> None:
    """A number about so few could be about one student, and no entry of the access log says that Bo saw it."""
    with_pupils(own_school)
    own_school.change("UPDATE result SET score = NULL, status = 2 WHERE id = %s", identity("work/pupil 0"))
    for name, is_counted in (("pupil 1", True), ("pupil 2", False)):
        own_school.change("UPDATE enrollment SET end_date = today() WHERE key = %s", identity(f"algebra/{name}"))
        page = classes()
        assert bool(tags(page, "missing")) is is_counted, name
    assert tags(page, "new") == []


@pytest.mark.parametrize("change", ["UPDATE line_item SET is_grade = true", "UPDATE line_item SET ended_at = now()", "UPDATE result SET ended_at = now()",
                                    "UPDATE line_item SET term_id = (SELECT id FROM term WHERE sourced_id = 'spring')"])  # fmt: skip
def test_grades_and_work_that_is_gone_or_of_another_term_are_not_counted(own_school: School, change: str) -> None:
    with_pupils(own_school)
    own_school.change("UPDATE result SET score = NULL, status = 2 WHERE id = %s", identity("work/pupil 0"))
    assert tags(classes(), "missing") and tags(classes(), "new")
    own_school.change(change)
    assert not tags(classes(), "missing") and not tags(classes(), "new")


def test_the_gradebook_opens_on_the_newest_score_and_work_to_come_follows(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        w = writer(owner, own_school)
        today = datetime.now(HERE).date()
        places = {"section_id": w.ids["algebra"], "category_id": w.ids["homework"], "term_id": w.ids["fall"], "score_max": 20}
        for title, days in (("Older", -20), ("Later", 9), ("Soon", 2)):
            w.row("line_item", title, key=identity(title), title=title, assign_date=today - timedelta(25), due_date=today + timedelta(days), **places)
        w.row("result", id=identity("older"), line_item_id=w.ids["Older"], student_id=w.ids["nina"], score=9, status=1, score_date=today)
    heads = ["".join(link.itertext()) for head in Browser("bo", "staff").open(GRIDS).find("th") for link in head if (link.get("href") or "").find("work=") > 0]
    assert heads == ["Algebra quiz", "Older", "Soon", "Later"]
    phone = Browser("bo", "staff").open(GRIDS.replace("grid", "assignment"))
    assert [each.text for each in phone.find("h2") if each.get("id") == "assignment"] == ["Algebra quiz"]
