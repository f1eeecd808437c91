"""Asking to inspect a record, taking it back, and answering. The database finds who asks, and says no by itself."""

from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows

ASK = "SELECT ask_for_inspection(%(child)s)"
WITHDRAW = "SELECT withdraw_inspection(%(child)s)"
ANSWER = "SELECT answer_inspection(%(which)s, %(verdict)s, %(days)s)"


def ask(child: UUID, *, by: Actor) -> str:
    """'asked', 'taken', 'open', or '' where nobody may."""
    return str(rows(ASK, {"child": child})[0][0]) if by.side in ("family", "student") else ""


def withdraw(child: UUID, *, by: Actor) -> str:
    """'withdrawn', 'over', or '' where nothing was asked."""
    return str(rows(WITHDRAW, {"child": child})[0][0]) if by.side in ("family", "student") else ""


def answer(which: UUID, verdict: str, days: int | None, *, by: Actor) -> str:
    """The verdict ('opened', 'on paper'), 'barred', 'of age', 'taken', 'odd', 'again', or ''."""
    return str(rows(ANSWER, {"which": which, "verdict": verdict, "days": days})[0][0]) if by.side == "staff" else ""
