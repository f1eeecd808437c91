"""A student's attendance as a family reads it: days that differ in words, and the count in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.attendance.calendar import Day, Mark, Meaning, Part, Totals, day_of, runs, totals
from homeroom.portal.attendance.models import Excuse, Presence
from homeroom.portal.attendance.strip import Strip, letter_of, shown, strip

SHORT = 3  # characters of a period's name. A longer name is a class's


@dataclass(frozen=True, slots=True)
class DayLine:
    day: date
    letter: str
    what: str
    detail: str
    needs_reason: bool
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attendance:
    """`sentence` is the count, and `since` the first day that it covers. `lines` has the newest first. `more` counts days that differ and have no line here."""

    sentence: str
    since: date | None
    strip: Strip
    label: str
    lines: tuple[DayLine, ...]
    more: int


def attendance(days: Sequence[Day], today: date, most: int | None = None, *, nothing: str) -> Attendance:
    """`most` limits the days with lines. `nothing` is the text for a student without any mark."""
    differing = [day for day in reversed(days) if day.differs]
    shown = [line for day in differing[:most] for line in day_lines(day)]
    said = sentence(totals(days)) if days else nothing
    label = _("Calendar of the past weeks. %(sentence)s Absences and late days are listed below.") % {"sentence": said}
    since = days[0].day if days else None
    return Attendance(said, since, strip(days, today), label, tuple(shown), len(differing) - len(differing[:most]))


def nothing_yet(*, is_sent: bool) -> str:
    """`is_sent`: the district sends attendance. It may send nothing for a student without an absence."""
    return _("No absence has been sent.") if is_sent else _("No attendance has been sent yet.")


def day_lines(day: Day) -> list[DayLine]:
    """Returns one line per meaning, because an excused period and an unexcused one on the same day differ."""
    return [DayLine(day.day, shown(letter_of(part)), what(part), detail(part), part.needs_reason, part.statements) for part in day.differing]


def what(part: Part) -> str:
    """Returns words such as "absent, periods 1–3", "late, period 1" or "absent all day"."""
    if part.presence is Presence.ABSENT and part.is_all:
        return _("excused absence, all day") if part.is_excused else _("absent all day")
    word = {
        Presence.ABSENT: _("excused absence") if part.is_excused else _("absent"),
        Presence.TARDY: _("late"),
        Presence.LEFT_EARLY: _("left early"),
        Presence.RECORDED: _("recorded"),
        Presence.PRESENT: _("present"),
    }[part.presence]
    where = places(part.periods)
    return f"{word}, {where}" if where else word


def as_family_reads(meaning: Meaning, day: date) -> str:
    """Returns the words for a whole day with this meaning."""
    said = day_of([Mark(day, meaning, True, ())]).parts[0]
    words = f"{what(said)}. {detail(said)}".strip()
    return words[:1].upper() + words[1:]


def places(periods: Sequence[str]) -> str:
    """Returns "periods 1–3 and 5", or names of classes without periods."""
    if not periods:
        return ""
    if any(len(period) > SHORT for period in periods):
        return str(get_text_list(list(periods), _("and")))
    joined = [a if a == b else _("%(first)s–%(last)s") % {"first": a, "last": b} for a, b in runs(periods)]
    listed = get_text_list(joined, _("and"))
    said = ngettext("period %(list)s", "periods %(list)s", len(periods)) % {"list": listed}
    return said.replace(" ", "\N{NO-BREAK SPACE}") if len(joined) == 1 else said


def detail(part: Part) -> str:
    if part.presence is Presence.RECORDED:
        return _("The school used a code that this page doesn’t know. Ask the office what it means.")
    if part.excuse is Excuse.UNEXCUSED:
        return _("The school recorded it as unexcused.")
    if part.is_excused:
        return "" if part.presence is Presence.ABSENT else _("Excused.")
    if part.on_file:
        return _("A reason code is on file. Ask the office what it means.")
    return _("No reason recorded yet.") if part.presence is Presence.ABSENT else ""


def sentence(of: Totals) -> str:
    """Returns "2 absences, 2 late arrivals and 1 excused absence in 54 school days"."""
    parts = [
        (of.absent, ngettext("%(n)s absence", "%(n)s absences", of.absent)),
        (of.late, ngettext("%(n)s late arrival", "%(n)s late arrivals", of.late)),
        (of.left_early, ngettext("%(n)s early leave", "%(n)s early leaves", of.left_early)),
        (of.excused, ngettext("%(n)s excused absence", "%(n)s excused absences", of.excused)),
        (of.recorded, ngettext("%(n)s day recorded", "%(n)s days recorded", of.recorded)),
    ]
    listed = get_text_list([words % {"n": n} for n, words in parts if n], _("and")) or _("No absences")
    if of.school_days is None:
        return f"{listed}."
    days = ngettext("%(n)s school day", "%(n)s school days", of.school_days) % {"n": of.school_days}
    return _("%(list)s in %(days)s.") % {"list": listed, "days": days}
