"""The texts of the incident pages. Pure functions: facts in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.incidents import words
from homeroom.portal.incidents.clocks import Clock, clocks_of, known_of, next_clock
from homeroom.portal.incidents.letters import last_draft
from homeroom.portal.incidents.queries import Fact, IncidentRow, LetterCount, SignIn
from homeroom.portal.incidents.recorded import AffectedCount, DiaryLine, account_said, counted_of, diary_line, last_of
from homeroom.portal.membership.words import moment
from homeroom.portal.wording import dates

TONES = {"running": "waiting", "overdue": "late", "done": "imported", "late": "late"}


@dataclass(frozen=True, slots=True)
class ClockLine:
    """`share` is how much of the time is over, from 0 to 100."""

    name: str
    title: str
    left: str
    facts: tuple[str, ...]
    tone: str
    share: int


@dataclass(frozen=True, slots=True)
class Suspect:
    account: UUID
    name: str


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """`steps` has each stage's words and whether it is done, now or to come. `next_stage` has the next stage's code and words, or None.
    `to_do` says of each step whether it is done. `letters` has each notice with its lines."""

    number: str
    title: str
    start: str
    next: str
    stage: str
    stage_words: str
    steps: tuple[tuple[str, str], ...]
    next_stage: tuple[str, str] | None
    to_do: tuple[tuple[str, bool], ...]
    clocks: tuple[ClockLine, ...]
    counted: AffectedCount | None
    triggers: tuple[tuple[str, str], ...]
    hold: str
    suspects: tuple[Suspect, ...]
    letters: tuple[tuple[str, tuple[str, ...]], ...]
    has_draft: bool
    has_second: bool
    diary: tuple[DiaryLine, ...]


def page_of(facts: Sequence[Fact], letters: Sequence[LetterCount], zone: ZoneInfo, now: datetime) -> IncidentPage:
    """`facts` has all facts of one incident, in their order."""
    first, known = facts[0], known_of(facts, zone)
    clocks = clocks_of(known, now)
    said = last_of(facts, "stage")
    stage = said.what if said else "assess"
    hold, rules = last_of(facts, "hold", "hold ended"), last_of(facts, "triggers")
    return IncidentPage(
        number=first.number,
        title=str((first.facts or {}).get("title", "")),
        start=dates.one_stop(_("Discovered %(when)s.") % {"when": moment(known.start)}),
        next=_next(next_clock(clocks), now),
        stage=stage,
        stage_words=words.stages()[stage],
        steps=steps_of(stage),
        next_stage=next_stage(stage),
        to_do=tuple((said, is_done(stage, number, facts)) for number, said in enumerate(words.to_do()[stage])),
        clocks=tuple(clock_line(clock, now) for clock in clocks),
        counted=counted_of(facts),
        triggers=tuple((said, _("Applies") if rules and rule in rules.what.split() else _("Not known") if not rules else _("Doesn’t apply"))
                       for rule, said in words.triggers().items()),
        hold=_hold(hold, now),
        suspects=suspects_of(facts),
        letters=letters_of(letters),
        has_draft=last_draft(facts, "first notice") is not None,
        has_second=last_draft(facts, "second notice") is not None,
        diary=tuple(diary_line(fact) for fact in reversed(facts)),
    )  # fmt: skip


def steps_of(stage: str) -> tuple[tuple[str, str], ...]:
    codes = list(words.stages())
    here = codes.index(stage)
    shown = [code for code in codes if code != "closed"]
    return ((_("Declared"), "done"), *((words.stages()[code], "now" if code == stage else "done" if codes.index(code) < here else "")
                                       for code in shown))  # fmt: skip


def next_stage(stage: str) -> tuple[str, str] | None:
    codes = list(words.stages())
    following = codes[codes.index(stage) + 1 :]
    return (following[0], words.stages()[following[0]]) if following else None


def _next(clock: Clock | None, now: datetime) -> str:
    if clock is None or clock.due is None:
        return _("No deadline is running.")
    facts = {"what": words.clock_names()[clock.rule.name], "when": moment(clock.due), "left": left_of(clock.due, now)}
    return _("Next deadline: %(what)s, %(when)s (%(left)s).") % facts


def left_of(due: datetime, now: datetime) -> str:
    """Returns hours for up to three days, otherwise days."""
    hours = int(abs(due - now) / timedelta(hours=1))
    over = due < now
    if hours <= 72:
        said = ngettext("%(n)s hour over", "%(n)s hours over", hours) if over else ngettext("%(n)s hour left", "%(n)s hours left", hours)
        return said % {"n": hours}
    days = hours // 24
    return (ngettext("%(n)s day over", "%(n)s days over", days) if over else ngettext("%(n)s day left", "%(n)s days left", days)) % {"n": days}


def clock_line(clock: Clock, now: datetime) -> ClockLine:
    facts = [words.sources()[clock.rule.name]]
    if clock.done_at:
        facts.append(_("Done %(when)s.") % {"when": moment(clock.done_at)})
    elif clock.due and clock.state in ("running", "overdue", "on hold"):
        facts.append(_("Due %(when)s.") % {"when": moment(clock.due)})
    if clock.outer and not clock.done_at:
        facts.append(_("The contract’s outer limit (NDPA) is 72 hours: %(when)s.") % {"when": moment(clock.outer)})
    left = left_of(clock.due, now) if clock.due and clock.state in ("running", "overdue") else states()[clock.state]
    return ClockLine(clock.rule.name, words.clock_names()[clock.rule.name], left, tuple(map(dates.one_stop, facts)), TONES.get(clock.state, "closed"),
                     _share(clock, now))  # fmt: skip


def _share(clock: Clock, now: datetime) -> int:
    if clock.due is None or clock.begins is None or clock.state not in ("running", "overdue"):
        return 0
    whole = (clock.due - clock.begins) / timedelta(seconds=1)
    return max(0, min(100, round(100 * ((now - clock.begins) / timedelta(seconds=1)) / whole))) if whole > 0 else 100


def states() -> dict[str, str]:
    return {
        "done": _("Done"), "late": _("Done late"), "on hold": _("On hold"), "not started": _("Not started"), "not known": _("Not known"),
        "no number": _("As soon as possible"), "not needed": _("Not needed"), "running": "", "overdue": _("Overdue"),
    }  # fmt: skip


def _hold(fact: Fact | None, now: datetime) -> str:
    if fact is None:
        return _("No hold is recorded.")
    if fact.kind == "hold ended" or (fact.moment and fact.moment <= now):
        return _("The hold ended %(when)s. Notices are due 24 hours later.") % {"when": moment(fact.moment or fact.at)}
    if fact.moment:
        return _("On hold until %(when)s: %(words)s") % {"when": moment(fact.moment), "words": fact.words}
    return _("On hold until law enforcement says otherwise: %(words)s") % {"words": fact.words}


def suspects_of(facts: Sequence[Fact]) -> tuple[Suspect, ...]:
    """Returns the accounts that are named and not cleared."""
    named: dict[UUID, Suspect | None] = {}
    for fact in facts:
        if fact.kind in ("suspect", "cleared") and fact.account:
            named[fact.account] = Suspect(fact.account, account_said(fact.account_name or "", fact.account_side or "")) if fact.kind == "suspect" else None
    return tuple(each for each in named.values() if each)


def sign_in_said(found: SignIn) -> str:
    """Returns when, on which device, and from which address."""
    return ", ".join(part for part in (moment(found.at), found.device, found.address or "") if part)


def is_done(stage: str, number: int, facts: Sequence[Fact]) -> bool:
    """True if that step of the stage is recorded: the second notice went out, or the review was written."""
    sent = any(fact.kind == "released" and fact.what == "second notice" for fact in facts)
    return {("resolve", 1): sent, ("review", 0): last_of(facts, "reviewed") is not None}.get((stage, number), False)


def letters_of(found: Sequence[LetterCount]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    named = {"first notice": _("First notice"), "second notice": _("Second notice"), "first notice again": _("First notice, sent again")}
    return tuple((said, tuple(_letters_by(each) for each in found if each.notice == notice)) for notice, said in named.items()
                 if any(each.notice == notice for each in found))  # fmt: skip


def _letters_by(each: LetterCount) -> str:
    facts = {"way": words.ways()[each.way], "letters": each.letters, "opened": each.opened, "waiting": each.waiting}
    if each.way == "portal":
        return _("On the portal: %(letters)s, opened by %(opened)s") % facts
    if each.way == "email":
        return _("By email: %(letters)s (%(waiting)s waiting), opened on the portal by %(opened)s") % facts
    return _("%(way)s: %(letters)s (%(waiting)s waiting)") % facts if each.waiting else _("%(way)s: %(letters)s") % facts


def incident_rows(found: Sequence[IncidentRow]) -> list[tuple[UUID, str, tuple[str, ...], tuple[str, str]]]:
    """Returns the address, title, facts and tag of each incident."""
    return [
        (each.uuid, f"{each.number}: {each.title}", tuple(dates.one_stop(fact) for fact in (
            _("Discovered %(when)s.") % {"when": moment(each.start)},
            _("Declared by %(name)s, %(when)s.") % {"name": each.name, "when": moment(each.declared_at)},
            _("No one is counted yet.") if each.people is None else ngettext("%(n)s person is affected.", "%(n)s people are affected.", each.people)
            % {"n": each.people})), ("closed" if each.stage == "closed" else "waiting", words.stages()[each.stage]))
        for each in found
    ]  # fmt: skip


def status_of(then: Answer | str) -> int:
    return 409 if then == Answer.TAKEN else 422 if then in (Answer.ODD, Answer.SAME, Answer.MINE, Answer.BARRED, Answer.NAMED) else 200


def told(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.RECORDED: (_("Recorded. No one can change or remove it."), True),
        Answer.PROPOSED: (_("Proposed. Another administrator of the district confirms it under Second approvals."), True),
        Answer.TAKEN: (_("It is already recorded. This page shows the current state."), False),
        Answer.ODD: (_("Something is missing, or a time doesn’t fit. Fill in every field and check the times."), False),
        Answer.SAME: (_("It is done already. This page shows the current state."), False),
        Answer.MINE: (_("You can’t decide about this person. Ask another administrator."), False),
        Answer.BARRED: (_("Law enforcement asked to wait with notices to people. Record the end of the hold first."), False),
        Answer.NAMED: (_("Not saved. It names a student whose name may not be shared with other families. Leave the name out."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
    })  # fmt: skip
