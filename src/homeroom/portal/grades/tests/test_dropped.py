"""A class after its session and students who dropped it: how long its teacher sees them, and who doesn't."""

import pytest

from homeroom.portal.grades.tests.test_gradebook import cells, opened
from tests.browser import Browser
from tests.cast import identity
from tests.school import TODAY, School

DROPPED = "UPDATE enrollment SET ended_at = now() - interval '40 days' WHERE key = %s"
SESSION_OVER = "UPDATE term SET end_date = today() - %s::integer WHERE sourced_id = 'fall'"


def test_a_teacher_sees_a_student_who_dropped_the_class_until_thirty_days_after_its_session(own_school: School) -> None:
    own_school.change(DROPPED, identity("algebra/nina"))
    own_school.change("UPDATE result SET ended_at = now() - interval '40 days' WHERE id = %s", identity("algebra quiz/nina"))
    page = opened(view="grid")
    assert "Ruiz, Nina (dropped)" in page.words and cells(page, "Ruiz, Nina (dropped)")[1].startswith("9")
    assert "Algebra 1" in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").line("Bo Larsen viewed")
    own_school.change(SESSION_OVER, 29)
    assert "Ruiz, Nina (dropped)" in opened(view="grid").words
    own_school.change(SESSION_OVER, 30)
    assert opened(view="grid").status == 404


def test_a_score_taken_back_before_the_seat_was_is_not_history(own_school: School) -> None:
    own_school.change(DROPPED, identity("algebra/nina"))
    own_school.change("UPDATE result SET ended_at = now() - interval '41 days' WHERE id = %s", identity("algebra quiz/nina"))
    assert not cells(opened(view="grid"), "Ruiz, Nina (dropped)")[1].startswith("9")


def test_only_the_teacher_sees_a_student_who_dropped_the_class(own_school: School) -> None:
    own_school.change(DROPPED, identity("algebra/nina"))
    words = opened(person="pat", view="grid").words
    assert "Moss, Max" in words and "Nina" not in words
    own_school.change("INSERT INTO duty (person_id, school_id, duty, start_date) VALUES (%s, %s, 'counselor', today())",
                      own_school.ids["bo"], own_school.ids["middle"])  # fmt: skip
    assert "Ruiz, Nina (dropped)" in opened(view="grid").words
    own_school.change("UPDATE enrollment SET end_date = today() - 9 WHERE key = %s", identity("algebra/bo"))  # Bo no longer teaches it and opens it by a duty
    words = opened(view="grid").words
    assert "Moss, Max" in words and "Nina" not in words


@pytest.mark.parametrize(("begins", "is_there"), [(40, True), (39, False), (0, False)])
def test_a_teacher_who_came_later_does_not_see_students_who_had_dropped_before(own_school: School, begins: int, is_there: bool) -> None:
    """`begins` is how many days ago Bo's enrollment began. Nina was taken out 40 days ago at 8 p.m., when it was the next day on the server."""
    evening = "(today() - 40 + time '20:00') AT TIME ZONE 'America/Los_Angeles'"
    own_school.change(DROPPED.replace("now() - interval '40 days'", evening), identity("algebra/nina"))
    own_school.change("UPDATE enrollment SET begin_date = today() - %s::integer WHERE key = %s", begins, identity("algebra/bo"))
    words = opened(view="grid").words
    assert "Moss, Max" in words and ("Ruiz, Nina (dropped)" in words) is is_there


def test_bos_new_enrollment_does_not_show_a_student_from_his_removed_enrollment(own_school: School) -> None:
    """Bo's enrollment for the whole term is gone from the files. The current one began after Nina dropped the class."""
    own_school.change(DROPPED, identity("algebra/nina"))
    own_school.change("""INSERT INTO enrollment (key, section_id, person_id, role, begin_date)
        SELECT %s, section_id, person_id, role, today() - 9 FROM enrollment WHERE key = %s""", identity("new seat"), identity("algebra/bo"))
    assert "Ruiz, Nina (dropped)" in opened(view="grid").words
    own_school.change("UPDATE enrollment SET ended_at = now() WHERE key = %s", identity("algebra/bo"))
    words = opened(view="grid").words
    assert "Moss, Max" in words and "Nina" not in words


@pytest.mark.parametrize(("section", "role"), [("english", "teacher"), ("algebra", "aide")])
def test_an_older_seat_in_another_class_or_as_an_aide_shows_no_one_who_had_dropped_before(own_school: School, section: str, role: str) -> None:
    own_school.change(DROPPED, identity("algebra/nina"))
    own_school.change("UPDATE enrollment SET begin_date = today() - 9 WHERE key = %s", identity("algebra/bo"))
    own_school.change("""INSERT INTO enrollment (key, section_id, person_id, role, begin_date) VALUES (%s, %s, %s, %s, today() - 90)""",
                      identity("older seat"), own_school.ids[section], own_school.ids["bo"], role)  # fmt: skip
    words = opened(view="grid").words
    assert "Moss, Max" in words and "Nina" not in words


