"""Challenges as a family, the adult whose tie is checked, and an office may read them. What one may not see is not there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.asking import rows

WHOM = "SELECT whom, name, relation, is_request, since, proof, is_checked, closes, must_ask, mine FROM challengeable(%(child)s)"
MINE = """SELECT uuid, child, child_name, name, relation, reason, words, asked_at, is_request, is_closed, until, outcome, decided_at FROM my_challenges()"""
OF_MINE = "SELECT is_of_office, words, at FROM messages_of_my_challenge(%(which)s)"
CHECKS = "SELECT uuid, child_name, is_closed, is_open, state FROM my_checks()"
OF_CHECK = "SELECT is_of_office, words, at FROM messages_of_my_check(%(which)s)"
SHOWN = """SELECT uuid, adult, child, school, asked_at, by_student, is_closed, clock, triaged_at, outcome, decided_at, decider
    FROM challenges_shown(%(which)s)"""
CASE = "SELECT challenge_shown(%(which)s)::text"
THREADS = "SELECT thread, is_of_office, author, words, at FROM challenge_messages(%(which)s)"


@dataclass(frozen=True, slots=True)
class Adult:
    """Somebody who may be challenged. since: approved, or asked; closes: whether a challenge closes the tie at once; mine: one's own that waits."""

    uuid: UUID
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


def whom(child: UUID) -> list[Adult]:
    """Nobody where the asker has no standing, or there is nobody else."""
    return [Adult(*row) for row in rows(WHOM, {"child": child})]


def my_challenges() -> list[Mine]:
    return [Mine(*row) for row in rows(MINE, {})]


def messages_of_mine(which: UUID) -> list[Message]:
    return [Message(*row) for row in rows(OF_MINE, {"which": which})]


def my_checks() -> list[Check]:
    return [Check(*row) for row in rows(CHECKS, {})]


def messages_of_check(which: UUID) -> list[Message]:
    return [Message(*row) for row in rows(OF_CHECK, {"which": which})]


def challenges(which: str) -> list[Listed]:
    """which: open or decided."""
    return [Listed(*row) for row in rows(SHOWN, {"which": which})]


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


def threads(which: UUID) -> list[Threaded]:
    return [Threaded(*row) for row in rows(THREADS, {"which": which})]
