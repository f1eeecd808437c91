"""Classes that a student no longer sits in: terms that are over, and those dropped in the middle of one. History is what the
file last said; what it took back while the student still sat there stays taken back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from homeroom.portal.access.asking import rows
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece
from homeroom.portal.wording.dates import school_year_of


@dataclass(frozen=True, slots=True)
class EarlierSeat:
    """year: the school year in which its term began, by the year in which it ends. until: when a file first left the seat out; None: the class is over."""

    seat: Seat
    year: int
    until: datetime | None


# Teachers: those the class had when the student left it. Terms: ended ones too, since the years before are left out first.
SEATS = """SELECT e.section_id, s.uuid::text, s.title, s.periods, e.end_date, least(e.ended_at, s.ended_at),
       ARRAY(SELECT ARRAY[t.title, t.start_date::text, t.end_date::text]
             FROM section_term st JOIN term t ON t.id = st.term_id WHERE st.section_id = e.section_id ORDER BY t.end_date),
       ARRAY(SELECT DISTINCT coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' '
                    || coalesce(nullif(p.preferred_family_name, ''), p.family_name)
             FROM enrollment te JOIN person p ON p.id = te.person_id
             WHERE te.section_id = e.section_id AND te.role = 'teacher'
               AND (te.ended_at IS NULL OR te.ended_at >= least(e.ended_at, s.ended_at)))
FROM enrollment e JOIN section s ON s.id = e.section_id
WHERE e.person_id = %(student)s AND e.role = 'student' AND (e.begin_date IS NULL OR e.begin_date <= %(today)s)
ORDER BY s.title, s.id, least(e.ended_at, s.ended_at) DESC NULLS FIRST, e.end_date DESC NULLS FIRST"""

# In the order of Piece's fields. Work that was taken away, or a score taken back, before the student left is not history.
WORK = """SELECT l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade, t.title, t.start_date, t.end_date,
       r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete, r.in_progress, r.comment,
       r.delivery_id, x.delivery_id, x.old_score, x.old_text_score
FROM unnest(%(sections)s::integer[], %(until)s::timestamptz[]) AS seat (section_id, until)
     JOIN line_item l ON l.section_id = seat.section_id AND (l.ended_at IS NULL OR l.ended_at >= seat.until)
     JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
     JOIN result r ON r.line_item_id = l.id AND r.student_id = %(student)s AND (r.ended_at IS NULL OR r.ended_at >= seat.until)
     LEFT JOIN (SELECT DISTINCT ON (result_id) result_id, delivery_id, old_score, old_text_score FROM result_change
                WHERE student_id = %(student)s ORDER BY result_id, id DESC) x ON x.result_id = r.id
ORDER BY l.due_date DESC, l.id DESC"""


def earlier_seats(student_id: int, today: date) -> list[EarlierSeat]:
    """By name. A class the student sits in today is none, however often it was left before."""
    by_section: dict[int, EarlierSeat | None] = {}
    for row in rows(SEATS, {"student": student_id, "today": today}):
        section_id, found = row[0], _seat(student_id, *row, today=today)
        by_section.setdefault(section_id, found)  # the row that ended last comes first, and one that did not before it
    return [seat for seat in by_section.values() if seat]


def _seat(
    student_id: int, section_id: int, uuid: str, title: str, periods: list[str], left: date | None, until: datetime | None,
    terms: list[list[str]], teachers: list[str], *, today: date,
) -> EarlierSeat | None:  # fmt: skip
    begun = [(name, begins, ends) for name, *days in terms for begins, ends in [map(date.fromisoformat, days)] if begins <= today]
    is_over = bool(left and left <= today) or bool(terms and all(ends <= today for *_term, ends in begun))
    if (terms and not begun) or (until is None and not is_over):
        return None
    last = min(filter(None, [left, until and timezone.localdate(until)]), default=today)
    name, begins, ends = next((term for term in begun if last < term[2]), begun[-1]) if begun else ("", last, last)
    seat = Seat(student_id, section_id, uuid, title, tuple(periods), tuple(teachers), name, min(ends, last), False)
    return EarlierSeat(seat, school_year_of(begins), until)


def earlier_work(student_id: int, seats: Collection[EarlierSeat]) -> list[Piece]:
    """What the student has a result for in these classes, newest first."""
    values = {"student": student_id, "sections": [s.seat.section_id for s in seats], "until": [s.until for s in seats]}
    return [Piece(*row) for row in rows(WORK, values)]


def years_of(seats: Iterable[EarlierSeat]) -> set[int]:
    return {seat.year for seat in seats}
