"""The pages of duties and substitutes. Pure: rows in, words out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, answer_in
from homeroom.portal.membership.duty_actions import Days
from homeroom.portal.membership.duty_queries import Given
from homeroom.portal.membership.two_people_pages import days_of


@dataclass(frozen=True, slots=True)
class Line:
    uuid: UUID
    name: str
    what: str
    days: str
    may_end: bool


def lines_of(given: Sequence[Given], words: Mapping[str, str]) -> list[Line]:
    """words: of duties; a class is called by its own title."""
    return [
        Line(
            each.uuid,
            each.name,
            f"{_first_large(words.get(each.what, each.what))}, {each.school}",
            days_of(each.first_day.isoformat(), each.last_day.isoformat() if each.last_day else None),
            each.may_end,
        )
        for each in given
    ]


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def wrong_with(days: Days | None, why: str, code: Answer | str = "") -> dict[str, str]:
    """Field → what to do. code: the database's answer, or what the form lacks."""
    wrong = {}
    if days is None:
        wrong["days"] = _("Choose a first day; the last day is the same or a later one.")
    if not why:
        wrong["why"] = _("Say why in a few words: the other administrators read it here.")
    if code == Answer.DAYS:
        wrong["days"] = _("The first day is today or later, the last one not before it. A substitute is named for 31 days at most.")
    if code == Answer.TAKEN:
        wrong["duty"] = _("This person has this duty on some of these days already.")
    if code == "duty":
        wrong["duty"] = _("You cannot give this duty: choose one of the list, at a school of yours.")
    if code == "classes":
        wrong["classes"] = _("Choose at least one class of a school of yours.")
    return wrong


def said_of(then: Answer | str) -> tuple[str, bool] | None:
    return {
        Answer.GIVEN: (_("Given. The person is told on the next page, and it stands in the ledger."), True),
        Answer.ENDED: (_("Ended. The person is told."), True),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
        Answer.WHY: (_("Nothing was changed. Say why in a few words: the other administrators read it here."), False),
    }.get(answer_in(then))
