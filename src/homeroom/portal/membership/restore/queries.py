"""Reads what was restored and what was repeated after it. Returns nothing to anyone who isn't an administrator of the district."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Restoration:
    """The newest. `number` is the backup's. `notes` is a count. `waits`: a proposal waits for its second approval. `proposer` and `second` open sign-in."""

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
    """One note of access taken away after the backup. `told` has words for anyone who isn't in the backup.

    `is_kept`: the reader may not read it, because they are related to someone in it. `place` is its position in the list. `has_more` means that notes
    follow."""

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
    """Returns a page of the newest restoration's notes, in order. A note that names a student is left out unless the request's view recorded the student."""
    return [Note(at, kind, person, student, outcome, json.loads(told), *rest) for at, kind, person, student, outcome, told, *rest in LINES.rows(after=after)]
