"""Duties and substitutions, as administrators and as the substitute see them. Who may see which, the database decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from homeroom.portal.access.asking import rows

DUTIES = "SELECT uuid, name, school, duty, first_day, last_day, may_end FROM duties_shown()"
SUBSTITUTIONS = "SELECT uuid, name, class, school, first_day, last_day, may_end FROM substitutions_shown()"
CLASSES = "SELECT uuid, title, periods, teachers FROM classes_found(%(school)s, %(words)s)"
MINE = "SELECT section, title, school, periods, first_day, last_day, is_open FROM my_substitute_classes()"
NAMES = "SELECT family_name, given_name FROM class_names_shown()"


@dataclass(frozen=True, slots=True)
class Given:
    """what: a duty, or the title of a class. last: None without an end."""

    uuid: UUID
    name: str
    what: str
    school: str
    first: date
    last: date | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class FoundClass:
    uuid: UUID
    title: str
    periods: Sequence[str]
    teachers: str


@dataclass(frozen=True, slots=True)
class MyClass:
    section: UUID
    title: str
    school: str
    periods: Sequence[str]
    first: date
    last: date
    is_open: bool


def duties_given() -> list[Given]:
    return [Given(uuid, name, duty, school, *rest) for uuid, name, school, duty, *rest in rows(DUTIES, {})]


def substitutions() -> list[Given]:
    return [Given(*row) for row in rows(SUBSTITUTIONS, {})]


def classes_found(school: UUID, words: str) -> list[FoundClass]:
    return [FoundClass(*row) for row in rows(CLASSES, {"school": school, "words": words})]


def my_classes() -> list[MyClass]:
    """Today's and those to come."""
    return [MyClass(*row) for row in rows(MINE, {})]


def names_in_class() -> list[str]:
    """Family name first, of the class that this request's view opened."""
    return [f"{family}, {given}" for family, given in rows(NAMES, {})]
