"""An incident in words and in JSON. Pure, but for whom to call."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.ops.host.installation import Installation
from homeroom.ops.incident.due import Due, due_of, next_due
from homeroom.ops.incident.facts import DiaryFact, Incident
from homeroom.ops.incident.people import called_for
from homeroom.ops.incident.times import left, shown

CLOCKS = {
    "leads met": "the four leads meet", "district notified": "the district is notified", "police notified": "law enforcement is notified, if required",
    "users notified": "affected people get a first notice", "portal notice": "a notice is on the portal",
    "website notice": "a notice is on the operator's website", "resolved": "the incident is resolved",
    "residents notified": "affected residents get the letter", "attorney general": "the Attorney General gets a sample",
    "cal-csic": "Cal-CSIC gets a report", "second notice": "affected people get the second notice",
}  # fmt: skip
KINDS = {
    "declared": "declared", "note": "note", "done": "done", "stage": "stage", "district": "district", "counted": "counted", "written": "text for",
    "started earlier": "start moved earlier", "later proposed": "later start proposed", "started later": "start moved later", "hold": "hold",
    "hold ended": "hold ended",
}  # fmt: skip
STATES = {"not known": "needs a count", "no number": "as soon as possible", "late": "done late"}


def as_json(incident: Incident, installation: Installation, now: datetime) -> dict[str, Any]:
    """Returns everything for a script. Moments are in UTC."""
    clocks = [
        {
            "portal": due.portal, "clock": due.clock.rule.name, "state": due.clock.state, "source": due.clock.rule.source, "begins": due.clock.begins,
            "due": due.clock.due, "outer": due.clock.outer, "done": due.clock.done_at, "time_zone": due.zone.key,
            "call": [{"role": role, **(asdict(who) if who else {"name": None})} for role, who in called_for(installation, due.clock.rule.name, due.portal)],
        }
        for due in due_of(incident, now)
    ]  # fmt: skip
    return {
        "incident": incident.number, "title": incident.title, "stage": incident.stage, "start": incident.start, "time_zone": incident.zone,
        "people": incident.people(), "districts": [asdict(each) for each in incident.districts()],
        "waits": incident.proposed.head.number if incident.proposed else None, "clocks": clocks, "diary": [fact_json(fact) for fact in incident.facts],
    }  # fmt: skip


def fact_json(fact: DiaryFact) -> dict[str, Any]:
    """Leaves out what a fact doesn't have."""
    values = {**asdict(fact), "line": fact.head.number, "head": str(fact.head)}
    return {name: value for name, value in values.items() if value not in ("", None, {})}


def clock_rows(incident: Incident, installation: Installation, now: datetime) -> list[tuple[str, str, str, str, str]]:
    """Returns the district, the clock, its state, when it is due, and whom to call."""
    rows = []
    for due in due_of(incident, now):
        open_call = due.clock.state in ("running", "overdue", "not known", "no number", "not started", "on hold")
        call = "\n".join(f"{role}: {who or 'NOT NAMED'}" for role, who in called_for(installation, due.clock.rule.name, due.portal)) if open_call else ""
        rows.append((due.portal or ("" if incident.districts() else "each district"), due.clock.rule.name, state_of(due, now), when_of(due), call))
    return rows


def state_of(due: Due, now: datetime) -> str:
    if due.clock.due and due.is_open:
        return left(due.clock.due, now)
    return STATES.get(due.clock.state, due.clock.state)


def when_of(due: Due) -> str:
    if due.clock.done_at:
        return f"done {shown(due.clock.done_at, due.zone)}"
    if due.clock.due and due.clock.state in ("running", "overdue", "on hold"):
        outer = f" (contract: {shown(due.clock.outer, due.zone)})" if due.clock.outer else ""
        return f"{shown(due.clock.due, due.zone)}{outer}"
    return due.clock.rule.source if due.clock.state == "no number" else ""


def diary_rows(facts: Sequence[DiaryFact], zone: ZoneInfo) -> list[tuple[int, str, str, str]]:
    """Returns the line, the time, who recorded it, and what."""
    return [(fact.head.number, shown(fact.at, zone), fact.by if fact.by == fact.user else f"{fact.by} (as {fact.user})", told(fact, zone)) for fact in facts]


def told(fact: DiaryFact, zone: ZoneInfo) -> str:
    """Returns a line of the diary in words."""
    parts = [KINDS.get(fact.kind, fact.kind), CLOCKS.get(fact.what, fact.what), fact.portal]
    said = " ".join(filter(None, parts))
    said += f" {fact.people} people" if fact.people is not None else ""
    said += f", {'until' if fact.kind == 'hold' else 'at'} {shown(fact.moment, zone)}" if fact.moment else ""
    said += f", by the {fact.more['lead']} lead {fact.more['name']}" if "lead" in fact.more else ""
    said += SAME_USER if fact.more.get("is_same_user") else ""
    return f"{said}: {fact.words}" if fact.words else f"{said}."


SAME_USER = ", typed by the same user as the proposal, which doesn't prove that someone else agreed"


def summary(incident: Incident, now: datetime) -> list[str]:
    """Returns the sentences above the clocks."""
    zone, following = ZoneInfo(incident.zone), next_due(due_of(incident, now))
    people = incident.people()
    lines = [f"Incident {incident.number}: {incident.title}", f"Stage: {incident.stage}. Discovered {shown(incident.start, zone)}."]
    counts = ", ".join(f"{each.name} ({each.portal}) {'not counted' if each.people is None else each.people}" for each in incident.districts())
    lines.append(f"Affected: {counts or 'no district is named yet'}. Together: {'not known' if people is None else people}.")
    if incident.proposed and incident.proposed.moment:
        lines.append(f"A later start waits for a second lead: {shown(incident.proposed.moment, zone)}. Run `homeroom incident confirm {incident.number}`.")
    if following and following.clock.due:
        lines.append(f"Next deadline: {following}, {shown(following.clock.due, following.zone)} ({left(following.clock.due, now)}).")
    return lines
