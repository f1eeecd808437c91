"""What was restored, and what was done anew after it. Nothing for whoever is no administrator of the district."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Restoration:
    """The newest. number: of the backup. notes: how many. waits: for a second person. proposer, second: who opens sign-in again, or did."""

    uuid: UUID
    number: int
    restored_at: datetime
    snapshot_at: datetime
    missing_notes: int
    notes: int
    confirmed_at: datetime | None
    waits: bool
    proposer: str | None
    second: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """What narrowed access after the backup was taken. told: words for who is not in the backup.

    is_kept: not for the reader, who has to do with whom it is about. place: in the list; has_more: there are notes after it."""

    at: datetime
    kind: str
    person: str | None
    student: str | None
    outcome: str
    told: Mapping[str, Any]
    is_kept: bool
    place: int
    has_more: bool


restoration = Reading(Restoration, "restoration_shown").one
LINES = Reading(Note, "restoration_lines_shown", after="integer")


def notes(after: int | None) -> list[Note]:
    """A page of the newest's, in their order; of those that name a student the ones that the request's view wrote down."""
    return [Note(at, kind, person, student, outcome, json.loads(told), *rest) for at, kind, person, student, outcome, told, *rest in LINES.rows(after=after)]
