"""The texts of the inspection pages of a family, a former student and the office. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.membership.leaving.queries import Former, InspectionAsked
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """`may`: the reader may ask, or the office may answer. `is_open`: the record can be viewed and downloaded. `waits`: the reader can withdraw the request."""

    uuid: UUID
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    may: bool
    is_open: bool = False
    waits: bool = False


def _facts(said: Sequence[str]) -> tuple[str, ...]:
    """Removes the second period if a sentence ends with a shortened month."""
    return tuple(each.replace("..", ".") for each in said)


def former_rows(found: Sequence[Former]) -> list[InspectionRow]:
    return [_former(each) for each in found]


def _former(each: Former) -> InspectionRow:
    facts = [_("Left on %(day)s.") % {"day": dates.day(each.left_on)}]
    if each.is_open:
        facts.append(_("You have access through %(day)s. Print or save what you want to keep.") % {"day": dates.day(each.last_day)})
        return InspectionRow(each.uuid, each.name, _facts(facts), ("imported", _("Open")), False, is_open=True)
    facts.append(_("Closed. It was open through %(day)s. Nothing was erased.") % {"day": dates.day(each.last_day)})
    if each.state == "waiting" and each.asked_at and each.due and each.latest:
        facts.append(_("You asked on %(day)s. The school answers within five business days, by %(due)s. The legal deadline is %(latest)s.") % {
            "day": dates.day(timezone.localdate(each.asked_at)), "due": dates.day(each.due), "latest": dates.day(each.latest)})  # fmt: skip
        return InspectionRow(each.uuid, each.name, _facts(facts), ("waiting", _("Asked")), False, waits=True)
    if each.state == "withdrawn":
        facts.append(_("You withdrew your request. You can ask again."))
    if each.state == "on paper":
        facts.append(_("The school says that it showed you the record on paper. You can ask again."))
    return InspectionRow(each.uuid, each.name, _facts(facts), ("closed", _("Closed")), True)


def asked_rows(found: Sequence[InspectionAsked]) -> list[InspectionRow]:
    return [_asked(each) for each in found]


def _asked(each: InspectionAsked) -> InspectionRow:
    who = _("%(name)s, for their own record") % {"name": each.name}
    if each.relation is not None:
        who = _("%(name)s, for the record of %(student)s") % {"name": each.name, "student": each.student}
    facts = [_("Asked on %(day)s.") % {"day": dates.day(timezone.localdate(each.asked_at))}]
    if each.state == "waiting":
        facts.append(_("Answer by %(due)s (five business days, California Education Code 49069.7). The latest day is %(latest)s (45 days, 34 CFR 99.10).") % {
            "due": dates.day(each.due), "latest": dates.day(each.latest)})  # fmt: skip
        return InspectionRow(each.uuid, who, _facts(facts), ("late", _("Overdue")) if each.is_late else ("waiting", _("Waiting")), True)
    answered = {"day": dates.day(timezone.localdate(each.answered_at)) if each.answered_at else "", "name": each.answerer or ""}
    if each.state == "opened" and each.last_day:
        facts.append(_("Opened by %(name)s on %(day)s, through %(until)s.") % (answered | {"until": dates.day(each.last_day)}))
        return InspectionRow(each.uuid, who, _facts(facts), ("imported", _("Opened")), False)
    if each.state == "withdrawn":
        facts.append(_("Withdrawn on %(day)s by the person who asked.") % answered)
        return InspectionRow(each.uuid, who, _facts(facts), ("closed", _("Request withdrawn")), False)
    facts.append(_("Shown on paper, recorded by %(name)s on %(day)s.") % answered)
    return InspectionRow(each.uuid, who, _facts(facts), ("imported", _("On paper")), False)


def told_family(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.ASKED: (_("Request sent. The school office answers here, and your home page shows a notice."), True),
        Answer.TAKEN: (_("You already asked. The school hasn’t answered yet."), False),
        Answer.WITHDRAWN: (_("You withdrew the request. The school office sees that, too."), True),
        Answer.OVER: (_("This request is no longer open. The school answered, or you withdrew it earlier. This page shows the current state."), False),
        Answer.OPEN: (_("You can see the record. Go to your home page to read it."), False),
    })


def told_office(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.OPENED: (_("Opened again for the person who asked. It closes automatically."), True),
        Answer.ON_PAPER: (_("Recorded. The person who asked is notified."), True),
        Answer.BARRED: (_("A restriction is on file for this adult, so nothing was opened. Follow the court order or the law."), False),
        Answer.OF_AGE: (_("The student is 18, so this right now belongs to the student. "
                     "First record an agreement, a dependence or a court order under Rights transfer at 18."), False),
        Answer.TAKEN: (_("Someone else has already answered this. This page shows the current state."), False),
        Answer.ODD: (_("Enter a number of days from 1 to 45."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
    })
