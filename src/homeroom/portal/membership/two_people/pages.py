"""The texts of the page of second approvals. Pure functions: rows in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.access.policy import duty_said, two_person_acts
from homeroom.portal.membership.choices.words import choice_said, names
from homeroom.portal.membership.days import days_of
from homeroom.portal.membership.two_people.queries import Proposed
from homeroom.portal.membership.words import moment
from homeroom.portal.wording import dates

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """`title` names the act. `said` has its kind and state for `data-said`. `facts` says who proposed it, when, and what it needs. `confirm` is the
    button's text."""

    uuid: UUID
    title: str
    said: str
    facts: tuple[str, ...]
    reason: str
    tag: tuple[str, str]
    seen: str
    confirm: str
    is_mine: bool
    may_second: bool
    may_stop: bool


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    lead: str
    open: tuple[ProposalLine, ...]
    ended: tuple[ProposalLine, ...]


def page_of(found: Sequence[Proposed], now: datetime) -> ProposalsPage:
    waits = [each for each in found if each.ended_at is None]
    mine = sum(each.is_mine for each in waits)
    return ProposalsPage(
        _lead(len(waits), sum(each.may_decide and each.state != "confirmed" for each in waits), mine),
        tuple(_line(each, now) for each in waits),
        tuple(_line(each, now) for each in found if each.ended_at is not None),
    )


def _lead(waits: int, for_you: int, mine: int) -> str:
    if not waits:
        return _("Nothing needs a second approval.")
    if for_you:
        return ngettext("%(n)s proposal needs your answer.", "%(n)s proposals need your answer.", for_you) % {"n": for_you}
    if mine == waits:
        return _("Your proposal is waiting for another administrator.")
    return _("Nothing needs your answer.")


def _line(found: Proposed, now: datetime) -> ProposalLine:
    title = act_of(found)
    is_open = found.ended_at is None
    return ProposalLine(
        uuid=found.uuid,
        title=title,
        said=f"{found.kind}: {found.state}",
        facts=tuple(dates.one_stop(fact) for fact in _facts(found, now)),
        reason=found.reason,
        tag=_tag(found),
        seen=found.seen,
        confirm=_("I agree") if found.state == "under review" else _("Confirm: %(act)s") % {"act": title},
        is_mine=found.is_mine,
        may_second=found.may_decide and found.state in ("waiting", "under review"),
        may_stop=is_open and (found.may_decide or (found.is_mine and found.state != "under review")),
    )


def act_of(found: Proposed) -> str:
    """Returns a title such as: Make Bo Larsen an administrator of Lincoln Middle."""
    act = two_person_acts().get(found.kind)
    if act is None:
        return found.kind
    said = _said(found)
    return act.title(said) if callable(act.title) else str(act.title) % said


def _said(found: Proposed) -> dict[str, str]:
    """Returns the values that titles may use: the person, the school, and what the proposal contains."""
    held = found.payload
    said = {"name": held.get("named") or found.about or held.get("name") or _("someone"), "school": found.school or ""}
    said["child"] = str(held.get("child") or _("a student whose name you may not read"))
    if "duty" in held:
        said["duty"] = duty_said(str(held["duty"]))
    if "until" in held:
        said["day"] = dates.dated_day(date.fromisoformat(held["until"]))
    if "setting" in held:
        said |= {"setting": names()[str(held["setting"])][0], "choice": choice_said(str(held["setting"]), str(held["now"]))}
    if "way" in held:
        said["way"] = str(held["way"])
    if "hours" in held:
        said["n"] = str(int(held["hours"]))
    return said


def _facts(found: Proposed, now: datetime) -> list[str]:
    said = [_("Proposed by %(name)s, %(when)s.") % {"name": found.proposer, "when": moment(found.proposed_at)}]
    if found.kind in ("wide duty", "district duty"):
        said.append(days_of(found.payload["first"], found.payload["last"]))
    if found.kind == "wider setting":
        said.append(_("Now: %(choice)s.") % {"choice": choice_said(str(found.payload["setting"]), str(found.payload["was"]))})
    if found.kind == "support":
        said.append(students_of(found.payload["names"]))
    if found.kind == "open after restoration":
        said += _restored(found.payload)
    if found.decider and found.decided_at:
        by = {"name": found.decider, "when": moment(found.decided_at)}
        said.append({
            "stopped": _("Stopped by %(name)s, %(when)s."),
            "withdrawn": _("Withdrawn by %(name)s, %(when)s."),
            "objected": _("%(name)s objected, %(when)s."),
            "reviewed": _("%(name)s agreed, %(when)s."),
        }.get(found.state, _("Confirmed by %(name)s, %(when)s.")) % by)  # fmt: skip
    if found.words:
        said.append(_("%(name)s wrote: %(words)s") % {"name": found.decider or "", "words": found.words})
    return said + _what_next(found, now)


