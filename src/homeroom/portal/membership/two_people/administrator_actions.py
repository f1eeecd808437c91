"""Proposes and ends administrators. The database checks who asks."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

PROPOSE = "SELECT propose_administrator(%(person)s, %(school)s, %(why)s)"
END = "SELECT end_administrator(%(person)s, %(school)s, %(why)s)"


def propose_administrator(person: UUID, school: UUID | None, why: str, *, by: Actor) -> Answer:
    """`school` is None for the whole district."""
    return answer_of(PROPOSE, {"person": person, "school": school, "why": why}) if by.is_administrator else Answer.NOTHING


def end_administrator(person: UUID, school: UUID | None, why: str, *, by: Actor) -> Answer:
    return answer_of(END, {"person": person, "school": school, "why": why}) if by.is_administrator else Answer.NOTHING
