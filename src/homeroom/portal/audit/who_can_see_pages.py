"""Who can see a child, in whole sentences. Rows in, words out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.policy import duty_said
from homeroom.portal.audit.changes import relation_of, why_changed
from homeroom.portal.audit.lines import About, kind_of, listed, why_own, why_support
from homeroom.portal.audit.who_can_see_queries import Seer
from homeroom.portal.wording import dates

MOST = 8  # people of one capacity before they are folded
PARTS = {"family": ("family", "student"), "teachers": ("teacher",), "school": ("school", "administrator", "support"), "tutors": ("tutor",)}


@dataclass(frozen=True, slots=True)
class Person:
    """`sees` and `last` are "" if there is nothing to say."""

    who: str
    small: str
    why: str
    sees: str
    last: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Fold:
    """Many people of one capacity, behind one line."""

    code: str
    counted: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class SeerGroup:
    code: str
    title: str
    counted: str
    people: tuple[Person, ...]
    folds: tuple[Fold, ...]


@dataclass(frozen=True, slots=True)
class Page:
    people: int
    parts: tuple[SeerGroup, ...]
    has_tutor: bool
    has_support: bool


def page_of(rows: Sequence[Seer], about: About, today: date) -> Page:
    titles = {"family": _("Family"), "teachers": _("Teachers"), "school": _("School and district"), "tutors": _("Tutors")}
    parts = []
    for code, kinds in PARTS.items():
        found = sorted((row for row in rows if row.part in kinds), key=order_of)
        if found or code != "tutors":
            parts.append(part_of(code, titles[code], found, about, today))
    tutors, support = (any(row.part == part and row.people for row in rows) for part in ("tutor", "support"))
    return Page(people_of(rows), tuple(parts), tutors, support)


def part_of(code: str, title: str, found: Sequence[Seer], about: About, today: date) -> SeerGroup:
    """Folds more than a few people of one capacity. A school's sixty teachers would hide the five who teach the child."""
    kinds = Counter(capacity_of(row) for row in found)
    many = [kind for kind, n in kinds.items() if kind and n > MOST]
    folds = []
    for number, kind in enumerate(many):
        rows = [row for row in found if capacity_of(row) == kind]
        folds.append(Fold(f"{code}-{number}", folded(rows), tuple(person_of(row, about, today) for row in rows)))
    shown = tuple(person_of(row, about, today) for row in found if capacity_of(row) not in many)
    return SeerGroup(code, title, counted(found), shown, tuple(folds))


def capacity_of(row: Seer) -> tuple[str, ...]:
    """Returns the capacities that can be folded. Unnamed people and closed access have none, because they are few and must stay visible."""
    return row.capacities if row.part in ("teacher", "school") and row.people and not row.is_hidden else ()


def folded(rows: Sequence[Seer]) -> str:
    said = {"n": len(rows), "duty": duties_of(rows[0])}
    if rows[0].part == "school":
        return ngettext("%(n)s person with the duty of %(duty)s", "%(n)s people with the duty of %(duty)s", len(rows)) % said
    if rows[0].capacities == ("teacher of the school",):
        return ngettext("%(n)s other teacher of the school", "%(n)s other teachers of the school", len(rows)) % said
    return ngettext("%(n)s teacher", "%(n)s teachers", len(rows)) % said


def order_of(row: Seer) -> tuple[bool, int, bool, str]:
    """Orders the reader first, then the adults, the student, and unnamed people. Closed access comes last."""
    places = ("family", "student", "teacher", "school", "administrator", "support", "tutor")
    return row.people == 0, -1 if row.is_me else places.index(row.part), row.is_hidden, (row.name or "").casefold()


def people_of(rows: Sequence[Seer]) -> int:
    """Counts a person who is named twice once. Unnamed people still count, or the difference would reveal them."""
    named = {row.who for row in rows if row.people and row.who}
    return len(named) + sum(row.people for row in rows if not row.who)


def counted(rows: Sequence[Seer]) -> str:
    people = people_of(rows)
    closed = sum(1 for row in rows if row.people == 0)
    words = ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else _("no one")
    return words if not closed else f"{words}, " + ngettext("%(n)s closed", "%(n)s closed", closed) % {"n": closed}


def person_of(row: Seer, about: About, today: date) -> Person:
    who, small = called(row)
    last = "" if row.is_hidden else last_said(row.last_on, today)
    if not row.people:
        return Person(who, small, _("This access is closed today."), _("nothing now"), last, True)
    return Person(who, small, why(row, about), listed([seen(kind) for kind in row.kinds]), last, False)


def called(row: Seer) -> tuple[str, str]:
    """Returns the name and, in small print, the capacity."""
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
    return listed([duty_said(capacity) for capacity in row.capacities])


def why(row: Seer, about: About) -> str:
    if row.part == "student":
        return why_own(about)
    if row.part == "administrator":
        return _("Administrators run Homeroom for %(district)s. They open a record when a file, request, access or challenge needs a decision.") % {
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
        return _("The name appears here when the class begins.")
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
        said.append(_("Opens it when someone asks to see this record."))
    return " ".join(words for words in said if words)


def until(row: Seer) -> str:
    return dates.one_stop(_("Until %(day)s.") % {"day": dates.plain_day(row.last_day)}) if row.last_day else ""


def until_time(row: Seer) -> str:
    if row.until is None:
        return ""
    return dates.one_stop(_("Until %(day)s, %(time)s.") % {"day": dates.plain_day(row.until.date()), "time": dates.clock(row.until)})


def seen(kind: str) -> str:
    return {"ledger": _("the access log"), "names": _("the name")}.get(kind) or kind_of(kind)


def last_said(on: date | None, today: date) -> str:
    if on is None:
        return _("never")
    return _("today") if on == today else dates.plain_day(on)
