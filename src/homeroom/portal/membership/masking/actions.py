"""Gives a student an alias, and proposes to end it. The database checks who asks and returns the result."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.membership.days import Days

MASK = "SELECT mask_student(%(student)s, %(given)s, %(family)s, %(basis)s, %(first)s, %(last)s)"
PROPOSE = "SELECT propose_unmasking(%(which)s, %(why)s)"


def mask(student: UUID, given: str, family: str, basis: str, days: Days, *, by: Actor) -> Answer:
    values = {"student": student, "given": given, "family": family, "basis": basis, "first": days.first, "last": days.last}
    return answer_of(MASK, values) if by.is_administrator else Answer.NOTHING


def propose_unmasking(which: UUID, why: str, *, by: Actor) -> Answer:
    return answer_of(PROPOSE, {"which": which, "why": why}) if by.is_administrator else Answer.NOTHING
