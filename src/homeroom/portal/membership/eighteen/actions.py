"""The acts of an office and of a student about rights transfer at 18. The database checks who asks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

LIFT = "SELECT lift_suspension_by_age(%(tie)s, %(because)s, %(how)s, NULL)"
CONFIRM = "SELECT confirm_birth_date(%(student)s, %(says)s)"
PRINTED = "SELECT paper_printed(%(numbers)s)"
AGREE = "SELECT agree_at_18(%(tie)s)"
END = "SELECT end_agreement(%(tie)s)"


class Refused(NamedTuple):
    number: str | None
    word: str


RECORD = Reading(Refused, "record_dependence", act="text", numbers="text[]", how="text", until="date")


def keeps_ages(by: Actor) -> bool:
    return by.is_administrator or "registrar" in by.duties


def lift(tie: UUID, because: str, how: str, *, by: Actor) -> Answer:
    """`because` is dependent, agreed or court. Returns 'opened', 'ended by student', 'odd', 'again' or ''."""
    return answer_of(LIFT, {"tie": tie, "because": because, "how": how}) if keeps_ages(by) else Answer.NOTHING


def record_dependence(act: str, numbers: Sequence[str], how: str, until: date | None, *, by: Actor) -> Mapping[str | None, str]:
    """`act` is record or end. Returns {number: reason} for each number that failed. Under None is the reason why nothing was done."""
    said = {"act": act, "numbers": list(numbers), "how": how, "until": until}
    return dict(RECORD(**said)) if keeps_ages(by) else {None: ""}


def confirm(student: UUID, says: str, *, by: Actor) -> Answer:
    """`says` is record or before. Returns 'confirmed', 'again' or ''."""
    return answer_of(CONFIRM, {"student": student, "says": says}) if keeps_ages(by) else Answer.NOTHING


def letters_printed(numbers: Sequence[int], *, by: Actor) -> int:
    return int(rows(PRINTED, {"numbers": list(numbers)})[0][0]) if keeps_ages(by) else 0


def agree(tie: UUID, *, by: Actor) -> Answer:
    """Returns 'agreed', 'again' or ''."""
    return answer_of(AGREE, {"tie": tie}) if by.side == "student" else Answer.NOTHING


def end_agreement(tie: UUID, *, by: Actor) -> Answer:
    """Returns 'ended', 'again' or ''."""
    return answer_of(END, {"tie": tie}) if by.side == "student" else Answer.NOTHING
