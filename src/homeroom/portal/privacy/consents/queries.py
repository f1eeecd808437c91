"""Reads what may be shared about a student, and who signed for it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class DirectoryCategory:
    """`is_out`: someone opted out. `is_mine`: the reader did. `may_end`: the reader may take an opt-out back. `is_shared`: the school may share it today."""

    category: str
    is_adopted: bool
    is_out: bool
    is_mine: bool
    may_opt_out: bool
    may_end: bool
    may_sign: bool
    is_shared: bool


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """A signed consent. For a tutor's, `uuid` is that of the access it gave. `by_whom` is "own", "student" or "adult"."""

    uuid: UUID
    is_tutors: bool
    records: list[str]
    purpose: str
    recipient: str
    last_day: date
    by_whom: str
    signed_at: datetime
    ended_at: datetime | None
    counts: bool


consents = Reading(ConsentShown, "consents_shown", child="uuid")
directory = Reading(DirectoryCategory, "directory_shown", child="uuid")
