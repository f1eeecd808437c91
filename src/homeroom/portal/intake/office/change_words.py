"""Words of a change set's pages: kinds of change, marks for what to check, and values."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.judging.decide import StandsOut
from homeroom.portal.intake.office.pages_words import tables
from homeroom.portal.wording import dates

DAYS = {"start_date", "end_date", "begin_date", "birth_date", "assign_date", "due_date", "score_date", "day"}


def kinds() -> dict[str, str]:
    """Returns kinds of change, in reading order."""
    return {"going": _("Ends"), "changed": _("Changes"), "new": _("Is added")}


def kind_tag(kind: str) -> tuple[str, str]:
    return {"going": "missing", "changed": "late", "new": "new"}.get(kind, "plain"), kinds().get(kind, kind)


def summaries() -> Callable[[Mapping[str, int]], str]:
    """Returns a function for summaries such as "Loses 6 class enrollments, 12 scores. Gets 1 contact." Losses come first."""
    said = {"going": _("Loses %(what)s."), "changed": _("Changes: %(what)s."), "new": _("Gets %(what)s.")}

    def summary(counts: Mapping[str, int]) -> str:
        by_kind: dict[str, list[str]] = {}
        for mark, rows in sorted(counts.items()):
            shape, _blank, kind = mark.partition(" ")
            by_kind.setdefault(kind, []).append(counted(shape, rows))
        return " ".join(words % {"what": ", ".join(by_kind[kind])} for kind, words in said.items() if kind in by_kind)

    return summary


def counted(shape: str, rows: int) -> str:
    """Returns a number of things in words, such as "6 scores"."""
    words = {
        "person": ngettext("%(n)s entry in the list of people", "%(n)s entries in the list of people", rows),
        "role": ngettext("%(n)s role at a school", "%(n)s roles at schools", rows),
        "demographic": ngettext("%(n)s birth date", "%(n)s birth dates", rows),
        "enrollment": ngettext("%(n)s class enrollment", "%(n)s class enrollments", rows),
        "line_item": ngettext("%(n)s assignment", "%(n)s assignments", rows),
        "result": ngettext("%(n)s score", "%(n)s scores", rows),
        "attendance_mark": ngettext("%(n)s attendance mark", "%(n)s attendance marks", rows),
        "contact": ngettext("%(n)s contact", "%(n)s contacts", rows),
        "agent": ngettext("%(n)s link to an adult", "%(n)s links to adults", rows),
    }
    return words[shape] % {"n": f"{rows:,}"} if shape in words else f"{tables().get(shape, shape).lower()} ({rows:,})"


def odd_words() -> Mapping[str, str]:
    """Maps codes of standing_out to words."""
    return {
        str(StandsOut.OTHER_PERSON): _("Another person?"),
        str(StandsOut.OTHER_NAME): _("Another name, no birth date"),
        str(StandsOut.REACHED_ELSEWHERE): _("Email or phone changes"),
        str(StandsOut.NEW_AT_SCHOOL): _("Staff new to a school"),
        str(StandsOut.MANY_STUDENTS): _("New to more than 200 students"),
        str(StandsOut.STILL_HERE): _("Leaving, but signed in this week"),
    }


def why_odd(code: str) -> str:
    words = {
        StandsOut.OTHER_PERSON: _("Both the name and the birth date change. The district may have given this number to someone else."),
        StandsOut.OTHER_NAME: _("The name changes, and no birth date is on file to show whether it is the same person."),
        StandsOut.REACHED_ELSEWHERE: _("Letters and calls would go elsewhere. If in doubt, ask the family or the person."),
        StandsOut.NEW_AT_SCHOOL: _("This person would work at a school where they did not before."),
        StandsOut.MANY_STUDENTS: _("This person would teach more than 200 students they don’t teach now, and could see their scores."),
        StandsOut.STILL_HERE: _("The file no longer has a role for this person, who signed in within the last 7 days. Applying the file closes the account."),
    }
    return {str(key): said for key, said in words.items()}.get(code, code)


def value(field: str, cell: Any) -> str:
    """Writes a value for readers. No value becomes ""."""
    if cell is None or cell == "" or cell == []:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if field in DAYS:
        return dates.dated_day(date.fromisoformat(str(cell)))
    if field == "status" and isinstance(cell, int):
        return statuses()[cell] if 0 <= cell < len(statuses()) else str(cell)
    if isinstance(cell, list):
        return ", ".join(str(each if not isinstance(each, list) else " ".join(map(str, each))) for each in cell)
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def statuses() -> tuple[str, ...]:
    """Returns words in the order of shapes.STATUS."""
    return _("exempt"), _("fully graded"), _("not submitted"), _("partially graded"), _("submitted")