def test_a_student_who_dropped_and_rejoined_the_class_is_in_it_once_for_everyone_at_the_school(own_school: School) -> None:
    own_school.change(DROPPED, identity("algebra/nina"))
    own_school.change("""INSERT INTO enrollment (key, section_id, person_id, role, begin_date)
        SELECT %s, section_id, person_id, role, today() - 9 FROM enrollment WHERE key = %s""", identity("again"), identity("algebra/nina"))
    for person in ("bo", "pat"):
        page = opened(person=person, view="grid")
        assert "dropped" not in page.words and page.words.count("Ruiz, Nina") == 1 and cells(page, "Ruiz, Nina")[1] == "9"
    with own_school.connect("owner") as owner:
        told = owner.execute("SELECT count(*), count(DISTINCT entry_id) FROM ledger_student WHERE student_id = %s", [own_school.ids["nina"]]).fetchone()
    assert told == (2, 2)


@pytest.mark.parametrize(("ends", "over", "status"), [(0, 0, 200), (29, 29, 200), (30, 30, 404), (9, -9, 404)])
def test_a_teacher_whose_seat_ended_with_the_session_reads_for_thirty_days_more(own_school: School, ends: int, over: int, status: int) -> None:
    """`ends` and `over`: days since the enrollment and the session ended. A class is closed right away if the enrollment ended before its session."""
    own_school.change(SESSION_OVER, over)
    own_school.change("UPDATE enrollment SET end_date = today() - %s::integer WHERE key = %s", ends, identity("algebra/bo"))
    assert opened().status == status
    assert ("Algebra 1" in Browser("bo", "staff").open("/classes").words) is (status == 200)


@pytest.mark.parametrize("seat", ["end_date = today()", "begin_date = today() + 1"])
def test_a_student_whose_seat_ended_today_or_begins_tomorrow_is_not_in_the_class_while_others_are(own_school: School, seat: str) -> None:
    own_school.change(f"UPDATE enrollment SET {seat} WHERE key = %s", identity("algebra/nina"))
    words = opened(view="grid").words
    assert "Moss, Max" in words and "Nina" not in words


def test_a_class_with_no_one_left_shows_its_former_students_and_keeps_dropped_ones_apart(own_school: School) -> None:
    own_school.change("UPDATE enrollment SET end_date = today() WHERE key = %s", identity("algebra/max"))
    own_school.change(DROPPED, identity("algebra/nina"))
    words = opened(view="grid").words
    assert "Moss, Max" in words and "Moss, Max (dropped)" not in words and "Ruiz, Nina (dropped)" in words


@pytest.mark.parametrize("seat", ["end_date = today() - 9", "ended_at = now()", "begin_date = today() + 1", "role = 'aide'"])
def test_a_counselor_who_does_not_teach_a_class_now_finds_it_among_the_schools_and_not_among_his_own(own_school: School, seat: str) -> None:
    own_school.change("INSERT INTO duty (person_id, school_id, duty, start_date) VALUES (%s, %s, 'counselor', today())",
                      own_school.ids["bo"], own_school.ids["middle"])  # fmt: skip
    own_school.change(f"UPDATE enrollment SET {seat} WHERE key = %s", identity("algebra/bo"))
    with own_school.asked_by("bo", "staff") as app:
        assert app.execute(f"SELECT title FROM classes_i_teach({TODAY})").fetchall() == []
        assert ("Algebra 1",) in app.execute("SELECT title FROM classes_of_my_schools()").fetchall()


def test_bo_reads_of_nina_and_max_no_score_of_their_other_classes(own_school: School) -> None:
    with own_school.asked_by("bo", "staff", ("gradebook", "algebra")) as app:
        assert app.execute(f"SELECT count(*) FROM class_results_shown({TODAY})").fetchone() == (4,)


@pytest.mark.parametrize(("who", "side"), [("ana", "family"), ("pat", "staff")])
def test_a_view_of_a_child_opens_no_class(own_school: School, who: str, side: str) -> None:
    with own_school.asked_by(who, side, ("child", "nina")) as app:
        for read in ("class_work_shown()", f"class_results_shown({TODAY})", f"class_students_shown({TODAY})", "class_shown()"):
            assert app.execute(f"SELECT count(*) FROM {read}").fetchone() == (0,), read
