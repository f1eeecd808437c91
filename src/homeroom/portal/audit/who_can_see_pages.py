"""Who can see a child, in whole sentences: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.audit.changes import relation_of, why_changed
from homeroom.portal.audit.lines import About, duty_of, kind_of, listed, why_own, why_support
from homeroom.portal.audit.who_can_see_queries import Seer
from homeroom.portal.wording import dates

PARTS = {"family": ("family", "student"), "teachers": ("teacher",), "school": ("school", "administrator", "support"), "tutors": ("tutor",)}


@dataclass(frozen=True, slots=True)
class Person:
    """sees, last: "" where there is nothing to say."""

    who: str
    small: str
    why: str
    sees: str
    last: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Part:
    code: str
    title: str
    counted: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Page:
    people: int
    parts: tuple[Part, ...]
    has_tutor: bool
    has_support: bool


def page_of(rows: Sequence[Seer], about: About, today: date) -> Page:
    titles = {"family": _("Family"), "teachers": _("Teachers"), "school": _("School and district"), "tutors": _("Tutors")}
    parts = []
    for code, kinds in PARTS.items():
        found = sorted((row for row in rows if row.part in kinds), key=order_of)
        if found or code != "tutors":
            parts.append(Part(code, titles[code], counted(found), tuple(person_of(row, about, today) for row in found)))
    tutors, support = (any(row.part == part and row.people for row in rows) for part in ("tutor", "support"))
    return Page(people_of(rows), tuple(parts), tutors, support)


def order_of(row: Seer) -> tuple[bool, int, bool, str]:
    """The reader first, then the adults, the student, whoever is not named; what is closed last."""
    places = ("family", "student", "teacher", "school", "administrator", "support", "tutor")
    return row.people == 0, -1 if row.is_me else places.index(row.part), row.is_hidden, (row.name or "").casefold()


def people_of(rows: Sequence[Seer]) -> int:
    """Somebody who is named twice is one person; who is not named counts on, or the difference would name them."""
    named = {row.who for row in rows if row.people and row.who}
    return len(named) + sum(row.people for row in rows if not row.who)


def counted(rows: Sequence[Seer]) -> str:
    people = people_of(rows)
    closed = sum(1 for row in rows if row.people == 0)
    words = ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else _("nobody")
    return words if not closed else f"{words}, " + ngettext("%(n)s closed", "%(n)s closed", closed) % {"n": closed}


def person_of(row: Seer, about: About, today: date) -> Person:
    who, small = called(row)
    last = "" if row.is_hidden else last_said(row.last_on, today)
    if not row.people:
        return Person(who, small, _("This access is closed today."), _("nothing now"), last, True)
    return Person(who, small, why(row, about), listed([seen(kind) for kind in row.kinds]), last, False)


def called(row: Seer) -> tuple[str, str]:
    """Name and, small, in which capacity."""
    if row.is_hidden:
        return (_("A teacher"), _("of a class that begins later")) if row.part == "teacher" else (_("An adult"), _("whose name the school keeps confidential"))
    if row.part == "administrator":
        return ngettext("%(n)s administrator", "%(n)s administrators", row.people) % {"n": row.people}, ""
    if row.part == "support":
        return _("Homeroom’s support"), ""
    name = _("You, %(name)s") % {"name": row.name} if row.is_me else row.name or ""
    if row.part == "student":
        return name, _("student")
    if row.part == "teacher":
        return name, _("substitute") if row.capacities == ("substitute",) else _("teacher")
    return name, duties_of(row) if row.part == "school" else relation_of(row.relation)


def duties_of(row: Seer) -> str:
    return listed([duty_of(capacity) for capacity in row.capacities])


def why(row: Seer, about: About) -> str:
    if row.part == "student":
        return why_own(about)
    if row.part == "administrator":
        return _("Administrators run Homeroom for %(district)s. They open a record where a file, a request or a challenge asks for a decision.") % {
            "district": about.district
        }
    if row.part == "support":
        return f"{why_support(about)} {until_time(row)}".strip()
    return {"teacher": why_teaches, "school": why_works}.get(row.part, why_tied)(row, about)


def why_tied(row: Seer, _about: About) -> str:
    if row.is_hidden:
        return _("The school approved it.")
    said = []
    if row.approved_on:
        said.append(dates.one_stop(_("Approved %(day)s") % {"day": dates.plain_day(row.approved_on)} + "."))
    said += [why_changed(row.proof or ""), until(row)]
    return " ".join(words for words in said if words)


def why_teaches(row: Seer, about: About) -> str:
    if row.is_hidden:
        return _("The name is here when the class begins.")
    classes = listed(row.classes)
    if "teacher" in row.capacities:
        words = _("Teaches %(name)s: %(classes)s.") if about.first_name else _("Teaches you: %(classes)s.")
        return words % {"name": about.first_name, "classes": classes}
    if "substitute" in row.capacities:
        return f"{_('Substitutes in %(classes)s.') % {'classes': classes}} {until(row)}".strip()
    return _("Teaches at this school, where the district lets teachers open each other’s classes.")


def why_works(row: Seer, _about: About) -> str:
    said = [_("Has the duty of %(duty)s at %(school)s.") % {"duty": duties_of(row), "school": row.school or _("the school")}, until(row)]
    if row.capacities == ("duty: registrar",):
        said.append(_("Opens it where somebody asks to see this record."))
    return " ".join(words for words in said if words)


def until(row: Seer) -> str:
    return dates.one_stop(_("Until %(day)s.") % {"day": dates.plain_day(row.last_day)}) if row.last_day else ""


def until_time(row: Seer) -> str:
    if row.until is None:
        return ""
    return dates.one_stop(_("Until %(day)s, %(time)s.") % {"day": dates.plain_day(row.until.date()), "time": dates.clock(row.until)})


def seen(kind: str) -> str:
    return {"ledger": _("who has looked"), "names": _("the name")}.get(kind) or kind_of(kind)


def last_said(on: date | None, today: date) -> str:
    if on is None:
        return _("never")
    return _("today") if on == today else dates.plain_day(on)
