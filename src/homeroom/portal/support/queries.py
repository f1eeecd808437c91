"""Whom the operator has as support, students to choose from, and what was granted. Nothing for whoever is no administrator of the district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

OF_DISTRICT = "SELECT i_act_for_district()"


@dataclass(frozen=True, slots=True)
class Supporter:
    """registered_at: None until the code was used."""

    uuid: UUID
    name: str
    added_at: datetime
    registered_at: datetime | None

    @property
    def registered_on(self) -> date | None:
        """On the district's calendar."""
        return timezone.localdate(self.registered_at) if self.registered_at else None


@dataclass(frozen=True, slots=True)
class Student:
    uuid: UUID
    name: str
    school: str


@dataclass(frozen=True, slots=True)
class Grant:
    """names: of the students, by their numbers; None for one from whom the reader is barred. looks: at how many there was a look.
    place: in the list; has_more: there are grants after it."""

    uuid: UUID
    name: str
    reason: str
    proposer: str
    second: str
    names: Sequence[str | None]
    began_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_by: str | None
    words: str
    runs: bool
    looks: int
    place: int
    has_more: bool


class Named(NamedTuple):
    id: int
    uuid: UUID
    name: str


supporters = Reading(Supporter, "supporters_shown")
students_found = Reading(Student, "students_for_support")  # those of the list that the request's view wrote down
NAMED = Reading(Named, "students_named_for_support", children="uuid[]")
grants = Reading(Grant, "support_grants_shown", after="integer")  # those that run first


def is_of_district() -> bool:
    return bool(rows(OF_DISTRICT, {})[0][0])


def students_named(children: Sequence[UUID]) -> list[Student]:
    return [Student(each.uuid, each.name, "") for each in NAMED(children=list(children))] if children else []
