"""The page of everything that is kept, as words. Rows in, words out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from homeroom.portal.audit.changes import relation_of
from homeroom.portal.audit.lines import kind_of, listed
from homeroom.portal.membership.eighteen.pages import bases
from homeroom.portal.privacy.consents.pages import categories, records
from homeroom.portal.privacy.corrections.pages import abouts, grounds
from homeroom.portal.privacy.kinds import KeptKind, kinds, labels
from homeroom.portal.privacy.queries import KeptRow
from homeroom.portal.wording import dates
from homeroom.portal.wording.statements import author_of

SEEN_BY_SOME = ("grades", "attendance")
DAYS = {"day", "first", "last", "until", "asked", "answered", "signed", "ended", "told", "noted", "corrected", "hearing_asked", "hearing_on", "written"}


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that is kept. `facts` are pairs of a label and a value. `came` is the day of the district's file, or empty."""

    facts: tuple[tuple[str, str], ...]
    came: str


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    kind: KeptKind
    things: tuple[Thing, ...]


def sections_of(rows: Sequence[KeptRow], shows: Callable[[str], bool]) -> list[Section]:
    """Returns the kinds that have values, and those that another page shows. `shows` tells whether the person sees grades or attendance."""
    found = []
    for name, kind in kinds().items():
        things = tuple(thing_of(row) for row in rows if row.kind == name)
        if things or (kind.path is not None and (name not in SEEN_BY_SOME or shows(name))):
            found.append(Section(name.replace(" ", "-"), kind, things))
    return found


def thing_of(row: KeptRow) -> Thing:
    words = labels() | {"name": {"school": _("School"), "class": _("Class")}.get(row.kind, _("Name"))}
    facts = [(words[name], said) for name, value in row.facts.items() if name in words and (said := said_of(name, value))]
    if row.facts.get("is_over"):
        facts.append((_("Now"), _("Over")))
    return Thing(tuple(facts), dates.dated_day(row.came) if row.came else "")


def said_of(name: str, value: Any) -> str:
    """Returns "" if there is nothing to say."""
    if not value:
        return ""
    if name in DAYS:
        return dates.dated_day(day_of(value))
    if name == "kinds":
        return listed([kind_of(kind) for kind in value])
    if name in ("about", "basis", "ground"):
        return {"about": abouts, "basis": bases, "ground": grounds}[name]().get(value, str(value))
    if name == "records":
        return ", ".join(records()[each] for each in value)
    if name == "category":
        return categories().get(value, str(value))
    if name == "by":
        return author_of(value)
    if name == "relation":
        return relation_of(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def day_of(value: str) -> date:
    """Reads a date, or a time with its zone, as JSON has it."""
    return dates.local(datetime.fromisoformat(value)) if "T" in value else date.fromisoformat(value)


def facts_of(section: Section) -> Mapping[str, str]:
    """Returns what the page says about a kind, in its order."""
    kind = section.kind
    return {_("What for"): kind.purpose, _("Where it comes from"): kind.source, _("Who sees it"): kind.seen_by, _("How long it stays"): kind.kept}
