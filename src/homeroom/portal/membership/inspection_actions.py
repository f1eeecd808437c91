"""Asking to inspect a record, taking it back, and answering. The database finds who asks, and says no by itself."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

ASK = "SELECT ask_for_inspection(%(child)s)"
WITHDRAW = "SELECT withdraw_inspection(%(child)s)"
ANSWER = "SELECT answer_inspection(%(which)s, %(verdict)s, %(days)s)"


def ask(child: UUID, *, by: Actor) -> Answer:
    """'asked', 'taken', 'open', or '' where nobody may."""
    return answer_of(ASK, {"child": child}) if by.side in ("family", "student") else Answer.NOTHING


def withdraw(child: UUID, *, by: Actor) -> Answer:
    """'withdrawn', 'over', or '' where nothing was asked."""
    return answer_of(WITHDRAW, {"child": child}) if by.side in ("family", "student") else Answer.NOTHING


def answer(which: UUID, verdict: str, days: int | None, *, by: Actor) -> Answer:
    """The verdict ('opened', 'on paper'), 'barred', 'of age', 'taken', 'odd', 'again', or ''."""
    return answer_of(ANSWER, {"which": which, "verdict": verdict, "days": days}) if by.side == "staff" else Answer.NOTHING
