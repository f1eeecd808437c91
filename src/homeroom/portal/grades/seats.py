"""A student's enrollment in a class."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Seat:
    """`ends` is the first day on which the shown term no longer runs."""

    student_id: int
    section_id: int
    uuid: str
    title: str
    periods: tuple[str, ...]
    teachers: tuple[str, ...]
    term: str
    ends: date | None
    runs: bool
