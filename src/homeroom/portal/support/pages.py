"""The office's page of support. Pure: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.membership.words import moment
from homeroom.portal.support.queries import Grant
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class GrantLine:
    """`students` has number and name."""

    uuid: UUID
    title: str
    facts: tuple[str, ...]
    reason: str
    students: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    running: tuple[GrantLine, ...]
    over: tuple[GrantLine, ...]


def page_of(found: Sequence[Grant]) -> Page:
    return Page(tuple(_line(each) for each in found if each.runs), tuple(_line(each) for each in found if not each.runs))


def _line(grant: Grant) -> GrantLine:
    if grant.runs:
        title = _("%(name)s, until %(when)s") % {"name": grant.name, "when": moment(grant.until)}
    else:
        title = grant.name
    facts = tuple(dates.one_stop(fact) for fact in _facts(grant))
    return GrantLine(grant.uuid, title, facts, grant.reason, tuple(enumerate((name or hidden() for name in grant.names), 1)))


def _facts(grant: Grant) -> list[str]:
    by = {"one": grant.proposer, "two": grant.second, "when": moment(grant.began_at)}
    said = [_("Granted by %(one)s and %(two)s, %(when)s.") % by]
    if grant.ended_at is not None:
        said.append(_ended(grant, grant.ended_at))
    elif not grant.runs:
        said.append(_("It expired %(when)s.") % {"when": moment(grant.until)})
    looked = ngettext("%(n)s student was viewed.", "%(n)s students were viewed.", grant.looks) % {"n": grant.looks}
    return [*said, looked if grant.looks else _("No student was viewed.")]


def _ended(grant: Grant, at: datetime) -> str:
    said = _("Ended by %(name)s, %(when)s.") % {"name": grant.ended_by or "", "when": moment(at)}
    return f"{dates.one_stop(said)} {grant.words}".strip()


def hidden() -> str:
    return _("a student whose name you may not read")


def wrong_with(then: Answer | str) -> dict[str, str]:
    """Returns the form's sentences for a grant that was not proposed."""
    return {
        Answer.WHY: {"why": _("Write a reason. The other administrators can read it.")},
        Answer.HOURS: {"hours": _("Choose one to four hours.")},
        Answer.MANY: {"students": _("Choose 20 students at most.")},
        Answer.RUNS: {"students": _("This person has an active grant. End it first, or wait until it expires.")},
    }.get(answer_in(then), {"students": _("You can’t propose this. Choose students you can manage.")})


def said_of(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.ENDED: (_("Ended. Support can’t see anything now. Every administrator is notified."), True),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
        Answer.WHY: (_("Nothing was changed. Write a reason. The other administrators can read it."), False),
    })
