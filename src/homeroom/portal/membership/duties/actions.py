"""Gives and ends duties and substitutions. The database checks who asks and returns the result."""

from collections.abc import Sequence
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.membership.days import Days

GIVE = "SELECT give_duty(%(person)s, %(school)s, %(duty)s, %(first)s, %(last)s, %(why)s)"
END = "SELECT end_duty(%(which)s, %(why)s)"
GIVE_CLASSES = "SELECT give_substitution(%(person)s, %(classes)s, %(first)s, %(last)s, %(why)s)"
END_CLASS = "SELECT end_substitution(%(which)s, %(why)s)"


def give_duty(person: UUID, school: UUID | None, duty: str, days: Days, why: str, *, by: Actor) -> Answer:
    values = {"person": person, "school": school, "duty": duty, "first": days.first, "last": days.last, "why": why}
    return answer_of(GIVE, values) if by.is_administrator else Answer.NOTHING


def end_duty(which: UUID, why: str, *, by: Actor) -> Answer:
    return answer_of(END, {"which": which, "why": why}) if by.is_administrator else Answer.NOTHING


def give_substitution(person: UUID, classes: Sequence[UUID], days: Days, why: str, *, by: Actor) -> Answer:
    values = {"person": person, "classes": list(classes), "first": days.first, "last": days.last or days.first, "why": why}
    return answer_of(GIVE_CLASSES, values) if by.is_administrator else Answer.NOTHING


def end_substitution(which: UUID, why: str, *, by: Actor) -> Answer:
    return answer_of(END_CLASS, {"which": which, "why": why}) if by.is_administrator else Answer.NOTHING
