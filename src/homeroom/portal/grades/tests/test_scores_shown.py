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


def test_what_ana_has_seen_is_not_read_again_where_nothing_is_missing(school: School) -> None:
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


def test_max_s_work_to_come_is_not_read_with_ninas_view(own_school: School) -> None:
    """Both are in the class. Max has no result yet."""
    own_school.change("UPDATE line_item SET assign_date = today() - 1, due_date = today() + 2 WHERE NOT is_grade")
    own_school.change("DELETE FROM result_score_scale")
    own_school.change("DELETE FROM result")
    soon = SCORES.replace("NULL, NULL", "%s, %s")
    with own_school.connect("owner") as owner:
        days = owner.execute("SELECT today(), today() + 7").fetchone()
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        found = {child: app.execute(soon, [own_school.ids[child], own_school.ids["algebra"], 0, "-infinity", *(days or ())]).fetchone()
                 for child in ("nina", "max")}  # fmt: skip
    assert found == {"nina": (1,), "max": (0,)}
