"""What the file says about students' classes and work, in a fixed number of statements."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from homeroom.portal.access.asking import Query, rows
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece
from homeroom.portal.roster.models import SectionTerm

RECENT = timedelta(days=120)  # between two terms, and in summer, the last ones stay on the page

# Names as full_name() writes them; called once a class, it took a fifth of the statement. A name by a look-up of its own: in a
# join the planner looked up everybody whose name may be read, once a class.
SEATS = """SELECT e.person_id, e.section_id, s.uuid::text, s.title, s.periods, e.end_date,
       ARRAY(SELECT ARRAY[t.title, t.start_date::text, t.end_date::text] FROM section_term st JOIN term t ON t.id = st.term_id
             WHERE st.section_id = e.section_id AND t.ended_at IS NULL ORDER BY t.end_date),
       ARRAY(SELECT (SELECT coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' '
                            || coalesce(nullif(p.preferred_family_name, ''), p.family_name)
                     FROM person p WHERE p.id = te.person_id)
             FROM enrollment te
             WHERE te.section_id = e.section_id AND te.role = 'teacher' AND te.ended_at IS NULL
               AND (te.end_date IS NULL OR te.end_date > %(today)s)
             ORDER BY te.is_primary DESC, te.id)
FROM enrollment e JOIN section s ON s.id = e.section_id
WHERE e.person_id = ANY (%(students)s) AND e.role = 'student' AND e.ended_at IS NULL AND s.ended_at IS NULL
  AND (e.begin_date IS NULL OR e.begin_date <= %(today)s)
ORDER BY s.title, s.id"""


def seats_of(student_ids: Collection[int], today: date) -> list[Seat]:
    """Classes that run today, by name; where none of a student's does, the last that did. Never one to come."""
    return seats_in(rows(*seats_asked(student_ids, today)), today)


def seats_asked(student_ids: Collection[int], today: date) -> Query:
    return SEATS, {"students": list(student_ids), "today": today}


def seats_in(found: Iterable[tuple[Any, ...]], today: date) -> list[Seat]:
    seats = [seat for row in found if (seat := seated(*row, today=today))]
    running = {seat.student_id for seat in seats if seat.runs}
    return [seat for seat in seats if seat.runs or seat.student_id not in running]


def seated(
    student_id: int, section_id: int, uuid: str, title: str, periods: list[str], left: date | None,
    begun: list[list[str]], teachers: list[str | None], *, today: date,
) -> Seat | None:  # fmt: skip
    """begun: title, first day and end of each term. None: of a class that was over long ago, or is still to come."""
    terms = [(name, date.fromisoformat(start), date.fromisoformat(end)) for name, start, end in begun]
    past = [term for term in terms if term[1] <= today]
    running = [term for term in past if today < term[2]]
    name, ends = (running[0] if running else past[-1])[::2] if past else ("", None)
    is_over = bool(left and left <= today) or bool(terms and not running)
    is_long_over = is_over and min(left or date.max, ends or date.max) <= today - RECENT
    if is_long_over or (terms and not past):
        return None
    return Seat(student_id, section_id, uuid, title, tuple(periods), tuple(filter(None, teachers)), name, ends, not is_over)


def terms_of(section: str) -> ArraySubquery:
    terms = SectionTerm.objects.filter(section=OuterRef(section), term__ended_at=None).order_by("term__end_date")
    return ArraySubquery(
        terms.values(json=JSONObject(title="term__title", start="term__start_date", end="term__end_date"))
    )


OF_THE_WORK = ("title", "category__title", "category__weight", "due_date", "score_max", "is_grade",
               "term__title", "term__start_date", "term__end_date")  # fmt: skip
OF_THE_RESULT = (
    "score",
    "text_score",
    "status",
    "score_date",
    "is_late",
    "is_missing",
    "is_incomplete",
    "in_progress",
    "comment",
)

