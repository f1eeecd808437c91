"""A student of a grant, as support reads the family's page: classes, work and attendance by the same rules, with numbers for names. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.attendance.calendar import Mark, Meaning, days_of
from homeroom.portal.attendance.models import Excuse, Presence
from homeroom.portal.attendance.words import Attendance, attendance, nothing_yet
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.audit.lines import kind_of, listed
from homeroom.portal.grades.classes import ClassRow, DrawnFor, Missing, class_rows
from homeroom.portal.grades.queries import seated
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece
from homeroom.portal.intake.office import pages_words
from homeroom.portal.support.masked_queries import MaskedClass, MaskedDelivery, MaskedMark, MaskedWork, Tie
from homeroom.portal.wording import dates

NOBODY = 0


@dataclass(frozen=True, slots=True)
class StudentPage:
    number: int
    classes: list[ClassRow]
    missing: list[Missing]
    attendance: Attendance
    adults: list["Adult"]


@dataclass(frozen=True, slots=True)
class Adult:
    title: str
    facts: tuple[str, ...]
    opens: bool
    answer: str  # what the adult can see, or why nothing


@dataclass(frozen=True, slots=True)
class MaskedFile:
    delivery: MaskedDelivery
    tag: tuple[str, str]
    why: str
    counts: tuple[str, ...]
    refused: tuple[tuple[str, int], ...]


def numbered_class(number: int) -> str:
    return _("Class %(n)s") % {"n": number}


def seats_of(classes: Iterable[MaskedClass], today: date) -> list[Seat]:
    """As on the family's page: running classes, or, if none runs, those that ended lately."""
    found = []
    for number, left_on, terms, teachers in classes:
        begun = [["", first.isoformat(), last.isoformat()] for first, last in terms or ()]
        who = [_("Teacher %(n)s") % {"n": teacher} for teacher in teachers]
        found.append(seated(NOBODY, number, str(number), numbered_class(number), [], left_on, begun, who, today=today))
    seats = [seat for seat in found if seat]
    return [seat for seat in seats if seat.runs] or seats


def pieces_of(work: Iterable[MaskedWork], seats: Sequence[Seat]) -> list[Piece]:
    """Pieces of the classes shown, each numbered within its class, newest first."""
    shown, places, found = {seat.section_id for seat in seats}, Counter[int](), list[Piece]()
    for section, kind, weight, due, out_of, is_grade, starts, ends, *result in work:
        places[section] += not is_grade
        if section in shown:
            *scored, delivery, changed_by, old_score, old_mark = result
            title = "" if is_grade else _("Work %(n)s") % {"n": places[section]}
            term = _("the term with the end date %(day)s") % {"day": dates.plain_day(ends)}
            line: list[Any] = [section, len(found), title, _("Kind %(n)s") % {"n": kind}, weight, due, out_of, is_grade, term, starts, ends]
            line += [*scored, None, None, delivery, changed_by, old_score, old_mark]  # no comment and no statement: support reads no one's words
            found.append(Piece(*line))
    return found


def marks_of(found: Iterable[MaskedMark]) -> list[Mark]:
    return [
        Mark(day, Meaning(Presence(presence), Excuse(excuse)), is_whole, tuple(numbered_class(number) for number in classes or ()))
        for day, presence, excuse, is_whole, classes in found
    ]


def student_page(number: int, seats: list[Seat], pieces: list[Piece], marks: list[Mark], ties: Sequence[Tie], asked: DrawnFor) -> StudentPage:
    rows, missing = class_rows(seats, pieces, asked)
    said = attendance(days_of(marks), asked.today, nothing=nothing_yet(is_sent=True))
    return StudentPage(number, rows, missing, said, [adult(tie) for tie in ties])


def adult(tie: Tie) -> Adult:
    title = _("Adult %(n)s, %(relation)s") % {"n": tie.adult, "relation": relation_of(tie.relation or tie.kind)}
    until = "" if tie.end_date is None else _("Until %(day)s.") % {"day": dates.plain_day(tie.end_date)}
    since = _("From %(day)s.") % {"day": dates.plain_day(tie.first_day)}
    facts = (f"{relation_of(tie.kind).capitalize()}, {state(tie.state)}, {proof(tie.proof)}.", dates.one_stop(since), dates.one_stop(until))
    shows = _("Can see %(what)s.") % {"what": listed([_("the access log") if kind == "ledger" else kind_of(kind) for kind in tie.views])}
    return Adult(title, tuple(filter(None, facts)), not tie.closed_by, why_closed(tie.closed_by) or shows)


def state(code: str) -> str:
    states = {
        "requested": _("requested"),
        "approved": _("approved"),
        "under challenge": _("under challenge"),
        "suspended": _("suspended"),
        "ended": _("ended"),
    }
    return states.get(code, code)


def proof(code: str) -> str:
    proofs = {
        "claimed": _("not verified"),
        "code": _("verified by a code"),
        "in person": _("verified in person"),
        "district record": _("on the district’s record"),
        "consent": _("by a signed consent"),
    }
    return proofs.get(code, code)


def why_closed(code: str) -> str:
    reasons = {
        "barred": _("No access: a restriction is on file."),
        "state": _("No access: it is not approved."),
        "not begun": _("No access yet: it begins later."),
        "over": _("No access: its last day has passed."),
        "no account": _("No access: this adult has no account."),
        "asleep": _("No access: no password was chosen for the account."),
        "closed": _("No access: the account is closed."),
    }
    return reasons.get(code, "")


def file_of(delivery: MaskedDelivery) -> MaskedFile:
    why = pages_words.sentence(delivery.reason, delivery.numbers) if delivery.reason else ""
    counts = [f"{pages_words.table(name)}: {counted(of)}" for name, of in delivery.counts.items() if any(of.values())]
    refused = tuple(sorted((refused_row(row), rows) for row, rows in delivery.refused.items()))
    return MaskedFile(delivery, pages_words.state(delivery.state, delivery.reason), why, tuple(counts), refused)


def counted(of: dict[str, int] | Any) -> str:
    kinds = {"new": _("new"), "changed": _("changed"), "ended": _("ended"), "same": _("as they were"), "refused": _("left out")}
    return ", ".join(f"{number} {kinds.get(kind, kind)}" for kind, number in of.items() if number)


def refused_row(row: str) -> str:
    file, _colon, reason = row.partition(": ")
    return f"{file}: {pages_words.sentence(reason, {})}"


def as_of(found: Sequence[MaskedDelivery], today: date) -> date:
    """The day of the last export that brought scores, or today. A family's page uses that day to say what is missing."""
    days = [timezone.localdate(each.signed_at) for each in found if each.state == "imported" and each.signed_at and "result" in each.counts]
    return max(days, default=today)
