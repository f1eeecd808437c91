"""Viewing limits from the database, and the act that raises one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.access.reading import Reading

RAISE = "SELECT raise_cap(%(which)s, %(more)s, %(words)s)"


@dataclass(frozen=True, slots=True)
class Braked:
    """`of_day` is the limit now. `viewed` is what the person viewed in the last 24 hours."""

    person: UUID
    name: str
    half_at: datetime | None
    reached_at: datetime | None
    locked_at: datetime | None
    raised_until: datetime | None
    of_day: int
    viewed: int
    may_raise: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """How many students a staff member viewed in a week, and how many of them are in no class that they teach or taught."""

    person: UUID
    name: str
    viewed: int
    outside: int


brakes = Reading(Braked, "brakes_shown")
week_viewers = Reading(Viewer, "week_viewers", first_day="date")


def raise_cap(which: UUID, more: int | None, words: str, *, by: Actor) -> Answer:
    return answer_of(RAISE, {"which": which, "more": more, "words": words}) if by.is_administrator else Answer.NOTHING
