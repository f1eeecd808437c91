"""The access log in whole sentences: who, did what, to which kind of data, and why. Rows in, words out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.policy import duty_said
from homeroom.portal.audit.changes import change_line, relation_of
from homeroom.portal.audit.queries import LogRow
from homeroom.portal.wording import dates

NEW_FOR = timedelta(days=30)  # how long a family account is marked as new


class Looker(StrEnum):
    """The kind of person, or thing, that a line is about."""

    TEACHERS = "teachers"
    SCHOOL = "school"
    FAMILY = "family"
    TUTORS = "tutors"
    FILES = "files"
    OPERATOR = "operator"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class LogLine:
    """`at` is the latest time. None if only the day is shown. `times` is the number on that day. `event` is the page's `data-said`."""

    looker: Looker
    who: str
    did: str
    why: str
    tag: tuple[str, str] | None
    at: datetime | None
    event: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class About:
    """The owner of the record. first_name is empty on the student's own page, which says "your"."""

    first_name: str
    district: str


def looker_of(row: LogRow) -> Looker:
    if row.event in ("import", "undo"):
        return Looker.FILES
    if row.capacity in ("operator", "support"):
        return Looker(row.capacity)
    if row.capacity in ("family", "student"):
        return Looker.TUTORS if row.relation == "tutor" else Looker.FAMILY
    return Looker.TEACHERS if row.capacity == "teacher" else Looker.SCHOOL


def days_of(rows: Iterable[LogRow], about: About) -> Iterator[tuple[date, list[LogLine]]]:
    """Groups rows, which come newest first, by day. The same act of one person on a day is one line, at its last time."""
    return ((day, joined(line_of(row, about) for row in own)) for day, own in groupby(rows, lambda r: r.at.date()))


def joined(lines: Iterable[LogLine]) -> list[LogLine]:
    found: dict[tuple[str, str, str], LogLine] = {}
    for line in lines:
        key = (line.who, line.did, line.why)
        found[key] = replace(found[key], times=found[key].times + 1) if key in found else line
    return list(found.values())


def line_of(row: LogRow, about: About) -> LogLine:
    looker = looker_of(row)
    if row.event == "restored":
        who, did, why = restored_line(row)
    elif row.event == "undo":
        who, did, why = undo_line(row)
    elif looker is Looker.FILES:
        who, did, why = file_line(row, about)
    elif row.event != "look":
        who, did, why = change_line(row)
    else:
        who, did, why = who_looked(row), looked_at(row, about), why_looked(row, about)
    return LogLine(looker, who, did, why, tag_of(row), row.at if row.has_time else None, row.event)


def file_line(row: LogRow, about: About) -> tuple[str, str, str]:
    who = _("%(district)s’s nightly file") % {"district": about.district}
    return who, _("changed %(what)s.") % {"what": counted(row.counts or {})}, _("From the district’s own records.")


def undo_line(row: LogRow) -> tuple[str, str, str]:
    """`reason` is the time of the file's export."""
    at = timezone.localtime(datetime.fromisoformat(row.reason))
    when = {"day": dates.plain_day(at.date()), "time": dates.clock(at)}
    did = _("undid the file of %(day)s, %(time)s, and its changes here: %(what)s.") % {**when, "what": counted(row.counts or {})}
    return row.name or _("The district’s office"), did, _("Everything is as it was before that file.")


def restored_line(row: LogRow) -> tuple[str, str, str]:
    """`reason` is the time of the backup."""
    at = timezone.localtime(datetime.fromisoformat(row.reason))
    did = _("was restored from the backup of %(day)s, %(time)s") % {"day": dates.plain_day(at.date()), "time": dates.clock(at)}
    return _("This portal"), dates.one_stop(f"{did}."), _("Views and changes between then and this entry may be missing from this log.")


def counted(counts: dict[str, int]) -> str:
    """Returns for example "3 scores and 1 attendance mark"."""
    scores, marks = counts.get("scores", 0), counts.get("marks", 0)
    said = []
    if scores:
        said.append(ngettext("%(n)s score", "%(n)s scores", scores) % {"n": scores})
    if marks:
        said.append(ngettext("%(n)s attendance mark", "%(n)s attendance marks", marks) % {"n": marks})
    return listed(said) or _("this record")


def who_looked(row: LogRow) -> str:
    if row.is_me:
        return _("You")
    return _("Homeroom’s support") if row.capacity == "support" else row.name or _("Another adult")


def looked_at(row: LogRow, about: About) -> str:
    return with_card(what_was_viewed(row, about), row.reason)


def with_card(did: str, reason: str) -> str:
    """Adds that the student was signed in with a card, and who printed it. Anyone who has the card can sign in with it."""
    if not reason.startswith("card "):
        return did
    if printer := reason.removeprefix("card "):
        return _("%(did)s with a sign-in card printed by %(name)s.") % {"did": did.removesuffix("."), "name": printer}
    return _("%(did)s with a sign-in card.") % {"did": did.removesuffix(".")}


