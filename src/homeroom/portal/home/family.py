"""A family's first page: per child what needs attention, then what is due soon and what is new, and school news. Five queries for all children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows_of_each
from homeroom.portal.attendance.calendar import Day, days_of
from homeroom.portal.attendance.queries import marks_of
from homeroom.portal.attendance.strip import shown
from homeroom.portal.attendance.words import nothing_yet, what
from homeroom.portal.grades.classes import DrawnFor, Missing
from homeroom.portal.grades.news import Lacking, News, due_soon, lacking, news, since_of, soon_of
from homeroom.portal.grades.queries import news_of, seats_of
from homeroom.portal.grades.work import Piece
from homeroom.portal.home.child import FRESH, LINES, Few, asked_by, local_day, without_reason
from homeroom.portal.home.students import Student, StudentRow, students_asked, students_in
from homeroom.portal.news.pages import Item, items_in
from homeroom.portal.news.queries import newest_asked
from homeroom.portal.wording import dates

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChildCard:
    """`missing` has a few at most, the longest due first. `missing_in_all` counts all. `calm` has words if nothing needs attention."""

    student: Student
    missing: tuple[Lacking, ...]
    missing_in_all: int
    absences: tuple[tuple[str, tuple[str, ...]], ...]  # words, and the statements about the day
    soon: Few[Missing]  # due in the next seven days
    news: tuple[News, ...]
    more_news: int
    calm: str
    things: int

    @property
    def path(self) -> str:
        return f"/children/{self.student.uuid}"

    @property
    def more_missing(self) -> int:
        return self.missing_in_all - len(self.missing)


@dataclass(frozen=True, slots=True)
class FamilyPage:
    sentence: str
    since: date | None  # the last visit
    as_of: date  # the older day of grades and attendance
    absent: str  # the letter for an absence
    cards: list[ChildCard]
    looked: list[Student]  # children whose access log the viewer may read
    items: list[Item]  # the newest school news


def family_page(actor: Actor) -> FamilyPage:
    asked = asked_by(actor)
    found, published = rows_of_each(students_asked([child.uuid for child in actor.children]), newest_asked())
    students = students_in(actor, (StudentRow(*row) for row in found))
    graded = [student.id for student in students if "grades" in student.kinds]
    seats = {(seat.student_id, seat.section_id): seat for seat in seats_of(graded, asked.today)}
    since = since_of(asked) if asked.seen is None else None
    pieces = news_of(graded, {section for _student, section in seats}, seen=asked.seen, since=since, days=soon_of(asked))
    marked = [student.id for student in students if "attendance" in student.kinds]
    marks = marks_of(marked, asked.today - FRESH, students[0].codes if students else {})
    cards = []
    for student in students:
        titles = {section: seat.title for (of, section), seat in seats.items() if of == student.id}
        own = [(titles[p.section_id], p) for of, p in pieces if of == student.id and p.section_id in titles]
        days = days_of(marks[student.id]) if student.id in marks else None
        cards.append(card(student, own, days, asked, is_sent=actor.attendance_as_of is not None))
    looked = [student for student in students if "ledger" in student.kinds]
    return FamilyPage(sentence(cards), asked.since, older_of(actor) or asked.as_of, shown("A"), cards, looked, items_in(published))


def older_of(actor: Actor) -> date | None:
    days = map(local_day, (actor.grades_as_of, actor.attendance_as_of))
    return min((day for day in days if day), default=None)


def card(student: Student, pieces: Sequence[tuple[str, Piece]], days: list[Day] | None, asked: DrawnFor, *, is_sent: bool) -> ChildCard:
    """`pieces` are the child's work, each with the title of its class."""
    missing, fresh = lacking(pieces, asked), news(pieces, asked)
    waiting = without_reason(days or [], asked.today)[::-1]
    return ChildCard(
        student=student,
        missing=tuple(missing[:LINES]),
        missing_in_all=len(missing),
        absences=tuple(absence(day, asked.today) for day in waiting[:LINES]),
        soon=Few.of(due_soon(pieces, asked)),
        news=tuple(fresh[:LINES]),
        more_news=max(0, len(fresh) - LINES),
        calm="" if missing or waiting else calm(student, days, is_sent=is_sent),
        things=bool(missing) + len(waiting),
    )


def absence(day: Day, today: date) -> tuple[str, tuple[str, ...]]:
    """Returns words such as "Monday: absent, periods 1–3", for the part without a reason. Within a week the name of the day is enough."""
    named = dates.weekday(day.day) if day.day > today - A_WEEK else dates.day(day.day)
    part = next(part for part in day.parts if part.needs_reason)
    said = _("%(day)s: %(what)s") % {"day": named, "what": what(part)}
    return said[:1].upper() + said[1:], part.statements


def calm(student: Student, days: list[Day] | None, *, is_sent: bool) -> str:
    graded = _("Nothing is missing.") if "grades" in student.kinds else ""
    if days is None:
        return graded
    if any(day.differs for day in days):
        absent = _("No absence needs a reason.")
    else:
        absent = _("No absences in the past 30 days.") if is_sent else nothing_yet(is_sent=False)
    return f"{graded} {absent}".strip()


def sentence(cards: Sequence[ChildCard]) -> str:
    """Returns a sentence such as "3 things to check, all about Nina"."""
    things = sum(card.things for card in cards)
    if not things:
        return _("Nothing needs you today.")
    counted = ngettext("%(n)s thing to check", "%(n)s things to check", things) % {"n": things}
    names = [card.student.first_name for card in cards if card.things]
    if len(names) == 1:
        alone = _("%(things)s, about %(name)s.") if things == 1 else _("%(things)s, all about %(name)s.")
        return alone % {"things": counted, "name": names[0]}
    return _("%(things)s, about %(names)s.") % {"things": counted, "names": get_text_list(names, _("and"))}
