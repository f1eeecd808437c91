"""The texts of the office's list of challenges, and of one case with its two threads. Pure functions: rows in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.membership.challenges.pages import Said, how_proven, last_day, reasons
from homeroom.portal.membership.challenges.queries import Listed, Threaded
from homeroom.portal.membership.words import evidences, moment
from homeroom.portal.wording import dates

WHICH = ("open", "decided")
GIVEN = ("photo id", "known", "affidavit")  # ways to prove in person who someone is


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    path: str
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """`day` is the day of one event that led to the access."""

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
    """`stands` says whether access is closed now, until when, and what happens automatically. `contacts` lists the record's contacts in one sentence."""

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


def rows_of(found: Sequence[Listed]) -> tuple[ChallengeRow, ...]:
    return tuple(ChallengeRow(f"/office/challenges/{each.uuid}", each.adult, tuple(map(dates.one_stop, facts_of(each))), tag_of(each)) for each in found)


def lead_of(found: Sequence[Listed]) -> str:
    untouched = sum(each.triaged_at is None for each in found)
    if not found:
        return _("No challenges are waiting.")
    waits = ngettext("%(n)s challenge is waiting.", "%(n)s challenges are waiting.", len(found)) % {"n": len(found)}
    fresh = ngettext("%(n)s is new: no one has viewed it.", "%(n)s are new: no one has viewed them.", untouched) % {"n": untouched}
    return f"{waits} {fresh}" if untouched else waits


def facts_of(each: Listed) -> list[str]:
    of = _("Student: %(child)s, %(school)s.") if each.school else _("Student: %(child)s.")
    by = _("Challenged by the student %(when)s.") if each.by_student else _("Challenged by a parent %(when)s.")
    said = [of % {"child": each.child, "school": each.school or ""}, by % {"when": moment(each.asked_at)}]
    if each.outcome:
        day = dates.plain_day(dates.local(each.decided_at)) if each.decided_at else ""
        said.append((_("Decided by %(name)s %(day)s.") if each.decider else _("Ended %(day)s.")) % {"name": each.decider or "", "day": day})
    elif each.clock:
        words = _("Answer the family by %(day)s.") if each.triaged_at is None else _("Opens again automatically after %(day)s.")
        said.append(words % {"day": dates.day(last_day(each.clock))})
    return said


def tag_of(each: Listed) -> tuple[str, str]:
    if each.outcome:
        return {"ended": ("closed", _("Ended")), "restored": ("imported", _("Restored")), "set aside": ("undone", _("Dismissed"))}[each.outcome]
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
        return _("%(adult)s can’t see the record") % names, _("This is still a request. No office can approve it until the challenge is decided.")
    if said["state"] == "ended":
        return _("%(adult)s can no longer see %(child)s’s record") % names, ""
    if is_closed and said["until"] and said["until"] > timezone.now():
        day = dates.day(last_day(said["until"]))
        return _("%(adult)s can’t see %(child)s’s record now") % names, dates.one_stop(
            _("Closed through %(day)s. Then it opens again automatically, unless someone decides or extends it.") % {"day": day}
        )
    if is_closed:
        return _("%(adult)s can’t see %(child)s’s record now") % names, _("Access is closed for a reason other than this challenge.")
    return _("%(adult)s can see %(child)s’s record now") % names, how_proven(said["proof"])


def events_of(said: Mapping[str, Any]) -> list[Event]:
    """Returns the history of the access, oldest first."""
    names = {"adult": said["adult"], "relation": relation_of(said["relation"]), "challenger": said["challenger"], "child": said["child_first"]}
    found = []
    if asked := said["registered"]:
        found.append((asked["asked_at"], _("%(adult)s registered as: %(relation)s.") % names, ""))
    if said["approved_at"] and not said["is_request"]:
        evidence = evidences().get((said["registered"] or {}).get("evidence", ""), "")
        what = _("%(name)s approved it.") % {"name": said["approver"]} if said["approver"] else _("The district gave this access directly.")
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
    """Lists the record's contacts, and says whether the adult is one of them and how often they opened the record."""
    listed = ", ".join(f"{each['name']} ({each['relation']})" if each["relation"] else each["name"] for each in said["contacts"])
    words = _("Contacts in the record: %(names)s.") % {"names": listed} if listed else _("The record has no contacts.")
    is_on = _("%(adult)s is in the record.") if said["is_on_record"] else _("%(adult)s is not in the record.")
    looked = ngettext("%(adult)s viewed the record %(n)s time.", "%(adult)s viewed the record %(n)s times.", said["looks"])
    return f"{words} {is_on % said} {looked % {'adult': said['adult'], 'n': said['looks']}}"


