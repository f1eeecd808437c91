"""The page of viewing limits. Pure: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.events.limit_queries import Braked, Viewer
from homeroom.portal.wording import dates

TOP = 20  # of each list


@dataclass(frozen=True, slots=True)
class BrakeLine:
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    path: str
    said: str


def brake_line(each: Braked) -> BrakeLine:
    facts = [_("Viewed in the last 24 hours: %(n)s. Limit: %(cap)s.") % {"n": each.viewed, "cap": each.of_day}]
    for at, words in ((each.locked_at, _("Twice the limit: %(when)s.")), (each.reached_at, _("Limit reached: %(when)s.")),
                      (each.half_at, _("Half of the limit: %(when)s."))):  # fmt: skip
        if at is not None:
            facts.append(dates.one_stop(words % {"when": moment(at)}))
    if each.raised_until is not None:
        facts.append(dates.one_stop(_("Raised until %(when)s.") % {"when": moment(each.raised_until)}))
    state, tag = state_of(each)
    return BrakeLine(each.name, tuple(facts), tag, f"/office/limits/new/{each.person}" if each.may_raise else "", state)


def state_of(each: Braked) -> tuple[str, tuple[str, str]]:
    """Returns what is so now. A limit counts a day back."""
    since = timezone.now() - timedelta(days=1)
    if each.raised_until is not None:
        return "raised", ("plain", _("Raised"))
    if each.locked_at is not None and each.locked_at > since:
        return "locked", ("closed", _("Locked"))
    if each.reached_at is not None and each.reached_at > since:
        return "reached", ("waiting", _("Limit reached"))
    return "half", ("plain", _("Noticed"))


def top_viewers(found: Sequence[Viewer]) -> tuple[list[Viewer], list[Viewer]]:
    """Returns those who viewed the most, and those who viewed the most outside their own classes, both with the most first."""
    outside = sorted((each for each in found if each.outside), key=lambda each: -each.outside)
    return list(found[:TOP]), outside[:TOP]


def moment(at: datetime) -> str:
    here = timezone.localtime(at)
    return f"{dates.plain_day(here.date())}, {dates.clock(here)}"


def said_of(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.RAISED: (_("Raised for one day. The person sees a notice."), True),
        Answer.MINE: (_("Another administrator must raise your own limit."), False),
        Answer.ODD: (_("Enter a number from 1 to 5,000."), False),
        Answer.WHY: (_("Say why, in a few words."), False),
        Answer.AGAIN: (_("Confirm it’s you, then try again."), False),
    })
