"""Opts out of directory information and takes an opt-out back. Signs a consent and ends it. The database checks who acts."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

OPT_OUT = "SELECT opt_out(%(child)s, %(category)s)"
TAKE_BACK = "SELECT take_back_opt_out(%(child)s, %(category)s)"

SIGN = "SELECT sign_consent(%(child)s, %(records)s, %(purpose)s, %(recipient)s, %(last_day)s, %(signature)s)"
END = "SELECT end_consent(%(child)s, %(which)s)"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a family typed. `records` has kinds of data."""

    records: list[str]
    purpose: str
    recipient: str
    last_day: date | None
    signature: str


def sign(child: UUID, signed: Signed, *, by: Actor) -> Answer:
    """Returns 'given', 'kinds', 'odd', 'days', 'signature', 'taken', 'again' or '' (not allowed)."""
    return answer_of(SIGN, {"child": child, **asdict(signed)}) if by.side in ("family", "student") else Answer.NOTHING


def end(child: UUID, which: UUID, *, by: Actor) -> Answer:
    """Returns 'ended', 'taken' or '' (not allowed)."""
    return answer_of(END, {"child": child, "which": which}) if by.side in ("family", "student") else Answer.NOTHING


def opt_out(child: UUID, category: str, *, by: Actor) -> Answer:
    """Returns 'kept', 'same', 'odd' or '' (not allowed)."""
    return answer_of(OPT_OUT, {"child": child, "category": category}) if by.side in ("family", "student") else Answer.NOTHING


def take_back(child: UUID, category: str, *, by: Actor) -> Answer:
    """Returns 'ended', 'same', 'again' or '' (not allowed)."""
    return answer_of(TAKE_BACK, {"child": child, "category": category}) if by.side in ("family", "student") else Answer.NOTHING