def thread_of(found: Sequence[Threaded], thread: str) -> tuple[Said, ...]:
    return tuple(Said(each.author, moment(each.at), each.words) for each in found if each.thread == thread)


def options_of(said: Mapping[str, Any], *, is_closed: bool) -> tuple[Option, ...]:
    if said["outcome"]:
        return ()
    alone = _("You can decide this without a second approval.")
    lost = Option("ended", _("Decline the request") if said["is_request"] else _("Remove access"), f"{_('The adult can’t see this child’s record.')} {alone}")
    if said["is_request"]:
        back = _("The request goes back to the queue.")
        seen = _("You checked this person’s ID. After approval it counts as checked in person.")
        return lost, Option("restored", _("Allow the request to continue"), f"{seen} {back}"), Option("set aside", _("Dismiss the challenge"), back)
    five = dates.day(last_day(said["could_close_until"]))
    wait = _("Through %(day)s, while you check.") % {"day": five}
    second = _("Needs a second approval, because the record doesn’t have this adult.") if is_closed and not said["is_on_record"] else alone
    closed = Option("closed", _("Keep it closed") if is_closed else _("Close it now"), dates.one_stop(wait))
    return (
        lost,
        closed,
        Option("restored", _("Restore access") if is_closed else _("Leave it open"), f"{_("You checked this person’s ID. It counts as checked in "
                                                                                          "person.")} {second}"),
        Option("set aside", _("Dismiss the challenge"), f"{_('It was a mistake, and no one checked anything.')} {second}"),
    )


def decided_of(said: Mapping[str, Any]) -> str:
    if not said["outcome"]:
        return ""
    what = {"ended": _("Ended"), "restored": _("Access restored"), "set aside": _("Dismissed")}[said["outcome"]]
    by = {"what": what, "name": said["decider"] or "", "when": moment(said["decided_at"])}
    words = dates.one_stop((_("%(what)s by %(name)s, %(when)s.") if said["decider"] else _("%(what)s, %(when)s.")) % by)
    return f"{words} {said['why']}".strip()


def said_of(then: Answer | str) -> Reply | None:
    """Returns the message about an act, and whether it succeeded."""
    return words_for(then, {
        Answer.ENDED: (_("Access removed. The person who challenged is notified."), True),
        Answer.CLOSED: (_("Closed. You can write to both. Each person reads only your messages to them."), True),
        Answer.RESTORED: (_("Decided. The access counts as checked in person. The person who challenged is notified."), True),
        Answer.SET_ASIDE: (_("Dismissed. The person who challenged is notified."), True),
        Answer.PROPOSED: (_("Proposed. It stays closed until someone confirms it under Second approvals."), True),
        Answer.GIVEN: (_("Allowed. The same family member can challenge this adult again."), True),
        "challenger": (_("Sent to the person who challenged."), True),
        Answer.CHALLENGED: (_("Sent to the adult who is challenged."), True),
        Answer.TAKEN: (_("Someone has already decided this or asked for a second approval. This page shows the current state."), False),
        Answer.WHY: (_("Write a reason of at most 2,000 characters. It is kept in the access log. Families can’t read it."), False),
        Answer.EVIDENCE: (_("Choose how you checked this person’s identity."), False),
        "act": (_("Choose what you decide."), False),
        Answer.AGAIN: (_("Confirm it’s you, then decide."), False),
        Answer.ODD: (_("Write something, in at most 4,000 characters."), False),
        Answer.MANY: (_("You have sent 20 messages there today. Call instead."), False),
    })