def what_was_viewed(row: LogRow, about: About) -> str:
    if row.section and row.kinds == ("names",):
        words = _("read %(name)s’s name in the class list of %(section)s.") if about.first_name else _("read your name in the class list of %(section)s.")
        return words % {"name": about.first_name, "section": row.section}
    if row.section:
        if about.first_name:
            words = _("viewed %(name)s’s scores in %(section)s.")
        else:
            words = _("viewed your scores in %(section)s.")
        return words % {"name": about.first_name, "section": row.section}
    if row.act in ("everything kept", "everything download"):
        return everything_line(row.act == "everything download", about.first_name)
    words = _("downloaded %(what)s.") if row.act == "record download" else _("viewed %(what)s.")
    return words % {"what": listed([kind_of(kind) for kind in row.kinds])}


def everything_line(is_download: bool, name: str) -> str:
    if is_download:
        words = _("downloaded everything that is kept about %(name)s.") if name else _("downloaded everything that is kept about you.")
    else:
        words = _("viewed everything that is kept about %(name)s.") if name else _("viewed everything that is kept about you.")
    return words % {"name": name}


def kind_of(kind: str) -> str:
    kinds = {
        "grades": _("grades"),
        "attendance": _("attendance"),
        "contacts": _("contact details"),
        "birth date": _("the birth date"),
        "ledger": _("this access log"),
        "changes": _("what an import would change"),
        "ties": _("the adults on record"),
        "names": _("a list of students’ names"),
        "contact names": _("a list of contacts for letters"),
    }
    return kinds.get(kind, kind)


def listed(words: Sequence[str]) -> str:
    """Returns for example "grades, attendance and this list"."""
    if len(words) < 2:
        return "".join(words)
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}


def why_looked(row: LogRow, about: About) -> str:
    if row.capacity == "student":
        return why_own(about)
    if row.capacity == "family":
        return why_family(row, about)
    said = {"section": row.section or "", "name": about.first_name}
    if row.capacity == "teacher":
        return (_("Teaches %(name)s (%(section)s).") if about.first_name else _("Teaches you (%(section)s).")) % said
    if row.capacity == "substitute":
        return _("Substitutes in %(section)s on days that the school chose.") % said
    if row.capacity == "teacher of the school":
        return _("Teaches at this school, where the district lets teachers open each other’s classes.")
    if row.act == "ledger check":
        return _("Checked this access log.")
    if row.act in ("tie check", "adults", "people"):
        return _("Checked who has access to this record.")
    if row.act in ("letters", "letter", "papers"):
        return _("Prints letters to families.")
    if row.act in ("birthdays", "no birth date", "ages"):
        return _("Prepares the transfer of rights at 18.")
    if row.act == "request":
        return _("Compared it with a request to see this record.")
    if row.capacity.startswith("duty: "):
        return _("Has the duty of %(duty)s at the school.") % {"duty": duty_said(row.capacity)}
    if row.capacity == "support":
        return why_support(about)
    if row.capacity == "administrator":
        return _("Decides, for the district, what a file may change here.")
    return _("Works for the district.")


def why_support(about: About) -> str:
    words = _("Two administrators of %(district)s allowed it for a few hours. Support saw no names, addresses, birth dates or comments.")
    return words % {"district": about.district}


def why_own(about: About) -> str:
    if about.first_name:
        return _("It is %(name)s’s own record.") % {"name": about.first_name}
    return _("It is your own record.")


def why_family(row: LogRow, about: About) -> str:
    if row.is_hidden:
        return _("The school does not show this person’s name.")
    said = {"relation": relation_of(row.relation), "name": about.first_name}
    if row.is_me:
        words = _("You viewed it as %(relation)s of %(name)s.") % said
    elif about.first_name:
        words = _("Viewed it as %(relation)s of %(name)s.") % said
    else:
        words = _("Viewed it as your %(relation)s.") % said
    if row.proven_at is None:
        return words
    approved = _("Approved %(day)s") % {"day": dates.plain_day(row.proven_at.date())}
    return f"{words} {approved}{'' if approved.endswith('.') else '.'}"  # "25 de nov." already ends with a period


def tag_of(row: LogRow) -> tuple[str, str] | None:
    """Returns the reason for a view other than teaching, or marks a new account of the family."""
    if row.event == "look" and not row.is_me and row.proven_at and row.at - row.proven_at < NEW_FOR:
        return ("new", _("New account"))
    if row.capacity.startswith("duty: "):
        said = duty_said(row.capacity)
        return ("plain", said[:1].upper() + said[1:])
    if row.capacity in ("substitute", "support"):
        return ("plain", _("Substitute") if row.capacity == "substitute" else _("Support"))
    return ("plain", _("Administrator")) if row.capacity == "administrator" else None
