"""A family asks for a child; who asked takes a request back; an office answers. The database finds who asks and who answers, and says no by itself."""

from collections.abc import Sequence
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.wording.claims import Claim

ASK = "SELECT ask_for_child(%(said)s)"
WITHDRAW = "SELECT withdraw_registration(%(request)s)"
ANSWER = "SELECT answer_registration(%(request)s, %(verdict)s, %(student)s, %(evidence)s, %(kinds)s, %(contact)s)"
APPROVE_EXACT = "SELECT approve_exact(%(requests)s)"
MOST_AT_ONCE = 50


def ask_for_child(claim: Claim, *, by: Actor) -> Answer:
    """'asked', 'many', 'odd', or '' where nobody may."""
    return answer_of(ASK, {"said": claim.as_json()}) if by.side == "family" else Answer.NOTHING


def withdraw(request: UUID, *, by: Actor) -> bool:
    """False: it waits no more."""
    return by.side in ("family", "student") and bool(rows(WITHDRAW, {"request": request})[0][0])


def answer(
    request: UUID, verdict: str, student: UUID | None, evidence: str, kinds: Sequence[str], contact: UUID | None, *, by: Actor
) -> Answer:
    """contact: whom of the record's contacts the office says the asker is. 'approved', 'declined', 'taken', 'barred', 'tied', 'account',
    'evidence', 'again', or '' where nobody may."""
    if by.side != "staff":
        return Answer.NOTHING
    said = {"request": request, "verdict": verdict, "student": student, "evidence": evidence, "kinds": list(kinds), "contact": contact}
    return answer_of(ANSWER, said)


def approve_exact(requests: Sequence[UUID], *, by: Actor) -> int:
    """How many were approved."""
    return int(rows(APPROVE_EXACT, {"requests": list(requests[:MOST_AT_ONCE])})[0][0]) if by.side == "staff" else 0