# In the order of Piece's fields. Two statements: joined, each piece of work searched seven million results for the student's.
# The classes by the student, and not by what SEATS found: so all of a page is asked at once. What it does not show falls away here.
# MATERIALIZED: expecting one piece of work, the planner would read both tables again for each of hundreds.
WORK = """WITH c AS MATERIALIZED (SELECT id, title, weight FROM category),
     t AS MATERIALIZED (SELECT id, title, start_date, end_date FROM term)
SELECT l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade, t.title, t.start_date, t.end_date,
       l.assign_date
FROM line_item l JOIN c ON c.id = l.category_id JOIN t ON t.id = l.term_id
WHERE l.section_id = ANY (ARRAY(SELECT e.section_id FROM enrollment e WHERE e.person_id = %(student)s AND e.role = 'student'
                                AND e.ended_at IS NULL AND (e.end_date IS NULL OR e.end_date > %(since)s)))
  AND l.ended_at IS NULL
ORDER BY l.due_date DESC, l.id DESC"""

RESULTS = """SELECT r.line_item_id,
       r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete, r.in_progress, r.comment,
       r.delivery_id, x.delivery_id, x.old_score, x.old_text_score
FROM result r LEFT JOIN (SELECT DISTINCT ON (result_id) result_id, delivery_id, old_score, old_text_score FROM result_change
                         WHERE student_id = %(student)s ORDER BY result_id, id DESC) x ON x.result_id = r.id
WHERE r.student_id = %(student)s AND r.ended_at IS NULL
ORDER BY r.score_date, r.id"""


def work_asked(student_id: int, today: date) -> tuple[Query, Query]:
    """All work of the student's classes, and the student's own results."""
    return (WORK, {"student": student_id, "since": today - RECENT}), (RESULTS, {"student": student_id})


def pieces_in(
    work: Iterable[tuple[Any, ...]], found: Iterable[tuple[Any, ...]], section_ids: Collection[int], today: date
) -> list[Piece]:
    """The work of these classes with the student's result, newest first; without a result only what is assigned by now.
    Of two results for one piece of work the one scored last."""
    results = {row[0]: row[1:] for row in found}
    return [
        Piece(*piece, *results.get(piece[1], ()))
        for *piece, assigned in work
        if piece[0] in section_ids and (assigned <= today or piece[1] in results)
    ]


# The student, then Piece's fields.
NEWS = """SELECT r.student_id,
       l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade, t.title, t.start_date, t.end_date,
       r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete, r.in_progress, r.comment,
       r.delivery_id, x.delivery_id, x.old_score, x.old_text_score
FROM result r JOIN line_item l ON l.id = r.line_item_id JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
     LEFT JOIN (SELECT DISTINCT ON (result_id) result_id, delivery_id, old_score, old_text_score FROM result_change
                WHERE student_id = ANY (%(students)s) ORDER BY result_id, id DESC) x ON x.result_id = r.id
WHERE r.student_id = ANY (%(students)s) AND r.ended_at IS NULL AND l.section_id = ANY (%(sections)s) AND l.ended_at IS NULL
  AND (r.is_missing OR r.status = 2 OR r.delivery_id > %(seen)s OR r.score_date >= %(since)s)
  AND NOT EXISTS (SELECT FROM result o WHERE o.student_id = r.student_id AND o.line_item_id = r.line_item_id AND o.ended_at IS NULL
                  AND (o.score_date, o.id) > (r.score_date, r.id))
ORDER BY l.due_date, l.id"""


def news_of(
    student_ids: Collection[int], section_ids: Collection[int], *, seen: int | None, since: date | None
) -> list[tuple[int, Piece]]:
    """Results of these students that may be missing; that came after the delivery last seen; that were scored since that day."""
    values: dict[str, Any] = {"students": list(student_ids), "sections": list(section_ids)}
    found = rows(NEWS, values | {"seen": seen, "since": since})
    return [(student, Piece(*row)) for student, *row in found]
