"""Proposes a grant and ends one. The database finds who asks and checks the office."""

from collections.abc import Sequence
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

PROPOSE = "SELECT propose_support(%(supporter)s, %(hours)s, %(children)s::uuid[], %(why)s)"
END = "SELECT end_support(%(grant)s, %(why)s)"


def propose_support(supporter: UUID, hours: int, children: Sequence[UUID], why: str, *, by: Actor) -> Answer:
    """Returns the answer of propose_support() in acts.sql."""
    values = {"supporter": supporter, "hours": hours, "children": list(children), "why": why}
    return answer_of(PROPOSE, values) if by.is_administrator else Answer.NOTHING


def end_support(grant: UUID, why: str, *, by: Actor) -> Answer:
    return answer_of(END, {"grant": grant, "why": why}) if by.is_administrator else Answer.NOTHING
