"""The pages of masked students. Pure: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, answer_in
from homeroom.portal.membership.masking_queries import Masked
from homeroom.portal.membership.two_people_pages import days_of


@dataclass(frozen=True, slots=True)
class Line:
    """facts: the school, why, from when to when, by whom."""

    uuid: UUID
    name: str
    alias: str
    facts: tuple[str, ...]
    waits: bool


def bases() -> dict[str, str]:
    return {
        "address confidentiality": _("Safe at Home address program"),
        "protective order": _("Protective order"),
        "threat": _("Threat"),
        "other": _("Other reason"),
    }


def lines_of(found: Sequence[Masked]) -> list[Line]:
    return [
        Line(
            each.uuid,
            each.name,
            each.alias,
            (
                ", ".join(filter(None, (each.school, bases()[each.basis]))),
                days_of(each.first_day.isoformat(), each.last_day.isoformat() if each.last_day else None),
                _("Masked by %(name)s.") % {"name": each.masked_by},
            ),
            each.waits,
        )
        for each in found
    ]


def wrong_with(code: Answer | str) -> dict[str, str]:
    """Field → what to do. code: the database's answer."""
    return {
        Answer.NAME: {"given": _("Type a first and a last name, each of 60 letters at most.")},
        Answer.ALIKE: {"given": _("This alias gives the name away: choose one that shares no part of the student’s names.")},
        Answer.USED: {"given": _("A student at this school has that name. Choose another alias.")},
        Answer.BASIS: {"basis": _("Choose one of these reasons.")},
        Answer.DAYS: {"days": _("The first day is today or later, the last one not before it.")},
        Answer.TAKEN: {"given": _("This student is masked already. End that alias first, with a second person.")},
    }.get(answer_in(code), {"given": _("Too much time has passed. Confirm it’s you again.")})


def said_of(then: Answer | str) -> tuple[str, bool] | None:
    return {
        Answer.MASKED: (_("Masked. From the next page on, everybody without a reason to read the name meets the alias."), True),
        Answer.TAKEN: (_("Nothing was changed. Somebody proposed the same already."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
        Answer.WHY: (_("Nothing was changed. Say why in a few words: the other administrators read it here."), False),
    }.get(answer_in(then))
