"""A student's place in a class."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Seat:
    """ends: the first day that the term shown no longer runs."""

    student_id: int
    section_id: int
    uuid: str
    title: str
    periods: tuple[str, ...]
    teachers: tuple[str, ...]
    term: str
    ends: date | None
    runs: bool
