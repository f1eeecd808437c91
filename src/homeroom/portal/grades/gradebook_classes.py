"""Classes of a teacher or of a school's principal, or one of them. They have no student's record, so they need no view."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from unicodedata import combining, normalize
from uuid import UUID

from homeroom.portal.access.reading import Reading

OPENS_SCHOOL = ("principal", "counselor")  # as in access/reach, sections_i_may_open()


class ClassRow(NamedTuple):
    """`terms` has title, first day and end of each, sorted by end. The end is exclusive."""

    id: int
    uuid: UUID
    title: str
    periods: list[str]
    school: str
    terms: list[list[str]]
    students: int


TAUGHT = Reading(ClassRow, "classes_i_teach", columns=(*ClassRow._fields, "lacking", "fresh"), day="date", as_of="date", seen="integer")
OF_SCHOOLS = Reading(ClassRow, "classes_of_my_schools", columns=(*ClassRow._fields, "teachers"))
SHOWN = Reading(ClassRow, "class_shown")


@dataclass(frozen=True, slots=True)
class Class:
    """`term` is the one that runs, else the next, else the last. `lacking` counts students with missing work, and `fresh` new scores. None: not counted."""

    id: int
    uuid: UUID
    title: str
    periods: tuple[str, ...]
    school: str
    term: str
    is_over: bool
    students: int
    lacking: int | None = None
    fresh: int | None = None
    teachers: tuple[str, ...] = ()  # only of a school's classes

    @property
    def period(self) -> str:
        return self.periods[0] if len(self.periods) == 1 else ""


def classes_i_teach(today: date, as_of: date, seen: int | None) -> list[Class]:
    """Returns classes in the order of the day, also those whose session is over for as long as the database opens them: 30 days, for anyone who taught
    to the end. `seen` is the last delivery that the visit before could show.
    """
    return classes_in(TAUGHT.rows(day=today, as_of=as_of, seen=seen), today)


def classes_of_my_schools(today: date, words: str = "") -> list[Class]:
    """Returns running classes of the schools where this person has the duty of principal or counselor. `words` begin words of title and teachers."""
    every = [replace(one, teachers=tuple(dict.fromkeys(row[-1]))) for row in OF_SCHOOLS.rows() for one in classes_in([row[:-1]], today)]
    return [found for found in every if not found.is_over and begins(words, " ".join((found.title, *found.teachers)))]


def begins(typed: str, said: str) -> bool:
    """True if each typed word begins a word of the text. It ignores accents, capitals and punctuation."""
    words = folded(said)
    return all(any(word.startswith(part) for word in words) for part in folded(typed))


def folded(text: str) -> list[str]:
    plain = "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))
    return re.findall(r"\w+", plain.replace("'", "").replace("’", ""))


def classes_in(found: Iterable[tuple[Any, ...]], today: date) -> list[Class]:
    return [
        Class(number, uuid, title, tuple(periods), school, *_term(terms, today), students, *counted)
        for number, uuid, title, periods, school, terms, students, *counted in found
    ]


def _term(terms: list[list[str]], today: date) -> tuple[str, bool]:
    """Returns the term's title, and whether the class is over."""
    still = [title for title, _starts, end in terms if today < date.fromisoformat(end)]
    last = terms[-1][0] if terms else ""
    return (still or [last])[0], bool(terms) and not still
