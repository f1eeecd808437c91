"""The students of a school that a principal or a counselor finds, or opened lately."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.reading import Reading
from homeroom.portal.wording.levels import grade_level

MOST = 20  # as in seen_of_school()


@dataclass(frozen=True, slots=True)
class FoundStudent:
    """`opened_at`: when this person last opened the student's page, in the past seven days."""

    uuid: UUID
    name: str
    grade_levels: list[str]
    school: str
    opened_at: datetime | None

    @property
    def place(self) -> str:
        """Returns words such as "Grade 7, Lincoln Middle"."""
        return ", ".join([*map(grade_level, self.grade_levels[:1]), self.school])


found_in_school = Reading(FoundStudent, "students_of_school_shown")  # from the list that the request's view recorded
