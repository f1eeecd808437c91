"""Requests to inspect a record: ask, withdraw and answer. The database checks who asks."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

ASK = "SELECT ask_for_inspection(%(child)s, %(what)s)"
WITHDRAW = "SELECT withdraw_inspection(%(child)s)"
ANSWER = "SELECT answer_inspection(%(which)s, %(verdict)s, %(days)s)"


def ask(child: UUID, what: str, *, by: Actor) -> Answer:
    """Returns 'asked', 'taken', 'odd' (too long) or '' (not allowed)."""
    return answer_of(ASK, {"child": child, "what": what}) if by.side in ("family", "student") else Answer.NOTHING


def withdraw(child: UUID, *, by: Actor) -> Answer:
    """Returns 'withdrawn', 'over' or '' (no request)."""
    return answer_of(WITHDRAW, {"child": child}) if by.side in ("family", "student") else Answer.NOTHING


def answer(which: UUID, verdict: str, days: int | None, *, by: Actor) -> Answer:
    """Returns the verdict ('opened' or 'on paper'), 'barred', 'of age', 'taken', 'odd', 'open', 'again' or ''."""
    return answer_of(ANSWER, {"which": which, "verdict": verdict, "days": days}) if by.side == "staff" else Answer.NOTHING
