"""Scores that the portal gives a family: new ones, of classes that its view opened."""

from tests.cast import identity
from tests.school import School

SCORES = "SELECT count(*) FROM scores_shown(ARRAY[%s::integer], ARRAY[%s::integer], %s, %s, NULL, NULL)"


def scores(school: School, section: str, seen: int = 0, since: str = "-infinity", who: str = "ana", child: str = "nina") -> int:
    """Returns how many scores a mother sees of her child in this class, after a view of the child's page. `seen` and `since` are the file and the day
    before which nothing is new.
    """
    with school.asked_by(who, "family", ("child", child)) as app:
        row = app.execute(SCORES, [school.ids[child], school.ids[section], seen, since]).fetchone()
    return int(row[0]) if row else 0


def test_scores_ana_has_seen_are_not_read_again_when_none_is_missing(school: School) -> None:
    assert scores(school, "algebra") == 2 and scores(school, "algebra", 99, "infinity") == 0
    assert scores(school, "algebra", 99) == 2 == scores(school, "algebra", 0, "infinity")


def test_a_score_of_a_class_in_which_kai_never_was_is_not_read(own_school: School) -> None:
    own_school.change("INSERT INTO result (id, line_item_id, student_id, status, score, score_date, delivery_id)"
                      " SELECT gen_random_uuid(), %s, %s, 1, 9, today(), max(id) FROM delivery",
                      own_school.ids["algebra quiz"], own_school.ids["kai"])  # fmt: skip
    assert scores(own_school, "english", who="dana", child="kai") == 2 and scores(own_school, "algebra", who="dana", child="kai") == 0


def test_a_change_that_is_kept_for_max_is_not_read_with_ninas_score(own_school: School) -> None:
    own_school.change("UPDATE result_change SET student_id = %s WHERE result_id = %s", own_school.ids["max"], identity("algebra quiz/nina"))
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        old = app.execute(SCORES.replace("*", "old_score"), [own_school.ids["nina"], own_school.ids["algebra"], 0, "-infinity"]).fetchone()
    assert old == (1,)


def soon(school: School, child: str, section: str, who: str = "ana", view: str = "nina") -> int:
    """Returns how much work of this class is due for this child in the next seven days, after a view of a child's page. Nothing else is new."""
    with school.connect("owner") as owner:
        days = owner.execute("SELECT today(), today() + 7").fetchone() or ()
    with school.asked_by(who, "family", ("child", view)) as app:
        row = app.execute(SCORES.replace("NULL, NULL", "%s, %s"), [school.ids[child], school.ids[section], 99, "infinity", *days]).fetchone()
    return int(row[0]) if row else 0


def due_in(school: School, days: int) -> None:
    school.change("UPDATE line_item SET assign_date = today() - 1, due_date = today() + %s WHERE NOT is_grade", days)


def unscored(school: School) -> None:
    for table in ("result_change", "result_score_scale", "result"):
        school.change(f"DELETE FROM {table}")


def test_work_to_come_is_read_with_and_without_a_result_and_only_of_seven_days(own_school: School) -> None:
    own_school.change("UPDATE result SET is_missing = false, status = 1")
    for _ in ("with a result", "without one"):
        for days, number in ((-1, 0), (0, 1), (6, 1), (7, 0)):
            due_in(own_school, days)
            assert soon(own_school, "nina", "algebra") == number, days
        unscored(own_school)


def test_maxs_work_to_come_is_not_read_with_ninas_view(own_school: School) -> None:
    unscored(own_school)
    due_in(own_school, 2)
    assert soon(own_school, "nina", "algebra") == 1 and soon(own_school, "max", "algebra") == 0
    assert soon(own_school, "max", "algebra", "dee", "max") == 1


def test_work_to_come_of_a_class_that_is_not_ninas_or_has_not_begun_is_not_read(own_school: School) -> None:
    unscored(own_school)
    due_in(own_school, 2)
    assert soon(own_school, "nina", "english") == 1 and soon(own_school, "kai", "algebra", "dana", "kai") == 0
    for section in ("art", "reading"):
        own_school.change("UPDATE line_item SET section_id = %s WHERE NOT is_grade", own_school.ids[section])
        assert soon(own_school, "nina", section) == 0, section
