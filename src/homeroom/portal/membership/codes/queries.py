"""Reads the people that an office may print a code for, and a class's students with their cards. Returns only what the database allows the caller."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

SIDES = ("family", "staff", "student")
ONE = "SELECT person_to_print_for(%(person)s, %(side)s)::text"
TITLE = "SELECT class_titled(%(section)s)"
SHORTEST = 2  # letters of a name


@dataclass(frozen=True, slots=True)
class FoundPerson:
    uuid: UUID
    name: str
    side: str
    grade_levels: list[str]
    is_asleep: bool


@dataclass(frozen=True, slots=True)
class Addressee:
    """`is_asleep` means that no way to sign in was chosen yet. `must_be_strong` means that a second factor is required."""

    name: str
    side: str
    is_asleep: bool
    must_be_strong: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("wake",) if self.is_asleep else ("password", "factors")


@dataclass(frozen=True, slots=True)
class CardStudent:
    """`made_at` is when the working card was printed."""

    id: int
    uuid: UUID
    first_name: str
    family_name: str
    made_at: datetime | None


people_found = Reading(FoundPerson, "people_to_print_for")  # from the list that the request's view recorded: one row per person and role, at most 20
students_for_cards = Reading(CardStudent, "students_for_cards", section="uuid")


def words_of(text: str) -> list[str]:
    """Splits a typed name into words. It keeps words of two letters or more among the first six. access/names folds them."""
    return [word for word in text.replace("\x00", "").split()[:6] if len(word) >= SHORTEST]


def addressees(person: UUID) -> list[Addressee]:
    """Returns the person's roles that the office may print for."""
    asked = [(side, rows(ONE, {"person": person, "side": side})[0][0]) for side in SIDES]
    return [Addressee(side=side, **json.loads(said)) for side, said in asked if said]


def class_title(section: UUID) -> str | None:
    ((title,),) = rows(TITLE, {"section": section})
    return None if title is None else str(title)
