"""Everything that is kept about one student, as the person asking may read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of everything_shown(). `came` is the day of the district's file, or None if people entered it."""

    kind: str
    came: date | None
    facts: Mapping[str, Any]


EVERYTHING = Reading(KeptRow, "everything_shown", child="uuid")


def everything_about(child: UUID) -> list[KeptRow]:
    """Returns nothing without the view."""
    return EVERYTHING(child)
