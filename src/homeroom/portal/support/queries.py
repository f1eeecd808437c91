"""Supporters, students to choose from, and grants. Only an administrator of the district gets rows."""

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
    """`registered_at` is None until the code is used."""

    uuid: UUID
    name: str
    added_at: datetime
    registered_at: datetime | None

    @property
    def registered_on(self) -> date | None:
        """On the district's calendar."""
        return timezone.localdate(self.registered_at) if self.registered_at else None


@dataclass(frozen=True, slots=True)
class SupportStudent:
    uuid: UUID
    name: str
    school: str


@dataclass(frozen=True, slots=True)
class Grant:
    """`names` has the students' names in order of their numbers, with None for one that the reader is restricted from.
    `looks` is how many students were viewed. `place` is the place in the list. `has_more` means that there are grants after it."""

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
students_found = Reading(SupportStudent, "students_for_support")  # from the list that the request's view recorded
NAMED = Reading(Named, "students_named_for_support", children="uuid[]")
grants = Reading(Grant, "support_grants_shown", after="integer")  # running ones first


def is_of_district() -> bool:
    return bool(rows(OF_DISTRICT, {})[0][0])


def students_named(children: Sequence[UUID]) -> list[SupportStudent]:
    return [SupportStudent(each.uuid, each.name, "") for each in NAMED(children=list(children))] if children else []
