"""The office's page of a student's access log. Pure: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.audit.lines import About, line_of
from homeroom.portal.audit.withheld_queries import SHOWN, OfficeRow
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """`withheld` says why, by whom and until when. '' if the family can read the line. `may_withhold`: the page offers the form."""

    entry: int
    when: str
    who: str
    did: str
    event: str
    why: str
    withheld: str
    tag: tuple[str, str] | None
    may_withhold: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class OfficePage:
    lead: str
    lines: tuple[OfficeLine, ...]
    older: int | None  # the number before which the next page begins


def bases() -> dict[str, str]:
    return {"child protection": _("Child protection"), "sealed order": _("Sealed order"), "safety": _("Safety")}


def page_of(found: Sequence[OfficeRow], about: About) -> OfficePage:
    shown = found[:SHOWN]
    lines = tuple(_line(each, about) for each in shown)
    return OfficePage(_lead(shown), lines, shown[-1].entry if len(found) > SHOWN else None)


def _lead(shown: Sequence[OfficeRow]) -> str:
    withheld = sum(each.until is not None and not each.is_note for each in shown)
    if not withheld:
        return _("No entries are hidden from the family.")
    return _("Entries hidden from the family: %(n)s. The family can’t tell.") % {"n": withheld}


def _line(each: OfficeRow, about: About) -> OfficeLine:
    line = line_of(each.row, about)
    when = dates.one_stop(f"{dates.plain_day(each.row.at.date())}, {dates.clock(each.row.at)}.")
    may_withhold = each.may_withhold and not each.is_note
    return OfficeLine(each.entry, when, line.who, line.did, line.event, line.why, _withheld(each), _tag(each), may_withhold, each.waits)


def _withheld(each: OfficeRow) -> str:
    if each.until is None:
        return ""
    said = {"name": each.withholder or "", "second": each.seconder or "", "day": dates.dated_day(each.until), "basis": bases().get(each.basis or "", "")}
    if each.is_note:
        return dates.one_stop(_("This entry says that another one is hidden. The family can read it from %(day)s.") % said)
    return dates.one_stop(_("%(basis)s. Hidden by %(name)s and %(second)s. The family can read it again from %(day)s.") % said)


def _tag(each: OfficeRow) -> tuple[str, str] | None:
    if each.until is not None:
        return ("closed", _("Hidden"))
    return ("waiting", _("Needs a second approval")) if each.waits else None


def last_days(today: date) -> tuple[date, date]:
    """Returns the first and last day that the form takes for when the family can read the line again: today, and in a year."""
    return today, today + timedelta(days=365)


def said_of(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.PROPOSED: (_("Proposed. The family can read the entry until another administrator confirms this under Second approvals."), True),
        Answer.TAKEN: (_("This already waits under Second approvals."), False),
        Answer.BASIS: (_("Choose the legal reason for hiding it."), False),
        Answer.DAYS: (_("Choose a day within a year when the family can read it again. Today works only for an entry that is hidden now."), False),
        Answer.WHY: (_("Say why, in a few words: the second administrator reads it."), False),
        Answer.AGAIN: (_("Confirm it’s you, then try again."), False),
    })
