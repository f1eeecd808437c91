"""Builds the notice about a nightly file that did not come, and tells when the next one is due."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from homeroom.portal.intake.office.pages import said
from homeroom.portal.intake.office.queries import Expected
from homeroom.portal.intake.reports.nightly import Nightly
from homeroom.portal.wording.dates import one_stop


@dataclass(frozen=True, slots=True)
class Missed:
    title: str
    words: str
    see: str


def next_due(expected: Expected, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Returns when the next file is due. None if the district set no time."""
    return Nightly(expected.by, zone, expected.weekends).next_due(now).astimezone(zone) if expected.by else None


def missed_night(expected: Expected, as_of: datetime | None, now: datetime, zone: ZoneInfo) -> Missed | None:
    if expected.by is None:
        return None
    due = Nightly(expected.by, zone, expected.weekends).missed(now, expected.last_came)
    if due is None:
        return None
    return Missed(
        title=_("Last night’s file hasn’t arrived"),
        words=one_stop(_("It was expected by %(time)s.") % {"time": said(due.astimezone(zone))}),
        see=one_stop(_("Families see data of %(time)s.") % {"time": said(as_of)}) if as_of else _("Families can’t see any data yet."),
    )
