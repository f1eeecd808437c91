"""A view opens what it names, and nothing that the person could read by another view."""

import pytest

from homeroom.portal.membership.masking.tests.masking import mask
from tests.cast import identity
from tests.school import School, names_read

MARKS = "SELECT json_array_length(marks) FROM child_shown(%s, '-infinity', timezone('PST8PDT', now())::date, '-infinity')"
WORK = "SELECT title FROM work_shown(%s, timezone('PST8PDT', now())::date + 1, '-infinity')"
BESIDE = "SELECT count(question_beside(%s))"


@pytest.mark.parametrize(("who", "marks"), [("tia", 0), ("ana", 1)])
def test_a_tutor_for_grades_reads_no_day_absent(school: School, who: str, marks: int) -> None:
    with school.asked_by(who, "family", ("child", "nina")) as app:
        (found,) = app.execute(MARKS, [identity("nina")]).fetchone() or (-1,)
        assert min(found, 1) == marks


@pytest.mark.parametrize(("act", "subject", "n"), [("adults", "nina", 0), ("same person", "question", 1)])
def test_an_administrator_at_the_childs_adults_reads_no_question_of_two_birth_dates(school: School, act: str, subject: str, n: int) -> None:
    with school.asked_by("carl", "staff", (act, subject)) as app:
        assert app.execute(BESIDE, [identity("question")]).fetchone() == (n,)


@pytest.mark.parametrize(("act", "subject", "n"), [("adults", "nina", 0), ("changes", "changes/nina", 1)])
def test_an_administrator_at_the_childs_adults_reads_nothing_that_a_file_changed(school: School, act: str, subject: str, n: int) -> None:
    with school.asked_by("carl", "staff", (act, subject)) as app:
        found = app.execute("SELECT count(*) FROM change_shown(%s, %s, true)", [school.ids["file"], identity("changes/nina")]).fetchone()
        assert found == (n,)


def test_a_teacher_who_is_restricted_from_a_student_of_his_class_sees_the_others_names(own_school: School) -> None:
    own_school.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                      own_school.ids["bo"], own_school.ids["max"])  # fmt: skip
    with own_school.asked_by("bo", "staff", ("gradebook", "algebra")) as app:
        assert names_read(app) == {"Nina Ruiz"}


def test_work_of_a_class_that_begins_next_term_is_not_there_before(own_school: School) -> None:
    own_school.change("""INSERT INTO line_item (key, section_id, category_id, term_id, title, assign_date, due_date, score_max, is_grade)
        SELECT gen_random_uuid(), %s, category_id, term_id, 'Poster', today(), today(), 10, false FROM line_item LIMIT 1""", own_school.ids["art"])  # fmt: skip
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        titles = {row[0] for row in app.execute(WORK, [identity("nina")]).fetchall()}
        assert titles and "Poster" not in titles


def test_work_of_a_class_that_nina_left_before_the_day_is_not_there(own_school: School) -> None:
    own_school.change("UPDATE enrollment SET end_date = today() - 5 WHERE key = %s", identity("algebra/nina"))
    since = WORK.replace("'-infinity'", "timezone('PST8PDT', now())::date + %s")
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        before, after = ({row[0] for row in app.execute(since, [identity("nina"), days]).fetchall()} for days in (-6, -5))
        assert after < before


@pytest.mark.parametrize(("who", "side", "act", "statement"), [
    ("ana", "family", "who has looked", WORK), ("tia", "family", "child", "SELECT name FROM ledger_of(%s, '-infinity', 'infinity')"),
    ("carl", "staff", "ledger check", "SELECT uuid FROM ties_of_child(%s)"),
], ids=["grades", "ledger", "contacts"])  # fmt: skip
def test_a_view_of_another_kind_opens_none_of_it(school: School, who: str, side: str, act: str, statement: str) -> None:
    with school.asked_by(who, side, (act, "nina")) as app:
        assert app.execute(statement.encode(), [identity("nina")]).fetchall() == []


def test_a_view_keeps_only_names_of_its_own_classes_and_keeps_a_mask_apart(own_school: School) -> None:
    """Tia reads Nina's alias."""
    mask(own_school, "nina")
    with own_school.asked_by("tia", "family", ("child", "nina")):
        pass
    with own_school.connect("owner") as owner:
        (names, aliases) = owner.execute("SELECT names, aliases FROM opening ORDER BY entry_id DESC LIMIT 1").fetchone() or ([], [])
    assert {*names} == {own_school.ids[name] for name in ("tia", "bo", "dana")} and {*aliases} == {own_school.ids["nina"]}
