"""The acts of a tutor, a family and an office about tutors. The database checks who asks."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.wording.claims import Named

ASK = "SELECT ask_for_student(%(said)s)"
WITHDRAW = "SELECT withdraw_tutor_request(%(which)s)"
CONSENT = "SELECT give_consent(%(child)s, %(which)s, %(kinds)s, %(signature)s)"
DECLINE = "SELECT decline_tutor(%(child)s, %(which)s)"
END = "SELECT end_tutor(%(child)s, %(which)s)"
ANSWER = "SELECT answer_tutor(%(which)s, %(verdict)s, %(evidence)s)"
END_BY_OFFICE = "SELECT end_tutor_by_office(%(which)s)"


def ask_for_student(child: Named, kinds: Sequence[str], purpose: str, last_day: date, *, by: Actor) -> Answer:
    """Returns 'asked', 'many', 'odd', 'factor' or '' (not allowed)."""
    said = asdict(child) | {"kinds": list(kinds), "purpose": purpose, "last_day": last_day}
    return answer_of(ASK, {"said": json.dumps(said, default=str)}) if by.side == "family" else Answer.NOTHING


def withdraw(which: UUID, *, by: Actor) -> bool:
    return by.side == "family" and bool(rows(WITHDRAW, {"which": which})[0][0])


def consent(child: UUID, which: UUID, kinds: Sequence[str], signature: str, *, by: Actor) -> Answer:
    """Returns 'given', 'kinds', 'signature', 'taken', 'tied', 'again' or '' (not allowed)."""
    said = {"child": child, "which": which, "kinds": list(kinds), "signature": signature}
    return answer_of(CONSENT, said) if by.side in ("family", "student") else Answer.NOTHING


def decline(child: UUID, which: UUID, *, by: Actor) -> Answer:
    """Returns 'declined', 'taken' or ''."""
    return answer_of(DECLINE, {"child": child, "which": which}) if by.side in ("family", "student") else Answer.NOTHING


def end(child: UUID, which: UUID, *, by: Actor) -> Answer:
    """Returns 'ended', 'taken' or ''."""
    return answer_of(END, {"child": child, "which": which}) if by.side in ("family", "student") else Answer.NOTHING


def answer(which: UUID, verdict: str, evidence: str, *, by: Actor) -> Answer:
    """`verdict` is approved, declined or ended. Returns the verdict, 'taken', 'evidence', 'again' or ''."""
    return answer_of(ANSWER, {"which": which, "verdict": verdict, "evidence": evidence}) if by.is_administrator else Answer.NOTHING


def end_by_office(which: UUID, *, by: Actor) -> Answer:
    """Returns 'ended', 'taken', 'again' or ''."""
    return answer_of(END_BY_OFFICE, {"which": which}) if by.is_administrator else Answer.NOTHING
