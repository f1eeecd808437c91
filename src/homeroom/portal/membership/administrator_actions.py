"""A further administrator is proposed, one is ended. The database finds who asks and checks the office."""

from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows

PROPOSE = "SELECT propose_administrator(%(person)s, %(school)s, %(why)s)"
END = "SELECT end_administrator(%(person)s, %(school)s, %(why)s)"


def propose_administrator(person: UUID, school: UUID | None, why: str, *, by: Actor) -> str:
    """school: None for the whole district."""
    return str(rows(PROPOSE, {"person": person, "school": school, "why": why})[0][0]) if by.is_administrator else ""


def end_administrator(person: UUID, school: UUID | None, why: str, *, by: Actor) -> str:
    return str(rows(END, {"person": person, "school": school, "why": why})[0][0]) if by.is_administrator else ""
