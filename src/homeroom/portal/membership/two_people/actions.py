"""Confirms or stops a proposal. The database checks who answers. Each function returns the result."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.access.policy import may
from homeroom.portal.membership.acts import ANSWER_PROPOSAL

SECOND = "SELECT second_proposal(%(proposal)s, %(seen)s, %(why)s)"
STOP = "SELECT stop_proposal(%(proposal)s, %(why)s)"


def second(proposal: UUID, seen: str, why: str, *, by: Actor) -> Answer:
    """`seen` is the version that the page showed. Returns "" also for a proposal that doesn't exist."""
    return answer_of(SECOND, {"proposal": proposal, "seen": seen, "why": why}) if may(ANSWER_PROPOSAL, by.kinds) else Answer.NOTHING


def stop(proposal: UUID, why: str, *, by: Actor) -> Answer:
    return answer_of(STOP, {"proposal": proposal, "why": why}) if may(ANSWER_PROPOSAL, by.kinds) else Answer.NOTHING
