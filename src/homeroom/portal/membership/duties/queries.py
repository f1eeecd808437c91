"""Reads duties and substitutions, for administrators and for the substitute. The database decides who may see which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Given:
    """`what` is a duty or a class title. `last_day` is None if there is no end."""

    uuid: UUID
    name: str
    what: str
    school: str
    first_day: date
    last_day: date | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class FoundClass:
    uuid: UUID
    title: str
    periods: Sequence[str]
    teachers: str


class Name(NamedTuple):
    family_name: str
    given_name: str


@dataclass(frozen=True, slots=True)
class MyClass:
    section: UUID
    title: str
    school: str
    periods: Sequence[str]
    first_day: date
    last_day: date
    is_open: bool


DUTIES = Reading(Given, "duties_shown", columns=("uuid", "name", "duty", "school", "first_day", "last_day", "may_end"), person="uuid")
SUBSTITUTIONS = Reading(Given, "substitutions_shown", columns=("uuid", "name", "class", "school", "first_day", "last_day", "may_end"), person="uuid")
classes_found = Reading(FoundClass, "classes_found", school="uuid", words="text")
my_classes = Reading(MyClass, "my_substitute_classes")  # today's and upcoming ones
NAMES = Reading(Name, "class_names_shown")


def duties_given(person: UUID | None = None) -> list[Given]:
    """If `person` is None, returns those of everyone."""
    return DUTIES(person=person)


def substitutions(person: UUID | None = None) -> list[Given]:
    return SUBSTITUTIONS(person=person)


def names_in_class() -> list[str]:
    """Returns "family name, first name" for the class that this request's view opened."""
    return [f"{family}, {given}" for family, given in NAMES()]
