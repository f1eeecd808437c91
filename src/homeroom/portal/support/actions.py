"""A grant is proposed, one is ended. The database finds who asks and checks the office."""

from collections.abc import Sequence
from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows

PROPOSE = "SELECT propose_support(%(supporter)s, %(hours)s, %(children)s::uuid[], %(why)s)"
END = "SELECT end_support(%(grant)s, %(why)s)"


def propose_support(supporter: UUID, hours: int, children: Sequence[UUID], why: str, *, by: Actor) -> str:
    """What became of it: see acts.sql."""
    values = {"supporter": supporter, "hours": hours, "children": list(children), "why": why}
    return str(rows(PROPOSE, values)[0][0]) if by.is_administrator else ""


def end_support(grant: UUID, why: str, *, by: Actor) -> str:
    return str(rows(END, {"grant": grant, "why": why})[0][0]) if by.is_administrator else ""
