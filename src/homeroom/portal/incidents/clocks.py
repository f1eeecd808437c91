"""The clocks of an incident. Pure functions: what is known goes in, and each deadline comes out.

Hours are elapsed hours. Days are calendar days in the district's time zone and end with the day. If two sources differ, the shorter clock is the deadline,
and `outer` has the longer one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

MANY = 500  # people. More than that also concerns the public, the Attorney General and Cal-CSIC
AFTER_HOLD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rule:
    """`hours` or `days` run from the start, or from when `after` was done. Without either, the law gives no number. `is_notice`: it goes to people or the
    public, so law enforcement can stop it. `over`: only for more people than this. The rule is valid from `first` through `last`."""

    name: str
    source: str
    hours: int = 0
    days: int = 0
    outer_hours: int = 0
    is_notice: bool = False
    over: int = 0
    after: str = ""
    first: date = date.min
    last: date = date.max


RULES = (
    Rule("leads met", "policy", hours=24),
    Rule("district notified", "policy, NDPA", hours=24, outer_hours=72),
    Rule("police notified", "policy", hours=24),
    Rule("users notified", "policy", hours=24, is_notice=True),
    Rule("portal notice", "policy", hours=24, is_notice=True, over=MANY),
    Rule("resolved", "policy", hours=72),
    Rule("residents notified", "Civ. Code 1798.82", days=30, is_notice=True),
    Rule("attorney general", "Civ. Code 1798.82(f)", days=15, over=MANY, after="residents notified"),
    # Ed. Code 35266 gives no number of days and ends with the year 2026.
    Rule("cal-csic", "Ed. Code 35266", over=MANY, first=date(2023, 1, 1), last=date(2026, 12, 31)),
    Rule("second notice", "policy", after="resolved", is_notice=True),
)
NAMES = tuple(rule.name for rule in RULES)
WEBSITE = Rule("website notice", "policy", hours=24, is_notice=True, over=MANY)  # on the operator's own website, so no page of a portal lists it


@dataclass(frozen=True, slots=True)
class Hold:
    """Law enforcement asked to wait with notices to people and the public (Civ. Code 1798.82(c)). `end` is None while it isn't known."""

    since: datetime
    end: datetime | None


class Recorded(Protocol):
    """What the clocks read of a fact."""

    @property
    def kind(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def moment(self) -> datetime | None: ...
    @property
    def facts(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """`people` are affected, or None before a count. `done` says when what a clock asks for was done."""

    start: datetime
    people: int | None
    done: Mapping[str, datetime]
    holds: Sequence[Hold]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Clock:
    """`state` is running, overdue, done, late (done after the deadline), on hold, not started, not known (no count yet), no number (the law gives none)
    or not needed. `due` is the last moment. `begins` is when the clock started."""

    rule: Rule
    state: str
    begins: datetime | None = None
    due: datetime | None = None
    outer: datetime | None = None
    done_at: datetime | None = None


def clocks_of(known: ClockFacts, now: datetime, rules: Sequence[Rule] = RULES) -> list[Clock]:
    """Returns the clocks of the rules that are valid on the day of the start, in their order."""
    day = known.start.astimezone(known.zone).date()
    return [_clock(rule, known, now) for rule in rules if rule.first <= day <= rule.last]


def next_clock(clocks: Sequence[Clock]) -> Clock | None:
    """Returns the earliest deadline that still runs or has passed."""
    return min((each for each in clocks if each.due and each.state in ("running", "overdue")), key=lambda each: each.due, default=None)  # type: ignore[arg-type,return-value]


def _clock(rule: Rule, known: ClockFacts, now: datetime) -> Clock:
    done_at = known.done.get(rule.name)
    begins = known.done.get(rule.after) if rule.after else known.start
    due = _due(rule, known, begins)
    outer = known.start.astimezone(UTC) + timedelta(hours=rule.outer_hours) if rule.outer_hours else None
    return Clock(rule, _state(rule, known, due, begins, done_at, now), begins, due, outer, done_at)


def _state(rule: Rule, known: ClockFacts, due: datetime | None, begins: datetime | None, done_at: datetime | None, now: datetime) -> str:
    if done_at is not None:
        return "late" if due is not None and done_at > due else "done"
    if rule.over and known.people is None:
        return "not known"
    if rule.over and (known.people or 0) <= rule.over:
        return "not needed"
    if begins is None:
        return "not started"
    if rule.is_notice and _holds_now(known.holds, now):
        return "on hold"
    if due is None:
        return "no number"
    return "overdue" if now > due else "running"


def _due(rule: Rule, known: ClockFacts, begins: datetime | None) -> datetime | None:
    if rule.is_notice and known.holds:
        end = known.holds[-1].end
        return end.astimezone(UTC) + AFTER_HOLD if end else None
    if begins is None or not (rule.hours or rule.days):
        return None
    if rule.hours:
        return begins.astimezone(UTC) + timedelta(hours=rule.hours)
    return end_of_day(begins.astimezone(known.zone).date() + timedelta(days=rule.days), known.zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Returns the last second of this day there."""
    return (datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)) - timedelta(seconds=1)


def _holds_now(holds: Sequence[Hold], now: datetime) -> bool:
    return bool(holds) and (holds[-1].end is None or now < holds[-1].end)


def known_of(facts: Sequence[Recorded], zone: ZoneInfo) -> ClockFacts:
    """Returns what the clocks need of an incident's facts, in their order. What was done first counts."""
    starts = [fact.moment for fact in facts if fact.kind in ("declared", "started earlier", "started later") and fact.moment]
    done: dict[str, datetime] = {}
    for fact in facts:
        if fact.kind == "done" and fact.moment:
            done[fact.what] = min(fact.moment, done.get(fact.what, fact.moment))
        elif fact.kind == "released" and fact.what == "second notice":
            done[fact.what] = min(fact.at, done.get(fact.what, fact.at))
    counts = [int(fact.facts["total"]["people"]) for fact in facts if fact.kind in ("counted", "set aside") and fact.facts]
    return ClockFacts(starts[-1], counts[-1] if counts else None, done, holds_of(facts), zone)


def holds_of(facts: Sequence[Recorded]) -> list[Hold]:
    """Each new record of a hold replaces the end of the one before."""
    holds: list[Hold] = []
    for fact in facts:
        if fact.kind == "hold":
            holds.append(Hold(fact.at, fact.moment))
        elif fact.kind == "hold ended" and holds:
            holds[-1] = Hold(holds[-1].since, fact.moment)
    return holds
