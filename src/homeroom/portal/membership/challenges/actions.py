"""The acts of a family, a challenged adult and an office in a challenge. The database checks who asks."""

from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor

BEGIN = "SELECT begin_challenge(%(child)s, %(whom)s, %(reason)s, %(words)s)"
WRITE_MINE = "SELECT write_about_my_challenge(%(which)s, %(words)s)"
WRITE_CHECK = "SELECT write_about_my_check(%(which)s, %(words)s)"
WRITE = "SELECT write_in_challenge(%(which)s, %(thread)s, %(words)s)"
DECIDE = "SELECT decide_challenge(%(which)s, %(act)s, %(evidence)s, %(why)s)"
LEAVE = "SELECT give_leave(%(which)s)"


def begin(child: UUID, whom: UUID, reason: str, words: str, *, by: Actor) -> Answer:
    """Returns 'sent', 'open', 'leave', 'odd' or '' (not allowed)."""
    said = {"child": child, "whom": whom, "reason": reason, "words": words}
    return answer_of(BEGIN, said) if by.side in ("family", "student") else Answer.NOTHING


def write_about_mine(which: UUID, words: str, *, by: Actor) -> Answer:
    """Returns 'sent', 'many', 'odd' or ''."""
    return answer_of(WRITE_MINE, {"which": which, "words": words}) if by.side in ("family", "student") else Answer.NOTHING


def write_about_check(which: UUID, words: str, *, by: Actor) -> Answer:
    """Returns 'sent', 'many', 'odd' or ''."""
    return answer_of(WRITE_CHECK, {"which": which, "words": words}) if by.side == "family" else Answer.NOTHING


def write(which: UUID, thread: str, words: str, *, by: Actor) -> Answer:
    """`thread` is challenger or challenged. Returns 'sent', 'many', 'odd' or ''."""
    return answer_of(WRITE, {"which": which, "thread": thread, "words": words}) if by.is_administrator else Answer.NOTHING


def decide(which: UUID, act: str, evidence: str, why: str, *, by: Actor) -> Answer:
    """`act` is closed, ended, restored or set aside. Returns the act, 'proposed', 'taken', 'why', 'evidence', 'again' or ''."""
    said = {"which": which, "act": act, "evidence": evidence, "why": why}
    return answer_of(DECIDE, said) if by.is_administrator else Answer.NOTHING


def give_leave(which: UUID, *, by: Actor) -> Answer:
    """Returns 'given', 'again' or ''."""
    return answer_of(LEAVE, {"which": which}) if by.is_administrator else Answer.NOTHING
