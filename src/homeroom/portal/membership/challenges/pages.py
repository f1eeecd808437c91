"""The texts about a challenge for a family and for the challenged adult. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.membership.challenges.queries import ChallengeableAdult, Check, Message, Mine
from homeroom.portal.membership.words import moment
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class AdultChoice:
    """An adult who may be challenged. `small` says how the access was proven and what a challenge does, and `fact` says it for `data-said`.
    `mine` is the reader's own open challenge."""

    uuid: UUID
    name: str
    small: str
    fact: str
    mine: str | None
    is_open: bool  # may be chosen


@dataclass(frozen=True, slots=True)
class Own:
    path: str
    name: str
    small: str
    fact: str
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread."""

    who: str
    at: str
    words: str


def choices_of(found: Sequence[ChallengeableAdult]) -> tuple[AdultChoice, ...]:
    return tuple(
        AdultChoice(
            each.whom, each.name, small_of(each), fact_of(each), f"/challenges/{each.mine}" if each.mine else None, not each.mine and not each.must_ask
        )
        for each in found
    )


def fact_of(each: ChallengeableAdult) -> str:
    if each.must_ask and not each.mine:
        return "answered"
    return "request" if each.is_request else "closes" if each.closes else "stays"


def small_of(each: ChallengeableAdult) -> str:
    """Returns a text such as: Father. The school checked who this is in person. Access stays while the school checks."""
    relation = relation_of(each.relation)
    said = [relation[:1].upper() + relation[1:] + "."]
    if each.is_request:
        day = dates.plain_day(dates.local(each.since))
        said.append(dates.one_stop(_("Asked %(day)s.") % {"day": day}))
        said.append(_("Can’t see anything yet, or while the school checks."))
    else:
        said.append(how_proven(each.proof))
        said.append(_("Access closes as soon as you send it.") if each.closes else _("Access stays while the school checks."))
    if each.mine:
        said.append(_("You challenged this already."))
    elif each.must_ask:
        said.append(_("The school answered a challenge of yours within the past year. To challenge again, call the school."))
    elif each.is_checked:
        said.append(_("The school is already checking this person."))
    return " ".join(said)


def how_proven(proof: str) -> str:
    return {
        "in person": _("The school checked this person’s ID."),
        "district record": _("The school’s records have this person."),
        "code": _("Had the code from the school’s letter."),
        "claimed": _("Registered online. No one checked this person’s identity."),
    }[proof]


def reasons(first_name: str) -> dict[str, str]:
    """`first_name` is empty on the student's own page."""
    not_allowed = _("This person may not see %(name)s’s record") % {"name": first_name} if first_name else _("This person may not see my record")
    return {"stranger": _("I don’t know this person"), "not allowed": not_allowed, "other": _("Another reason")}


def own_of(found: Sequence[Mine]) -> tuple[Own, ...]:
    return tuple(Own(f"/challenges/{each.uuid}", each.name, dates.one_stop(state_of(each)), fact_of_mine(each), tag_of(each)) for each in found)


def state_of(mine: Mine) -> str:
    """Says whether access is closed now and when the school decides, or what it decided."""
    said = {"name": mine.name, "child": mine.child_name}
    if mine.outcome:
        day = dates.plain_day(dates.local(mine.decided_at)) if mine.decided_at else ""
        return {
            "ended": _("The school decided %(day)s. %(name)s can’t see the record."),
            "restored": _("The school decided %(day)s. It checked who %(name)s is, and this person keeps access."),
            "set aside": _("The school decided %(day)s. Nothing changes, and %(name)s keeps access."),
        }[mine.outcome] % (said | {"day": day})
    if mine.is_request:
        return _("The school is checking. %(name)s can’t see anything in the meantime.") % said
    if mine.is_closed and mine.until and mine.until > timezone.now():
        return _("%(name)s can’t see the record now. The school decides by %(day)s.") % (said | {"day": dates.day(last_day(mine.until))})
    if mine.is_closed:
        return _("%(name)s can’t see the record now. The school is checking.") % said
    return _("The school is checking. %(name)s can still see the record in the meantime.") % said


def fact_of_mine(mine: Mine) -> str:
    return mine.outcome or ("request" if mine.is_request else "closed" if mine.is_closed else "open")


def last_day(until: datetime) -> date:
    """Returns the last full day before `until`, which is a midnight."""
    return dates.local(until - timedelta(minutes=1))


def tag_of(mine: Mine) -> tuple[str, str]:
    if not mine.outcome:
        return ("waiting", _("Waiting"))
    return ("plain", _("Decided"))


def check_said(check: Check) -> str:
    """Says what the state of a check is, for the challenged adult. It never says who challenged or why."""
    said = {"name": check.child_name or _("your child")}
    if check.is_request:
        open_words = _("You can’t see any record until the school approves. Answer here so that it can decide.")
        return open_words if check.is_open else _("The school has read your message. Its answer to your request appears under “Children you asked for”.")
    if check.is_open and check.is_closed:
        return _("You can’t see %(name)s’s record until the school decides.") % said
    if check.is_open:
        return _("You can see %(name)s’s record while the school checks.") % said
    if check.state == "ended":
        return _("The school decided that you can’t see %(name)s’s record.") % said
    if check.is_closed:
        return _("The check is over. You can’t see %(name)s’s record for another reason. Call the school.") % said
    return _("The check is over. You can see %(name)s’s record.") % said


def fact_of_check(check: Check) -> str:
    if check.is_request:
        return "request" if check.is_open else "request over"
    if check.is_open:
        return "closed" if check.is_closed else "open"
    return "ended" if check.state == "ended" else "over, closed" if check.is_closed else "over"


def thread_of(found: Sequence[Message]) -> tuple[Said, ...]:
    """Returns the thread for its reader. It doesn't name the office's staff, because families may not know who is an administrator."""
    return tuple(Said(_("The school") if each.is_of_office else _("You"), moment(each.at), each.words) for each in found)


def said_of(then: Answer | str) -> Reply | None:
    return words_for(then, {
        Answer.SENT: (_("The school has your challenge. Its administrators are notified within a minute."), True),
        "written": (_("The school has your message."), True),
        Answer.OPEN: (_("You already challenged this. The school’s answer appears below."), False),
        Answer.LEAVE: (_("The school answered a challenge of yours within the past year. To challenge again, call the school."), False),
        Answer.ODD: (_("Choose who it is and why, and write at most 4,000 characters."), False),
        Answer.MANY: (_("You have sent 20 messages today. Call the school instead."), False),
        "empty": (_("Write what the school should know, in at most 4,000 characters."), False),
    })
