"""Reads challenges for a family, a challenged adult and an office. Each query leaves out what the reader may not see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

CASE = "SELECT challenge_shown(%(which)s)::text"


@dataclass(frozen=True, slots=True)
class ChallengeableAdult:
    """An adult who may be challenged. `since` is the approval or the request. `closes`: a challenge closes access immediately. `mine` is one's own open
    challenge."""

    whom: UUID
    name: str
    relation: str
    is_request: bool
    since: datetime
    proof: str
    is_checked: bool
    closes: bool
    must_ask: bool
    mine: UUID | None


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own challenge. `until` is when closed access opens again. `outcome` is '' until a decision."""

    uuid: UUID
    child: UUID
    child_name: str
    name: str
    relation: str
    reason: str
    words: str
    asked_at: datetime
    is_request: bool
    is_closed: bool
    until: datetime | None
    outcome: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Check:
    """The adult's own access that the office checks or has checked, or a request that the office wrote about.

    `child_name` is empty if the child has an alias that this adult may not see."""

    uuid: UUID
    child_name: str
    is_closed: bool
    is_open: bool
    state: str

    @property
    def is_request(self) -> bool:
        """True if the office wrote about a request and there is no access yet. `child_name` is as typed."""
        return self.state == "request"


@dataclass(frozen=True, slots=True)
class Message:
    is_of_office: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the office's list. `clock` is when something happens automatically next."""

    uuid: UUID
    adult: str
    child: str
    school: str | None
    asked_at: datetime
    by_student: bool
    is_closed: bool
    clock: datetime | None
    triaged_at: datetime | None
    outcome: str
    decided_at: datetime | None
    decider: str | None


@dataclass(frozen=True, slots=True)
class Threaded:
    """`thread` is challenger or challenged."""

    thread: str
    is_of_office: bool
    author: str
    words: str
    at: datetime


whom = Reading(ChallengeableAdult, "challengeable", child="uuid")  # empty if the caller may not challenge, or if there is no other adult
my_challenges = Reading(Mine, "my_challenges")
messages_of_mine = Reading(Message, "messages_of_my_challenge", which="uuid")
my_checks = Reading(Check, "my_checks")
messages_of_check = Reading(Message, "messages_of_my_check", which="uuid")
challenges = Reading(Listed, "challenges_shown", which="text")  # `which` is open or decided
threads = Reading(Threaded, "challenge_messages", which="uuid")


def case(which: UUID) -> Mapping[str, Any] | None:
    """Returns challenge_shown() of membership/challenges, with datetimes. Returns None unless this case was viewed."""
    found = rows(CASE, {"which": which})[0][0]
    if found is None:
        return None
    said: dict[str, Any] = json.loads(found)
    for name in ("asked_at", "until", "could_close_until", "approved_at", "decided_at", "leave_at"):
        said[name] = datetime.fromisoformat(said[name]) if said[name] else None
    if said["registered"]:
        said["registered"]["asked_at"] = datetime.fromisoformat(said["registered"]["asked_at"])
    return said
