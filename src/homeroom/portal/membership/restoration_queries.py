"""What was restored, and what was done anew after it. Nothing for whoever is no administrator of the district."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.asking import rows

SHOWN = "SELECT uuid, number, restored_at, snapshot_at, missing_notes, confirmed_at, waits, proposer, second FROM restoration_shown()"
LINES = "SELECT at, kind, person, student, outcome, told::text, is_kept FROM restoration_lines_shown()"


@dataclass(frozen=True, slots=True)
class Restoration:
    """The newest. number: of the backup. waits: for a second person. proposer, second: who opens sign-in again, or did."""

    uuid: UUID
    number: int
    restored_at: datetime
    snapshot_at: datetime
    missing_notes: int
    confirmed_at: datetime | None
    waits: bool
    proposer: str | None
    second: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """What narrowed access after the backup was taken. told: words for who is not in the backup.

    is_kept: not for the reader, who has to do with whom it is about."""

    at: datetime
    kind: str
    person: str | None
    student: str | None
    outcome: str
    told: Mapping[str, Any]
    is_kept: bool


def restoration() -> Restoration | None:
    found = rows(SHOWN, {})
    return Restoration(*found[0]) if found else None


def notes() -> list[Note]:
    """Of the newest, in their order."""
    return [Note(at, kind, person, student, outcome, json.loads(told), is_kept) for at, kind, person, student, outcome, told, is_kept in rows(LINES, {})]
