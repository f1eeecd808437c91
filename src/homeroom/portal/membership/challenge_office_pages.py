"""The office's list of challenges, and one case with its two threads. Pure: rows in, words out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.membership.approval_pages import evidences
from homeroom.portal.membership.challenge_pages import Said, how_proven, last_day, reasons
from homeroom.portal.membership.challenge_queries import Listed, Threaded
from homeroom.portal.membership.two_people_pages import moment
from homeroom.portal.wording import dates

WHICH = ("open", "decided")
GIVEN = ("photo id", "known", "affidavit")  # what proves in person who somebody is


@dataclass(frozen=True, slots=True)
class Row:
    path: str
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """day: of something that led to the tie."""

    day: str
    what: str
    small: str


@dataclass(frozen=True, slots=True)
class Option:
    act: str
    title: str
    small: str


@dataclass(frozen=True, slots=True)
class Case:
    """stands: whether access is closed now, until when, and what happens by itself. contacts: of the record, as one sentence."""

    title: str
    lead: str
    stands: tuple[str, str]
    is_closed: bool
    events: tuple[Event, ...]
    contacts: str
    with_challenger: tuple[Said, ...]
    with_challenged: tuple[Said, ...]
    options: tuple[Option, ...]
    decided: str


def rows_of(found: Sequence[Listed]) -> tuple[Row, ...]:
    return tuple(Row(f"/office/challenges/{each.uuid}", each.adult, tuple(map(dates.one_stop, facts_of(each))), tag_of(each)) for each in found)


def lead_of(found: Sequence[Listed]) -> str:
    untouched = sum(each.triaged_at is None for each in found)
    if not found:
        return _("No challenge waits.")
    waits = ngettext("%(n)s challenge waits.", "%(n)s challenges wait.", len(found)) % {"n": len(found)}
    fresh = ngettext("No one has viewed %(n)s of them.", "No one has viewed %(n)s of them.", untouched) % {"n": untouched}
    return f"{waits} {fresh}" if untouched else waits


def facts_of(each: Listed) -> list[str]:
    of = _("Of %(child)s, %(school)s.") if each.school else _("Of %(child)s.")
    by = _("Challenged by the student %(when)s.") if each.by_student else _("Challenged by a parent %(when)s.")
    said = [of % {"child": each.child, "school": each.school or ""}, by % {"when": moment(each.asked_at)}]
    if each.outcome:
        day = dates.plain_day(dates.local(each.decided_at)) if each.decided_at else ""
        said.append((_("Decided by %(name)s %(day)s.") if each.decider else _("Over since %(day)s.")) % {"name": each.decider or "", "day": day})
    elif each.clock:
        words = _("Answer the family by %(day)s.") if each.triaged_at is None else _("Opens again by itself after %(day)s.")
        said.append(words % {"day": dates.day(last_day(each.clock))})
    return said


def tag_of(each: Listed) -> tuple[str, str]:
    if each.outcome:
        return {"ended": ("closed", _("Ended")), "restored": ("imported", _("Restored")), "set aside": ("undone", _("Set aside"))}[each.outcome]
    if each.is_closed:
        return ("held", _("Closed now"))
    return ("waiting", _("Waiting")) if each.triaged_at else ("new", _("New"))


def case_of(said: Mapping[str, Any], found: Sequence[Threaded]) -> Case:
    names = {"adult": said["adult"], "child": said["child"], "relation": relation_of(said["relation"])}
    by = _("the student") if said["by_student"] else _("an approved parent")
    is_closed = said["state"] == "suspended"
    return Case(
        title=_("%(adult)s, %(relation)s of %(child)s") % names,
        lead=dates.one_stop(_("Challenged %(when)s by %(who)s.") % {"when": moment(said["asked_at"]), "who": by}),
        stands=stands_of(said, is_closed=is_closed),
        is_closed=is_closed,
        events=tuple(events_of(said)),
        contacts=contacts_of(said),
        with_challenger=thread_of(found, "challenger"),
        with_challenged=thread_of(found, "challenged"),
        options=options_of(said, is_closed=is_closed),
        decided=decided_of(said),
    )


def stands_of(said: Mapping[str, Any], *, is_closed: bool) -> tuple[str, str]:
    names = {"adult": said["adult"], "child": said["child_first"]}
    if said["is_request"]:
        return _("%(adult)s sees nothing") % names, _("It is a request so far. No office can approve it before this is decided.")
    if said["state"] == "ended":
        return _("%(adult)s sees nothing of %(child)s any more") % names, ""
    if is_closed and said["until"] and said["until"] > timezone.now():
        day = dates.day(last_day(said["until"]))
        return _("%(adult)s cannot see %(child)s now") % names, dates.one_stop(
            _("Closed to the end of %(day)s. Then it opens again by itself, unless somebody decides, or closes it for longer.") % {"day": day}
        )
    if is_closed:
        return _("%(adult)s cannot see %(child)s now") % names, _("The tie is closed for another reason than this challenge.")
    return _("%(adult)s sees %(child)s’s record now") % names, how_proven(said["proof"])


def events_of(said: Mapping[str, Any]) -> list[Event]:
    """How the tie came about, the oldest first."""
    names = {"adult": said["adult"], "relation": relation_of(said["relation"]), "challenger": said["challenger"], "child": said["child_first"]}
    found = []
    if asked := said["registered"]:
        found.append((asked["asked_at"], _("%(adult)s registered, and said: %(relation)s.") % names, ""))
    if said["approved_at"] and not said["is_request"]:
        evidence = evidences().get((said["registered"] or {}).get("evidence", ""), "")
        what = _("%(name)s approved it.") % {"name": said["approver"]} if said["approver"] else _("The tie was made by the district.")
        found.append((said["approved_at"], what, f"{evidence}." if evidence else how_proven(said["proof"])))
    because = reasons(said["child_first"])[said["reason"]]
    found.append((said["asked_at"], _("%(challenger)s challenged: “%(because)s”.") % (names | {"because": because}), challenger_of(said)))
    return [Event(dates.plain_day(dates.local(at)), what, small) for at, what, small in sorted(found, key=lambda each: each[0])]


def challenger_of(said: Mapping[str, Any]) -> str:
    if said["by_student"]:
        return _("The student’s own account.")
    relation = relation_of(said["challenger_relation"])
    return f"{relation[:1].upper()}{relation[1:]}. {how_proven(said['challenger_proof'])}"


def contacts_of(said: Mapping[str, Any]) -> str:
    """Whom the record has; and whether the adult is among them."""
    listed = ", ".join(f"{each['name']} ({each['relation']})" if each["relation"] else each["name"] for each in said["contacts"])
    words = _("The record has as contacts: %(names)s.") % {"names": listed} if listed else _("The record has no contact.")
    is_on = _("%(adult)s is on record.") if said["is_on_record"] else _("%(adult)s is not on record.")
    looked = ngettext("%(adult)s opened the record %(n)s time.", "%(adult)s opened the record %(n)s times.", said["looks"])
    return f"{words} {is_on % said} {looked % {'adult': said['adult'], 'n': said['looks']}}"


def thread_of(found: Sequence[Threaded], thread: str) -> tuple[Said, ...]:
    return tuple(Said(each.author, moment(each.at), each.words) for each in found if each.thread == thread)


def options_of(said: Mapping[str, Any], *, is_closed: bool) -> tuple[Option, ...]:
    if said["outcome"]:
        return ()
    alone = _("You alone can decide this.")
    lost = Option("ended", _("Decline the request") if said["is_request"] else _("End the tie"), f"{_('The adult does not see this child.')} {alone}")
    if said["is_request"]:
        back = _("The request goes back to the queue.")
        seen = _("You saw who it is: approved, it counts as seen in person.")
        return lost, Option("restored", _("Let the request go on"), f"{seen} {back}"), Option("set aside", _("Set the challenge aside"), back)
    five = dates.day(last_day(said["could_close_until"]))
    wait = _("To the end of %(day)s, while you ask.") % {"day": five}
    second = _("A second person agrees first: the record does not have this adult.") if is_closed and not said["is_on_record"] else alone
    closed = Option("closed", _("Keep it closed") if is_closed else _("Close it now"), dates.one_stop(wait))
    return (
        lost,
        closed,
        Option("restored", _("Restore access") if is_closed else _("Leave it open"), f"{_('You saw who it is: it counts as seen in person.')} {second}"),
        Option("set aside", _("Set the challenge aside"), f"{_('It was a mistake; nothing was checked.')} {second}"),
    )


def decided_of(said: Mapping[str, Any]) -> str:
    if not said["outcome"]:
        return ""
    what = {"ended": _("Ended"), "restored": _("Access restored"), "set aside": _("Set aside")}[said["outcome"]]
    by = {"what": what, "name": said["decider"] or "", "when": moment(said["decided_at"])}
    words = dates.one_stop((_("%(what)s by %(name)s, %(when)s.") if said["decider"] else _("%(what)s, %(when)s.")) % by)
    return f"{words} {said['why']}".strip()


def said_of(then: Answer | str) -> tuple[str, bool] | None:
    """What became of an act, and whether it is done."""
    return {
        Answer.ENDED: (_("Ended. Whoever challenged is told."), True),
        Answer.CLOSED: (_("Closed. Write to both meanwhile: each reads only what you write to them."), True),
        Answer.RESTORED: (_("Decided. The tie counts as seen in person, and whoever challenged is told."), True),
        Answer.SET_ASIDE: (_("Set aside. Whoever challenged is told."), True),
        Answer.PROPOSED: (_("Proposed. It stays closed until a second person agrees, on the page Two people."), True),
        Answer.GIVEN: (_("Given. The same family member may challenge this adult again."), True),
        "challenger": (_("Sent to whoever challenged."), True),
        Answer.CHALLENGED: (_("Sent to the adult who is challenged."), True),
        Answer.TAKEN: (_("Somebody decided it meanwhile, or a second person was asked already. Read what stands here now."), False),
        Answer.WHY: (_("Say why, in at most 2,000 characters. It is kept in the access log. Families can’t read it."), False),
        Answer.EVIDENCE: (_("Choose how you checked this person’s identity."), False),
        "act": (_("Choose what you decide."), False),
        Answer.AGAIN: (_("Confirm it’s you, then decide."), False),
        Answer.ODD: (_("Write something, in at most 4,000 characters."), False),
        Answer.MANY: (_("You wrote twenty messages there today. Call."), False),
    }.get(then)
