"""A student is masked, and the end of it proposed. The database finds who asks, checks the office, and answers what became of it."""

from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.membership.duty_actions import Days

MASK = "SELECT mask_student(%(student)s, %(given)s, %(family)s, %(basis)s, %(first)s, %(last)s)"
PROPOSE = "SELECT propose_unmasking(%(which)s, %(why)s)"


def mask(student: UUID, given: str, family: str, basis: str, days: Days, *, by: Actor) -> str:
    values = {"student": student, "given": given, "family": family, "basis": basis, "first": days.first, "last": days.last}
    return str(rows(MASK, values)[0][0]) if by.is_administrator else ""


def propose_unmasking(which: UUID, why: str, *, by: Actor) -> str:
    return str(rows(PROPOSE, {"which": which, "why": why})[0][0]) if by.is_administrator else ""
