"""The person who is asking, as the database identifies them. Actors come only from begin_request()."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.fresh import is_fresh


@dataclass(frozen=True, slots=True)
class Child:
    """`kinds` are the kinds of data that the tie shows. None means all kinds, for a student who views their own record."""

    id: int
    uuid: UUID
    first_name: str
    full_name: str
    kinds: frozenset[str] | None

    def shows(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Restored:
    """The portal was restored recently. Anything entered between the two times may be missing."""

    since: datetime  # when the backup was taken
    until: datetime
    is_confirmed: bool  # two administrators confirmed it, and sign-in is open to everyone


@dataclass(frozen=True, slots=True)
class NewSignIns:
    """Sign-ins from browsers that were new to the account."""

    how_many: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who signed in, in one role. It has none of the person's other roles."""

    person_id: int
    uuid: UUID
    first_name: str
    full_name: str
    side: str  # family, staff, student
    is_administrator: bool
    duties: tuple[str, ...]
    children: tuple[Child, ...]  # children with an open tie on the family side, only the student on the student side
    previous_visit_at: datetime | None
    seen_delivery: int  # last delivery imported by then. 0: none, or a first visit
    as_of: datetime | None  # time of the last imported export
    grades_as_of: datetime | None  # time of the last one with scores. None: there isn't one
    attendance_as_of: datetime | None
    has_estimates: bool  # the district turned on estimates for when the file has no grade
    proven_at: datetime  # when this session last proved who it is
    by_card: bool  # it began with a sign-in card, so it opens few pages and changes nothing
    other_side: str  # family or staff, if this person has an account in that role too
    has_news: bool  # there is an unread update about the account
    new_sign_ins: NewSignIns | None  # if that is all that is unread
    restored: Restored | None  # for 14 days, and until it is confirmed

    @property
    def is_fresh(self) -> bool:
        """True if the last proof is recent enough for acts that ask again."""
        return is_fresh(self.proven_at)

    @property
    def kinds(self) -> frozenset[str]:
        """Side, office and duties. A board second has no other kind."""
        if "board second" in self.duties:
            return frozenset({"board second"})
        return frozenset({self.side, *self.duties, *(["administrator"] if self.is_administrator else [])})

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> "Actor":
        """Reads begin_request()'s JSON."""
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
            by_card=answer["by_card"],
            other_side=answer["other_side"] or "",
            has_news=answer["has_news"],
            new_sign_ins=_sign_ins(answer["new_sign_ins"]),
            restored=_restored(answer["restored"]),
        )


def _child(child: dict[str, Any], side: str) -> Child:
    kinds = None if side == "student" else frozenset(child["kinds"] or ())
    return Child(child["id"], UUID(child["uuid"]), child["first_name"], child["full_name"], kinds)


def _restored(answer: dict[str, Any] | None) -> Restored | None:
    if answer is None:
        return None
    return Restored(datetime.fromisoformat(answer["from"]), datetime.fromisoformat(answer["until"]), answer["is_confirmed"])


def _sign_ins(answer: dict[str, Any] | None) -> NewSignIns | None:
    return NewSignIns(answer["how_many"], datetime.fromisoformat(answer["newest"])) if answer else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
