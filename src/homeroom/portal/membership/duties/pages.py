"""The texts of the pages about duties and substitutes. Pure functions: rows in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.membership.days import Days, days_of
from homeroom.portal.membership.duties.queries import Given


@dataclass(frozen=True, slots=True)
class DutyLine:
    uuid: UUID
    name: str
    what: str
    days: str
    may_end: bool


def lines_of(given: Sequence[Given], words: Mapping[str, str]) -> list[DutyLine]:
    """`words` names the duties. A class has its own title."""
    return [
        DutyLine(
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
    """Returns what to do for each field. `code` is the database's answer, or what the form lacks."""
    wrong = {}
    if days is None:
        wrong["days"] = _("Choose a first day, and a last day that isn’t earlier.")
    if not why:
        wrong["why"] = _("Write a reason. The other administrators can read it.")
    if code == Answer.DAYS:
        wrong["days"] = _("Choose a first day from today on, and a last day that isn’t earlier. A substitute is added for 31 days at most.")
    if code == Answer.TAKEN:
        wrong["duty"] = _("This person has this duty on some of these days already.")
    if code == "duty":
        wrong["duty"] = _("You can’t give this duty. Choose a duty from the list, at one of your schools.")
    if code == "classes":
        wrong["classes"] = _("Choose at least one class at one of your schools.")
    return wrong


def said_of(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.GIVEN: (_("Duty given. The person sees a notice, and it is recorded."), True),
        Answer.ENDED: (_("Ended. The person is notified."), True),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
        Answer.WHY: (_("Nothing was changed. Write a reason. The other administrators can read it."), False),
    })
