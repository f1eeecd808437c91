"""What a family, the adult whose tie is checked, and an office do in a challenge. The database finds who asks, and says no by itself."""

from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows

BEGIN = "SELECT begin_challenge(%(child)s, %(whom)s, %(reason)s, %(words)s)"
WRITE_MINE = "SELECT write_about_my_challenge(%(which)s, %(words)s)"
WRITE_CHECK = "SELECT write_about_my_check(%(which)s, %(words)s)"
WRITE = "SELECT write_in_challenge(%(which)s, %(thread)s, %(words)s)"
DECIDE = "SELECT decide_challenge(%(which)s, %(act)s, %(evidence)s, %(why)s)"
LEAVE = "SELECT give_leave(%(which)s)"


def begin(child: UUID, whom: UUID, reason: str, words: str, *, by: Actor) -> str:
    """'sent', 'card', 'open', 'leave', 'odd', or '' where nobody may."""
    said = {"child": child, "whom": whom, "reason": reason, "words": words}
    return str(rows(BEGIN, said)[0][0]) if by.side in ("family", "student") else ""


def write_about_mine(which: UUID, words: str, *, by: Actor) -> str:
    """'sent', 'many', 'odd', or ''."""
    return str(rows(WRITE_MINE, {"which": which, "words": words})[0][0]) if by.side in ("family", "student") else ""


def write_about_check(which: UUID, words: str, *, by: Actor) -> str:
    """'sent', 'many', 'odd', or ''."""
    return str(rows(WRITE_CHECK, {"which": which, "words": words})[0][0]) if by.side == "family" else ""


def write(which: UUID, thread: str, words: str, *, by: Actor) -> str:
    """thread: challenger or challenged. 'sent', 'many', 'odd', or ''."""
    return str(rows(WRITE, {"which": which, "thread": thread, "words": words})[0][0]) if by.is_administrator else ""


def decide(which: UUID, act: str, evidence: str, why: str, *, by: Actor) -> str:
    """act: closed, ended, restored or set aside. The act, 'proposed', 'taken', 'why', 'evidence', 'again', or ''."""
    said = {"which": which, "act": act, "evidence": evidence, "why": why}
    return str(rows(DECIDE, said)[0][0]) if by.is_administrator else ""


def give_leave(which: UUID, *, by: Actor) -> str:
    """'given', 'again', or ''."""
    return str(rows(LEAVE, {"which": which})[0][0]) if by.is_administrator else ""
