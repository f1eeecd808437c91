"""The texts of the inspection pages of a family, a student and the office. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.membership.leaving.queries import Inspectable, InspectionAsked
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """`may`: the reader may ask, or the office may answer. `is_open`: the record can be viewed and downloaded. `is_here`: the student has not left.
    `waits`: the reader can withdraw the request. `typed` is what the reader typed, and was not taken."""

    uuid: UUID
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    may: bool
    is_open: bool = False
    is_here: bool = False
    waits: bool = False
    typed: str = ""


def _facts(said: Sequence[str]) -> tuple[str, ...]:
    """Removes the second period if a sentence ends with a shortened month."""
    return tuple(each.replace("..", ".") for each in said)


def inspectable_rows(found: Sequence[Inspectable], child: UUID | None, typed: str) -> list[InspectionRow]:
    """`typed` is what was typed about `child`."""
    return [_inspectable(each, typed if each.uuid == child else "") for each in found]


def _inspectable(each: Inspectable, typed: str) -> InspectionRow:
    waits = each.state == "waiting"
    tag = ("waiting", _("Asked")) if waits else ("imported", _("Open")) if each.is_open else ("closed", _("Closed"))
    facts = _facts([*_how_open(each), *_how_asked(each)])
    return InspectionRow(each.uuid, each.name, facts, tag, not waits, each.is_open, each.left_on is None, waits, typed)


def _how_open(each: Inspectable) -> list[str]:
    if each.left_on is None or each.last_day is None:
        ask = [] if each.state == "waiting" else [_("Ask for what isn’t online, such as paper files.")]
        return [_("The record is open online."), *ask]
    left, last = _("Left on %(day)s.") % {"day": dates.day(each.left_on)}, {"day": dates.day(each.last_day)}
    if each.is_open:
        return [left, _("You have access through %(day)s. Print or save what you want to keep.") % last]
    return [left, _("Closed. It was open through %(day)s. Nothing was erased.") % last]


def _how_asked(each: Inspectable) -> list[str]:
    """Returns what became of the last request. A record that the school opened again is open, and that says enough."""
    if each.state == "waiting" and each.asked_at and each.due and each.latest:
        asked = _("You asked on %(day)s. California gives the school five business days, until %(due)s. The last day by federal law is %(latest)s.") % {
            "day": dates.day(timezone.localdate(each.asked_at)), "due": dates.day(each.due), "latest": dates.day(each.latest)}  # fmt: skip
        return [asked, *_wanted(each.asked_for)]
    if each.state == "withdrawn":
        return [_("You withdrew your request. You can ask again.")]
    if each.state == "on paper":
        return [_("The school says that it showed you the record on paper. You can ask again.")]
    return []


def _wanted(asked_for: str | None) -> list[str]:
    return [_("Asked for: %(what)s") % {"what": asked_for}] if asked_for else []


def asked_rows(found: Sequence[InspectionAsked]) -> list[InspectionRow]:
    return [_asked(each) for each in found]


def _asked(each: InspectionAsked) -> InspectionRow:
    who = _("%(name)s, for their own record") % {"name": each.name}
    if each.relation is not None:
        who = _("%(name)s, for the record of %(student)s") % {"name": each.name, "student": each.student}
    facts, waits = [_("Asked on %(day)s.") % {"day": dates.day(timezone.localdate(each.asked_at))}], each.state == "waiting"
    facts += [*_wanted(each.asked_for), *(_to_answer(each) if waits else [_answered(each)])]
    ends = {"waiting": ("late", _("Overdue")) if each.is_late else ("waiting", _("Waiting")), "opened": ("imported", _("Opened")),
        "withdrawn": ("closed", _("Request withdrawn")), "closed": ("closed", _("Closed"))}  # fmt: skip
    tag = ends.get(each.state, ("imported", _("On paper")))
    return InspectionRow(each.uuid, who, _facts(facts), tag, waits, is_here=each.is_here)


def _to_answer(each: InspectionAsked) -> list[str]:
    turn = _("The office of %(school)s answers.") % {"school": each.school} if each.school else _("The district’s office answers.")
    by = _("Answer by %(due)s (five business days, California Education Code 49069.7). The latest day is %(latest)s (45 days, 34 CFR 99.10).") % {
        "due": dates.day(each.due), "latest": dates.day(each.latest)}  # fmt: skip
    return [turn, by]


def _answered(each: InspectionAsked) -> str:
    answered = {"day": dates.day(timezone.localdate(each.answered_at)) if each.answered_at else "", "name": each.answerer or ""}
    if each.state == "opened" and each.last_day:
        return _("Opened by %(name)s on %(day)s, through %(until)s.") % (answered | {"until": dates.day(each.last_day)})
    if each.state == "withdrawn":
        return _("Withdrawn on %(day)s by the person who asked.") % answered
    if each.state == "closed":
        return _("Closed on %(day)s.") % answered
    return _("Shown on paper, recorded by %(name)s on %(day)s.") % answered


def told_family(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.ASKED: (_("Request sent. The school office answers here, and your home page shows a notice."), True),
        Answer.TAKEN: (_("You already asked. The school hasn’t answered yet."), False),
        Answer.WITHDRAWN: (_("You withdrew the request. The school office sees that, too."), True),
        Answer.OVER: (_("This request is no longer open. The school answered, or you withdrew it earlier. This page shows the current state."), False),
        Answer.ODD: (_("Say what you want to see in at most 500 characters."), False),
    })


def told_office(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.OPENED: (_("Opened again for the person who asked. It closes automatically."), True),
        Answer.ON_PAPER: (_("Recorded. The person who asked is notified."), True),
        Answer.BARRED: (_("A restriction is on file for this adult, so nothing was opened. Follow the court order or the law."), False),
        Answer.OF_AGE: (_("The student is 18, so this right now belongs to the student. "
                     "First record an agreement, a dependence or a court order under Rights transfer at 18."), False),
        Answer.OPEN: (_("This record is open online already. Show the rest on paper, and note that here."), False),
        Answer.TAKEN: (_("Someone else has already answered this. This page shows the current state."), False),
        Answer.ODD: (_("Enter a number of days from 1 to 45."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
    })
