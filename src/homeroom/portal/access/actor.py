"""Who is asking, as the database says. Comes from begin_request() and from nothing else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.fresh import is_fresh


@dataclass(frozen=True, slots=True)
class Child:
    """kinds: of data that the tie shows; None for a student's own self: all."""

    id: int
    uuid: UUID
    first_name: str
    full_name: str
    kinds: frozenset[str] | None

    def shows(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Restored:
    """That the portal was restored lately: what was entered between the two moments may be missing."""

    since: datetime  # when the backup was taken
    until: datetime
    is_confirmed: bool  # by two administrators: sign-in is open to everybody


@dataclass(frozen=True, slots=True)
class Actor:
    """The person signed in, on the side they signed in on; a person's other hats are not in it."""

    person_id: int
    uuid: UUID
    first_name: str
    full_name: str
    side: str  # family, staff, student
    is_administrator: bool
    duties: tuple[str, ...]
    children: tuple[Child, ...]  # of open ties, on the family side; a student's own self on the student side
    previous_visit_at: datetime | None
    seen_delivery: int  # the last one imported by then; 0: none, or a first visit
    as_of: datetime | None  # time of the last export imported
    grades_as_of: datetime | None  # of the last one that brought scores; None: none has
    attendance_as_of: datetime | None
    has_estimates: bool  # the district ticked estimates where the file carries no grade
    proven_at: datetime  # when this session last proved who it is
    other_side: str  # family or staff, where this person has an account on that side, too
    has_news: bool  # something about the account waits to be read
    restored: Restored | None  # for 14 days, and until it is confirmed

    @property
    def is_fresh(self) -> bool:
        """Whether the last proof is young enough for acts that ask again."""
        return is_fresh(self.proven_at)

    @property
    def kinds(self) -> frozenset[str]:
        """Side, office and duties. Whom the board named is nothing else."""
        if "board second" in self.duties:
            return frozenset({"board second"})
        return frozenset({self.side, *self.duties, *(["administrator"] if self.is_administrator else [])})

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> "Actor":
        """From begin_request()'s JSON."""
        return cls(
            person_id=answer["person_id"],
            uuid=UUID(answer["uuid"]),
            first_name=answer["first_name"],
            full_name=answer["full_name"],
            side=answer["side"],
            is_administrator=answer["is_administrator"],
            duties=tuple(answer["duties"]),
            children=tuple(_child(c, answer["side"]) for c in answer["children"]),
            previous_visit_at=_moment(answer["previous_visit_at"]),
            seen_delivery=answer["seen_delivery"],
            as_of=_moment(answer["as_of"]),
            grades_as_of=_moment(answer["grades_as_of"]),
            attendance_as_of=_moment(answer["attendance_as_of"]),
            has_estimates=answer["has_estimates"],
            proven_at=datetime.fromisoformat(answer["proven_at"]),
            other_side=answer["other_side"] or "",
            has_news=answer["has_news"],
            restored=_restored(answer["restored"]),
        )


def _child(child: dict[str, Any], side: str) -> Child:
    kinds = None if side == "student" else frozenset(child["kinds"] or ())
    return Child(child["id"], UUID(child["uuid"]), child["first_name"], child["full_name"], kinds)


def _restored(answer: dict[str, Any] | None) -> Restored | None:
    if answer is None:
        return None
    return Restored(datetime.fromisoformat(answer["from"]), datetime.fromisoformat(answer["until"]), answer["is_confirmed"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
