"""Reads incidents, and a person's own letters."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """`people` is None before the first count."""

    uuid: UUID
    number: str
    title: str
    stage: str
    start: datetime
    declared_at: datetime
    name: str
    people: int | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One recorded thing. `facts` depends on `kind`. The account fields are of a suspect, or of the account that a count asked about."""

    uuid: UUID
    number: str
    at: datetime
    name: str | None
    kind: str
    what: str
    words: str
    moment: datetime | None
    account: UUID | None
    account_name: str | None
    account_side: str | None
    facts: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class AccountFound:
    uuid: UUID
    name: str
    side: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """`number` is that of its security event. `address` is short, and None if the portal has none."""

    number: int
    at: datetime
    device: str
    address: str | None


@dataclass(frozen=True, slots=True)
class ImportFound:
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Containable:
    """`kind` is account, support or signer. `subject` is the account, the grant, or the key's fingerprint. `until` is when a grant or a key ends."""

    kind: str
    subject: str
    name: str
    side: str
    is_open: bool
    sessions: int
    tutoring: int
    until: datetime | None
    can_open: bool
    is_barred: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What the portal last saw of one of the operator's commands."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentToList:
    uuid: UUID
    number: str
    people: int


@dataclass(frozen=True, slots=True)
class Affected:
    """Someone in the list of names. `kinds` of data were seen. `place` is where the next page continues."""

    uuid: UUID
    name: str
    school: str
    is_student: bool
    kinds: list[str]
    place: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class LetterCount:
    """How many letters of a notice go which way. `opened` of them were opened on the portal. `waiting` of them are not sent, printed or decided."""

    notice: str
    way: str
    letters: int
    opened: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ListedLetter:
    """`children` are full names, or aliases. `answer` is the relay's code."""

    uuid: UUID
    number: int
    notice: str
    name: str
    children: list[str]
    way: str
    state: str
    answer: str
    proven_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaperLetter:
    """A letter of a batch. `release` is the fact with its text. `children` are first names."""

    uuid: UUID
    release: UUID
    name: str
    language: str
    released_at: datetime
    children: list[str]
    is_own: bool


@dataclass(frozen=True, slots=True)
class BreachLetter:
    """`letter` has the text in en and es, with `start` and `data`. `children` are first names."""

    uuid: UUID
    released_at: datetime
    letter: dict[str, Any]
    children: list[str]
    is_own: bool


incidents = Reading(IncidentRow, "incidents_shown")
FACTS = Reading(Fact, "incident_facts", which="uuid")
accounts_found = Reading(AccountFound, "incident_accounts", words="text", one="uuid")
sign_ins = Reading(SignIn, "incident_sign_ins", of_account="uuid")
imports = Reading(ImportFound, "incident_imports")
containable = Reading(Containable, "incident_containing", which="uuid")
effects = Reading(Effect, "incident_effects", which="uuid")
to_list = Reading(IncidentToList, "incidents_to_list")
affected = Reading(Affected, "affected_shown", which="uuid")
letters_counted = Reading(LetterCount, "letters_counted", which="uuid")
letters_listed = Reading(ListedLetter, "breach_letters_listed", of_incident="uuid", words="text", after="integer")
batch_letters = Reading(PaperLetter, "batch_letters_shown", of_batch="uuid")
OWN = Reading(BreachLetter, "breach_letters_shown")


def facts(which: UUID) -> list[Fact]:
    """Returns everything that was recorded about one incident, in its order. Empty for people who don't handle incidents."""
    return [Fact(*(*row[:-1], json.loads(row[-1]) if row[-1] else None)) for row in FACTS.rows(which)]


def own_letters() -> list[BreachLetter]:
    """Newest first."""
    return [BreachLetter(*(uuid, at, json.loads(letter), *rest)) for uuid, at, letter, *rest in OWN.rows()]
