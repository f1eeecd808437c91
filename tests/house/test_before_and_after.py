"""The statements that pages used under row policies and the reading functions that replace them give the same rows, for every role of the cast."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from homeroom.portal.attendance import queries as attendance
from homeroom.portal.grades import earlier, gradebook_queries, queries
from homeroom.portal.home import students
from homeroom.portal.intake import change_queries
from homeroom.portal.membership import administrator_queries, code_queries, duty_queries
from homeroom.portal.news import queries as news
from tests.cast import STUDENTS, identity
from tests.house.expected import HATS, LOOKS
from tests.house.test_reach import look
from tests.school import School

WEEK = datetime.now(UTC) - timedelta(days=7)
ALL = [identity(student) for student in STUDENTS]
WHOLE = ("child", "home")


def rows(app: psycopg.Connection[Any], statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    return app.execute(statement.encode(), values).fetchall()


@pytest.fixture(scope="module", params=["plain", "masked"])
def schools(school: School, request: pytest.FixtureRequest) -> School:
    """masked: every student is masked from whoever may not read the name."""
    if request.param == "masked":
        school.change("UPDATE masking SET start_date = today() - 1, end_date = NULL")
        for student in ("nina", "max", "kai"):
            school.change("""INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)
                SELECT p.id, 'Robin', 'Vale', 'threat', today() - 1, (SELECT id FROM person WHERE sourced_id = 'carl') FROM person p WHERE sourced_id = %s""", student)
    return school


@pytest.mark.parametrize(("person", "side", "act", "subject"), LOOKS)
def test_after_a_view_both_give_the_same_rows(schools: School, person: str, side: str, act: str, subject: str) -> None:
    today = timezone.localdate()
    ids = [schools.ids[name] for name in STUDENTS]
    with look(schools, person, side, act, subject) as (app, _entry):
        graded = {row[0] for row in rows(app, "SELECT DISTINCT student_id FROM result")} if act in WHOLE else set()
        marked = {row[0] for row in rows(app, "SELECT DISTINCT student_id FROM attendance_mark")}
        # students
        old = rows(app, students.STUDENTS, {"week": WEEK, "uuids": ALL}) + rows(app, students.ALIASES, {"week": WEEK, "uuids": ALL})
        new = rows(app, "SELECT * FROM students_shown(%(uuids)s, %(week)s)", {"week": WEEK, "uuids": ALL})
        if act == "class names" or act == "changes" or act == "gradebook":
            assert {row[0] for row in new} <= {row[0] for row in old}
        else:
            assert sorted(new) == sorted(old)
        # seats
        values = {"students": ids, "today": today}
        old = [row for row in rows(app, queries.SEATS, values) if row[0] in graded]
        assert rows(app, "SELECT * FROM seats_shown(%(students)s, %(today)s)", values) == old
        for student, number in zip(STUDENTS, ids, strict=True):
            one = {"student": number, "since": today - timedelta(120)}
            old = [tuple(piece) for piece in queries.pieces_in(rows(app, queries.WORK, one), rows(app, queries.RESULTS, one), range(10**6), today)]
            new = rows(app, "SELECT * FROM work_shown(%s, %s, %s)", [identity(student), today, one["since"]])
            assert new == (old if number in graded else [])
            old = rows(app, earlier.SEATS, {"student": number, "today": today}) if number in graded else []
            assert rows(app, "SELECT * FROM earlier_seats_shown(%s, %s)", [number, today]) == old
            sections = [row[0] for row in rows(app, "SELECT id FROM section")]
            later = {"student": number, "sections": sections, "until": [None] * len(sections)}
            old = rows(app, earlier.WORK, later) if number in graded else []
            new = rows(app, "SELECT * FROM earlier_work_shown(%(student)s, %(sections)s, %(until)s::timestamptz[])", later)
            assert new == old
            for seen, since in ((0, None), (None, date(2000, 1, 1))):
                asked = {"students": [number], "sections": sections, "seen": seen, "since": since}
                old = rows(app, queries.NEWS, asked) if number in graded else []
                assert rows(app, "SELECT * FROM scores_shown(%(students)s, %(sections)s, %(seen)s, %(since)s::date)", asked) == old
            assert rows(app, "SELECT first_mark_shown(%s)", [number]) == rows(app, attendance.FIRST, {"student": number})
        old = rows(app, attendance.MARKS, {"students": ids, "since": date(2000, 1, 1), "until": date.max})
        new = rows(app, "SELECT * FROM marks_shown(%s, %s, %s)", [ids, date(2000, 1, 1), date.max])
        assert sorted(new) == sorted(old) and {row[0] for row in new} == marked
        # a class
        if act in ("gradebook", "class names"):
            names = [f"{family}, {given}" for family, given in rows(app, "SELECT * FROM class_names_shown()")]
            assert names == [f"{family}, {given}" for family, given in rows(app, duty_queries.NAMES)]
        if act == "gradebook":
            number = schools.ids[subject]
            old = sorted((row[3], row[4], row[5]) for row in rows(app, gradebook_queries.SEATED, {"section": number}))
            new = rows(app, "SELECT id, uuid, family_name || ', ' || given_name FROM class_students_shown(%s)", [today])
            assert sorted(new) == old
            assert len(rows(app, "SELECT * FROM class_work_shown()")) == len(rows(app, "SELECT FROM line_item WHERE ended_at IS NULL"))
            new = rows(app, "SELECT student_id, line_item_id, score, comment FROM class_results_shown(%s)", [today])
            assert sorted(new) == sorted(rows(app, "SELECT student_id, line_item_id, score, comment FROM result"))
            assert rows(app, "SELECT id FROM class_shown()") == [(number,)]
        elif act != "class names":
            for function in ("class_shown()", "class_students_shown(today())", "class_work_shown()", "class_results_shown(today())", "class_names_shown()"):
                assert rows(app, f"SELECT * FROM {function}") == []
        file = schools.ids["file"]
        for name in ("nina", "ida"):
            one = {"delivery": file, "uuid": identity(f"changes/{name}"), "is_here": name == "nina"}
            assert rows(app, "SELECT * FROM change_shown(%(delivery)s, %(uuid)s, %(is_here)s)", one) == rows(app, change_queries.ONE, one)


@pytest.mark.parametrize(("person", "side"), HATS)
def test_without_a_view_both_give_the_same_rows(schools: School, person: str, side: str) -> None:
    schools.change("DELETE FROM opening")
    today, file = timezone.localdate(), schools.ids["file"]
    with schools.asked_by(person, side) as app:
        assert rows(app, "SELECT * FROM attendance_codes_shown()") == rows(app, "SELECT status, excuse_code, presence, excuse FROM attendance_code")
        assert rows(app, "SELECT * FROM news_shown(NULL, 9)") == rows(app, news.SHOWN, {"which": None, "most": 9})
        assert rows(app, "SELECT * FROM news_shown(%s, 1)", [identity("fair")]) == rows(app, news.SHOWN, {"which": identity("fair"), "most": 1})
        if person:
            assert rows(app, "SELECT * FROM schools_listed()") == rows(app, administrator_queries.SCHOOLS)
        for name in ("algebra", "english", "reading", "art"):
            titled = rows(app, code_queries.TITLE, {"section": identity(name)}) if side == "staff" else []
            assert rows(app, "SELECT class_titled(%s)", [identity(name)]) == (titled or [(None,)])
        taught = rows(app, """SELECT section_id FROM enrollment WHERE person_id = %s AND role = 'teacher' AND ended_at IS NULL""", [schools.ids.get(person)])
        assert {row[0] for row in rows(app, "SELECT id FROM classes_i_teach(%s)", [today])} == ({row[0] for row in taught} if side == "staff" else set())
        schooled = rows(app, """SELECT s.id, count(DISTINCT e.person_id) FROM section s JOIN duty d ON d.school_id = s.school_id AND d.duty IN ('principal', 'counselor')
            LEFT JOIN enrollment e ON e.section_id = s.id AND e.role = 'student' GROUP BY s.id""")
        assert sorted(rows(app, "SELECT id, students FROM classes_of_my_schools()")) == sorted(schooled)
        old = rows(app, students.STUDENTS, {"week": WEEK, "uuids": ALL})
        new = rows(app, "SELECT * FROM students_shown(%(uuids)s, %(week)s)", {"week": WEEK, "uuids": ALL})
        assert sorted(new) == (sorted(old) if side != "staff" and person != "tia" else sorted(new))
        for statement, of in (("SELECT number FROM deliveries_shown(NULL, NULL, 9)", "delivery"), ("SELECT number FROM recent_deliveries(9)", "delivery"),
                              ("SELECT sender FROM signing_keys_shown()", "signer"), ("SELECT file FROM columns_off_shown()", "unread_column")):  # fmt: skip
            assert len(rows(app, statement)) == len(rows(app, f"SELECT FROM {of}"))
        assert len(rows(app, "SELECT * FROM refused_rows_shown(%s, 0, 9)", [file])) == len(rows(app, "SELECT FROM refused_row"))
        assert rows(app, "SELECT digest FROM receipt_shown(%s)", [file]) == rows(app, "SELECT digest FROM delivery")
        assert rows(app, "SELECT * FROM change_counts_shown(%s)", [file]) == rows(app, change_queries.COUNTS, {"delivery": file})
        wanted = {"delivery": file, "school": "", "mark": "", "is_odd": False, "name": "", "after": 0}
        assert rows(app, "SELECT * FROM changes_shown(%(delivery)s, '', '', false, '', 0, 9)", wanted) == rows(app, change_queries.LIST, wanted)
        assert rows(app, "SELECT changes_counted(%(delivery)s, '', '', false, '', 9)", wanted) == rows(app, change_queries.TOTAL, wanted)
