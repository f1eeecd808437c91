"""The texts of the pages about aliases. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.membership.days import days_of
from homeroom.portal.membership.masking.queries import Masked


@dataclass(frozen=True, slots=True)
class AliasLine:
    """`facts` are the school, the reason, the first and last day, and who gave the alias."""

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


def lines_of(found: Sequence[Masked]) -> list[AliasLine]:
    return [
        AliasLine(
            each.uuid,
            each.name,
            each.alias,
            (
                ", ".join(filter(None, (each.school, bases()[each.basis]))),
                days_of(each.first_day.isoformat(), each.last_day.isoformat() if each.last_day else None),
                _("Alias given by %(name)s.") % {"name": each.masked_by},
            ),
            each.waits,
        )
        for each in found
    ]


def wrong_with(code: Answer | str) -> dict[str, str]:
    """Returns what to do for each field. `code` is the database's answer."""
    return {
        Answer.NAME: {"given": _("Enter a first and last name, each at most 60 characters.")},
        Answer.ALIKE: {"given": _("This alias gives the name away. Choose one that shares no part of the student’s names.")},
        Answer.USED: {"given": _("A student at this school has that name. Choose another alias.")},
        Answer.BASIS: {"basis": _("Choose one of these reasons.")},
        Answer.DAYS: {"days": _("Choose a first day from today on, and a last day that isn’t earlier.")},
        Answer.TAKEN: {"given": _("This student already has an alias. End that alias first, which needs a second approval.")},
    }.get(answer_in(code), {"given": _("Too much time has passed. Confirm it’s you again.")})


def said_of(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.MASKED: (_("Alias saved. From now on, people who don’t need the real name see the alias."), True),
        Answer.TAKEN: (_("Nothing was changed. Someone has already proposed the same."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
        Answer.WHY: (_("Nothing was changed. Write a reason. The other administrators can read it."), False),
    })
