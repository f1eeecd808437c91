"""Challenges as a family, the adult whose tie is checked, and an office may read them. What one may not see is not there."""

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
class Adult:
    """Somebody who may be challenged. since: approved, or asked; closes: whether a challenge closes the tie at once; mine: one's own that waits."""

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
    """One's own challenge. until: the moment at which what is closed opens again; outcome: '' while nobody decided."""

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
    """A tie of one’s own that the office checks, or has checked; or a request about which it wrote.

    child_name: empty of a masked child, whose alias is kept from this adult.
    """

    uuid: UUID
    child_name: str
    is_closed: bool
    is_open: bool
    state: str

    @property
    def is_request(self) -> bool:
        """No tie yet: the office wrote about what was asked. child_name: as it was typed."""
        return self.state == "request"


@dataclass(frozen=True, slots=True)
class Message:
    is_of_office: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the office's list. clock: the next moment at which something happens by itself."""

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
    """thread: challenger or challenged."""

    thread: str
    is_of_office: bool
    author: str
    words: str
    at: datetime


whom = Reading(Adult, "challengeable", child="uuid")  # nobody where the asker has no standing, or there is nobody else
my_challenges = Reading(Mine, "my_challenges")
messages_of_mine = Reading(Message, "messages_of_my_challenge", which="uuid")
my_checks = Reading(Check, "my_checks")
messages_of_check = Reading(Message, "messages_of_my_check", which="uuid")
challenges = Reading(Listed, "challenges_shown", which="text")  # which: open or decided
threads = Reading(Threaded, "challenge_messages", which="uuid")


def case(which: UUID) -> Mapping[str, Any] | None:
    """As challenge_shown() of membership/challenges says it, its moments as datetimes. None without the look of this case."""
    found = rows(CASE, {"which": which})[0][0]
    if found is None:
        return None
    said: dict[str, Any] = json.loads(found)
    for name in ("asked_at", "until", "could_close_until", "approved_at", "decided_at", "leave_at"):
        said[name] = datetime.fromisoformat(said[name]) if said[name] else None
    if said["registered"]:
        said["registered"]["asked_at"] = datetime.fromisoformat(said["registered"]["asked_at"])
    return said