def _restored(payload: Mapping[str, Any]) -> list[str]:
    """Describes what sign-in would open to. The page of the restoration has each note."""
    taken, many, missing = moment(datetime.fromisoformat(payload["snapshot"])), int(payload["notes"]), int(payload["missing"])
    said = [_("From the backup of %(when)s.") % {"when": taken}]
    said.append(ngettext("%(n)s note was applied again.", "%(n)s notes were applied again.", many) % {"n": many})
    if missing:
        said.append(ngettext("%(n)s note is missing.", "%(n)s notes are missing.", missing) % {"n": missing})
    return said


def _what_next(found: Proposed, now: datetime) -> list[str]:
    if found.ended_at is not None:
        return _how_ended(found)
    until = {"when": moment(found.lock_until), "left": left(found.lock_until, now)} if found.lock_until else {}
    stop = _("Any administrator can stop it until then.")
    if found.state == "confirmed":
        return [_("Takes effect %(when)s (%(left)s).") % until, stop]
    if found.state == "under review":
        return [_("Done right away. A second approver reviews it by %(when)s (%(left)s).") % until]
    if found.takes == "second or lock":
        return [_("Takes effect when a second approver confirms it, or automatically %(when)s (%(left)s).") % until, stop]
    if found.takes == "second and lock":
        return [_("Needs a second approval, and takes effect no earlier than %(when)s (%(left)s).") % until]
    return [_("Needs a second approval. It expires after 14 days.")]


def _how_ended(found: Proposed) -> list[str]:
    if found.state == "expired":
        return [_("No one answered within 14 days, so it expired.")]
    if found.state == "carried out" and not found.decider and found.ended_at:
        return [_("No one stopped it, so it took effect %(when)s.") % {"when": moment(found.ended_at)}]
    if found.state == "not possible":
        return [_("It was no longer possible when the waiting period ended, so nothing was done.")]
    return []


def _tag(found: Proposed) -> tuple[str, str]:
    tags = {
        "waiting": ("waiting", _("Needs a second approval")),
        "confirmed": ("waiting", _("In the waiting period")),
        "under review": ("waiting", _("To review")),
        "carried out": ("imported", _("Applied")),
        "reviewed": ("imported", _("Reviewed")),
        "objected": ("refused", _("Objected to")),
        "stopped": ("closed", _("Stopped")),
        "withdrawn": ("undone", _("Withdrawn")),
        "expired": ("closed", _("Ended")),
        "not possible": ("closed", _("Not done")),
    }
    return tags[found.state]


def left(until: datetime, now: datetime) -> str:
    """Returns a text such as: 53 h left. It rounds down, so that no one reads more time than is left."""
    hours = int((until - now).total_seconds() // HOUR)
    if hours < 0:
        return _("now")
    return _("%(n)s h left") % {"n": hours} if hours else _("less than an hour left")


def students_of(names: Sequence[str | None]) -> str:
    """Lists the students of a support grant. None is a student whose name the reader may not see."""
    shown = [name or _("a student whose name you may not read") for name in names]
    if not shown:
        return _("No student: files only.")
    return _("Students, whose names support can’t read: %(names)s.") % {"names": ", ".join(shown)}


def said_of(then: Answer | str) -> Reply | None:
    """Returns the message about the last act, and whether it succeeded, or None."""
    return words_for(answer_in(then), {
        Answer.PROPOSED: (_("Proposed. Every administrator is notified. Another one must confirm it here."), True),
        Answer.CONFIRMED: (_("Confirmed. It takes effect after the waiting period."), True),
        Answer.CARRIED_OUT: (_("Confirmed and done."), True),
        Answer.REVIEWED: (_("Reviewed."), True),
        Answer.OBJECTED: (_("Your objection is recorded, and every administrator is notified."), True),
        Answer.STOPPED: (_("Stopped. Nothing was changed."), True),
        Answer.WITHDRAWN: (_("Withdrawn. Nothing was changed."), True),
        Answer.MINE: (_("You proposed it, so another person must answer. A second sign-in of yours is not another person."), False),
        Answer.TAKEN: (_("Someone else has already answered this or proposed the same. This page shows the current state."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
        Answer.NOT_POSSIBLE: (_("Confirmed, but it is no longer possible, so nothing was done."), False),
        Answer.ENDED: (_("Removed. This person is signed out, and every administrator is notified."), True),
        Answer.WHY: (_("Nothing was changed. Write a reason. The other administrators can read it."), False),
    })
