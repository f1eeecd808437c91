"""A ZIP of everything that is kept about a student: a page to read, and tables for a spreadsheet. It has what the pages show, and nothing that they hide.

It is made in memory, because no record is on a disk unsealed. The access log goes into it row by row, so that a long one takes no more memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, TextIOWrapper
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.formats.leaving import write_table
from homeroom.portal.access.actor import Actor
from homeroom.portal.audit.lines import About, days_of
from homeroom.portal.audit.queries import whole_log
from homeroom.portal.audit.who_can_see_pages import page_of
from homeroom.portal.audit.who_can_see_queries import seers
from homeroom.portal.home.download import columns, rows_of
from homeroom.portal.home.students import Student
from homeroom.portal.privacy.kinds import not_shown
from homeroom.portal.privacy.pages import SEEN_BY_SOME, Section, facts_of, sections_of
from homeroom.portal.privacy.queries import everything_about

PAGE, VALUES = "everything.html", "everything.csv"
GRADES, LOG, PEOPLE = "grades-and-attendance.csv", "access-log.csv", "people-with-access.csv"
IN_FILE = {"grades": GRADES, "attendance": GRADES, "log": LOG, "adults": PEOPLE}  # kinds whose values are in a table of their own
NOT_TODAY = date.max  # no last view is on it


@dataclass(frozen=True, slots=True)
class CsvFile:
    """`what` says in words what it contains. `names` are those of its columns."""

    file: str
    what: str
    names: Sequence[str]
    rows: Iterable[Sequence[str]]


def zip_of(actor: Actor, student: Student) -> bytes:
    about = About("" if actor.side == "student" else student.first_name, settings.PLACE.name)
    sections = sections_of(everything_about(student.uuid), student.kinds.__contains__)
    tables, now, made = tables_of(actor, student, about, sections), timezone.localtime(), BytesIO()
    with ZipFile(made, "w") as packed:
        with opened(packed, PAGE, now) as file:
            file.write(page_to_read(about, sections, tables, now).encode())
        for table in tables:
            with opened(packed, table.file, now) as file, TextIOWrapper(file, "utf-8", newline="") as text:
                write_table(text, table.names, table.rows)
    return made.getvalue()


def opened(packed: ZipFile, name: str, now: datetime) -> IO[bytes]:
    """Begins a file in the ZIP. Its time is the district's."""
    entry = ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16  # whoever unpacks it on a shared computer is the only reader
    return packed.open(entry, "w")


def page_to_read(about: About, sections: Sequence[Section], tables: Sequence[CsvFile], now: datetime) -> str:
    """Returns a page that needs nothing else, so that it can be read anywhere and for as long as there are browsers."""
    said = [(section, facts_of(section), IN_FILE.get(section.code)) for section in sections]
    return render_to_string("privacy/everything_to_keep.html", {"about": about, "sections": said, "tables": tables, "not_shown": not_shown(), "now": now})


def tables_of(actor: Actor, student: Student, about: About, sections: Sequence[Section]) -> list[CsvFile]:
    """Returns those that this person may read."""
    kept = CsvFile(VALUES, _("All that is on this page."), columns_of_values(), values_of(sections))
    grades = CsvFile(GRADES, _("Every year’s grades and attendance."), columns(), rows_of(actor, student))
    log = CsvFile(LOG, _("Every view and every change, newest first."), columns_of_log(), lines_of(student, about))
    people = CsvFile(PEOPLE, _("People who can see the record today, and why."), columns_of_people(), people_of(student, about))
    return [kept, *([grades] if student.kinds & {*SEEN_BY_SOME} else []), log, people]


def columns_of_values() -> list[str]:
    return [_("Kind"), _("Number"), _("What"), _("Value"), _("From the file of")]


def values_of(sections: Sequence[Section]) -> Iterator[Sequence[str]]:
    """Yields one row for each value. The number tells two things of a kind apart, such as two classes."""
    for section in sections:
        for number, thing in enumerate(section.things, 1):
            for label, value in thing.facts:
                yield section.kind.title, str(number), label, value, thing.came


def columns_of_log() -> list[str]:
    return [_("Day"), _("Time of day"), _("Who"), _("What they did"), _("Why"), _("Times that day"), _("Note")]


def lines_of(student: Student, about: About) -> Iterator[Sequence[str]]:
    """Yields the lines of the page, of all years. A line of another adult has no time."""
    for day, lines in days_of(whole_log(student.uuid), about):
        for line in lines:
            at = line.at.strftime("%H:%M") if line.at else ""
            yield day.isoformat(), at, line.who, line.did, line.why, str(line.times), line.tag[1] if line.tag else ""


def columns_of_people() -> list[str]:
    return [_("Group"), _("Who"), _("Role"), _("Why"), _("Sees"), _("Last view")]


def people_of(student: Student, about: About) -> Iterator[Sequence[str]]:
    """Yields the people of the page, also those that it folds. A copy is read later, so it has the day of a last view in place of "today"."""
    for part in page_of(seers(student.uuid), about, NOT_TODAY).parts:
        for each in [*part.people, *(person for fold in part.folds for person in fold.people)]:
            yield part.title, each.who, each.small, each.why, each.sees, each.last
