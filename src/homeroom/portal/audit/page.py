"""The page "Access log" (34 CFR 99.32(c), Cal. Ed. Code 49064): the past 30 days by kind of viewer, then the requested lines, day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.audit.lines import About, LogLine, Looker, days_of, looker_of
from homeroom.portal.audit.queries import LogRow

SUMMED = 30  # days
SPANS = (7, SUMMED, 90, 396)  # days that can be chosen. 396: 13 months
SHOWN = 100  # lines per page, then the rest of that day


@dataclass(frozen=True, slots=True)
class LogFilter:
    """`looker` is None for everyone. `before` limits it to days before this one."""

    looker: Looker | None
    days: int
    before: date | None

    @classmethod
    def of(cls, words: Mapping[str, str]) -> "LogFilter":
        """Reads the address and leaves out values that are not valid."""
        looker = words.get("show", "")
        days = words.get("time", "")
        return cls(
            looker=Looker(looker) if looker in set(Looker) else None,
            days=int(days) if days in {str(span) for span in SPANS} else SUMMED,
            before=_date(words.get("before", "")),
        )

    def since(self, today: date) -> datetime:
        """Returns the first moment that the page needs. Its summary always covers 30 days."""
        return midnight(today - timedelta(days=max(self.days, SUMMED)))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


@dataclass(frozen=True, slots=True)
class LogPage:
    """`facts` are kinds of viewers with the number of people. `mine` is how often the reader viewed it, if no one else did.

    `older` is the day before which the next page begins.
    """

    about: About
    asked: LogFilter
    facts: tuple[tuple[str, str], ...]
    days: tuple[tuple[date, list[LogLine]], ...]
    mine: int | None
    older: date | None

    @property
    def lookers(self) -> list[tuple[str, str, bool]]:
        """Returns the options of the first filter: value, words, and whether it is chosen."""
        offered = [("", _("Everyone")), *((kind.value, words) for kind, words in named(self.about).items())]
        return [(value, words, value == (self.asked.looker or "")) for value, words in offered]

    @property
    def spans(self) -> list[tuple[int, str, bool]]:
        return [(days, span_of(days), days == self.asked.days) for days in SPANS]

    @property
    def span(self) -> str:
        return span_of(self.asked.days)


def span_of(days: int) -> str:
    if days == SPANS[-1]:
        return _("Past 13 months")
    return _("Past %(n)s days") % {"n": days}


def ledger_page(rows: Sequence[LogRow], about: About, asked: LogFilter, today: date) -> LogPage:
    within = [row for row in rows if row.at >= midnight(today - timedelta(days=asked.days))]
    wanted = [row for row in within if asked.looker in (None, looker_of(row))]
    if asked.before:
        wanted = [row for row in wanted if row.at.date() < asked.before]
    days, older = first_lines(list(days_of(wanted, about)))
    month = [row for row in rows if row.at >= midnight(today - timedelta(days=SUMMED))]
    return LogPage(about, asked, facts_of(month, about), tuple(days), only_mine(within), older)


def first_lines(days: Sequence[tuple[date, list[LogLine]]]) -> tuple[list[tuple[date, list[LogLine]]], date | None]:
    """Returns whole days until there are enough lines, and the day before which the next page begins."""
    shown = 0
    for number, (day, lines) in enumerate(days):
        shown += len(lines)
        if shown >= SHOWN and number + 1 < len(days):
            return list(days[: number + 1]), day
    return list(days), None


def only_mine(rows: Sequence[LogRow]) -> int | None:
    """Returns how often the reader viewed it, if no one else did."""
    looks = [row for row in rows if row.event == "look"]
    return len(looks) if all(row.is_me for row in looks) else None


def named(about: About) -> dict[Looker, str]:
    teachers = _("Teachers of %(name)s") % {"name": about.first_name} if about.first_name else _("Your teachers")
    return {
        Looker.TEACHERS: teachers,
        Looker.SCHOOL: _("Others at school"),
        Looker.FAMILY: _("Family"),
        Looker.TUTORS: _("Tutors, outside help"),
        Looker.FILES: _("Nightly files"),
        Looker.OPERATOR: _("The district’s office"),
        Looker.SUPPORT: _("Homeroom’s support"),
    }


def facts_of(rows: Sequence[LogRow], about: About) -> tuple[tuple[str, str], ...]:
    """Counts people in views only. Two people with one name, or two without a shown name, count as one."""
    looks = [row for row in rows if row.event == "look"]
    facts = []
    for kind, words in named(about).items():
        if kind not in (Looker.FILES, Looker.OPERATOR):
            own = [row for row in looks if looker_of(row) is kind]
            if kind is Looker.SUPPORT and not own:
                continue  # most families have none
            facts.append((words, family_said(own, about) if kind is Looker.FAMILY else people_said(own)))
    return tuple(facts)


def people_said(rows: Sequence[LogRow]) -> str:
    people = len({row.name for row in rows})
    return ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else _("no one")


def family_said(rows: Sequence[LogRow], about: About) -> str:
    """Returns for example "you, Nina, 2 others"."""
    others = len({row.name for row in rows if not row.is_me and row.capacity != "student"})
    said = [_("you")] if any(row.is_me for row in rows) else []
    if about.first_name and any(row.capacity == "student" for row in rows):
        said.append(about.first_name)
    if others:
        said.append(ngettext("%(n)s other", "%(n)s others", others) % {"n": others})
    return ", ".join(said) or _("no one")
