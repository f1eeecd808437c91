"""Proposes to open sign-in after a restoration. Another administrator confirms it under Second approvals."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.access.policy import may
from homeroom.portal.membership.acts import SEE_RESTORATION

PROPOSE = "SELECT propose_opening(%(restoration)s, %(why)s)"


def propose_opening(restoration: UUID, why: str, *, by: Actor) -> Answer:
    """Returns "" also for a restoration that doesn't exist."""
    return answer_of(PROPOSE, {"restoration": restoration, "why": why}) if may(SEE_RESTORATION, by.kinds) else Answer.NOTHING
