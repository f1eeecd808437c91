"""A family requests access to a child, a requester withdraws a request, and an office answers. The database checks who asks and who answers."""

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
    """Returns 'asked', 'many', 'code', 'odd' or '' (not allowed)."""
    return answer_of(ASK, {"said": claim.as_json()}) if by.side == "family" else Answer.NOTHING


def withdraw(request: UUID, *, by: Actor) -> bool:
    """Returns False if the request no longer waits."""
    return by.side in ("family", "student") and bool(rows(WITHDRAW, {"request": request})[0][0])


def answer(
    request: UUID, verdict: str, student: UUID | None, evidence: str, kinds: Sequence[str], contact: UUID | None, *, by: Actor
) -> Answer:
    """`contact` is the record's contact that the requester is, as the office says. Returns 'approved', 'declined', 'taken', 'barred', 'tied',
    'challenged', 'accounts', 'account', 'evidence', 'again' or '' (not allowed), or why the contact can't be joined."""
    if by.side != "staff":
        return Answer.NOTHING
    said = {"request": request, "verdict": verdict, "student": student, "evidence": evidence, "kinds": list(kinds), "contact": contact}
    return answer_of(ANSWER, said)


def approve_exact(requests: Sequence[UUID], *, by: Actor) -> int:
    """Returns how many were approved."""
    return int(rows(APPROVE_EXACT, {"requests": list(requests[:MOST_AT_ONCE])})[0][0]) if by.side == "staff" else 0
