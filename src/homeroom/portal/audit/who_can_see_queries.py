"""Who can see one child today. The database answers it as each person."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Seer:
    """A row of who_can_see(). `part` is family, tutor, student, teacher, school, administrator or support. `people` is how many people the row
    counts. 0 means that the tie is not open today. `is_hidden`: counted without a name. `last_on` is the day of the last view."""

    part: str
    who: UUID | None
    name: str | None
    is_me: bool
    is_hidden: bool
    people: int
    capacities: tuple[str, ...]
    relation: str | None
    proof: str | None
    approved_on: date | None
    classes: tuple[str, ...]
    duties: tuple[str, ...]
    school: str | None
    last_day: date | None
    until: datetime | None
    kinds: tuple[str, ...]
    last_on: date | None


SEERS = Reading(Seer, "who_can_see", child="uuid")


def seers(child: UUID) -> list[Seer]:
    """Returns no one without the view. Asks each person's rules once, for as many people as there may be."""
    return [seer_of(*row) for row in SEERS.rows(child=child)]


def seer_of(*row: object) -> Seer:
    values = [tuple(value) if isinstance(value, list) else value for value in row]
    for place in (10, 11):  # classes, duties
        values[place] = values[place] or ()
    until = values[14]
    values[14] = timezone.localtime(until) if isinstance(until, datetime) else None
    return Seer(*values)  # type: ignore[arg-type]
