"""The second step of signing in: what the page asks for after the right password, and what proves it. Tries are counted here too."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from homeroom.portal.door.authenticators import is_used
from homeroom.portal.door.browsers import known
from homeroom.portal.door.failures import note
from homeroom.portal.door.models import Account
from homeroom.portal.door.passkeys import PasskeyRefused, used_passkey
from homeroom.portal.door.recovery_codes import is_used_up
from homeroom.portal.door.signing_in import NotTogether, Wait
from homeroom.portal.door.tries import SECOND, Marks, count, forget


@dataclass(frozen=True, slots=True)
class Proof:
    """One of these, from the form. `challenge` is what the browser was asked to sign."""

    code: str = ""
    recovery_code: str = ""
    credential: str = ""
    challenge: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        return "passkey" if self.credential else "recovery code" if self.recovery_code else "app"


def prove(request: HttpRequest, account: Account, proof: Proof, address: str) -> None:
    """Uses up the proof. An account has ten tries an hour, from all addresses together. Raises NotTogether and Wait."""
    marks = Marks.of(SECOND, str(account.id), address, known(request, account.sign_in_name))
    if pause := count(marks):
        note(request, "second factor", "waits", account=account.uuid)
        raise Wait(pause)
    if not is_proven(request, account, proof):
        note(request, "second factor", account=account.uuid, what=proof.kind)
        raise NotTogether
    forget(marks)


@transaction.atomic
def is_proven(request: HttpRequest, account: Account, proof: Proof) -> bool:
    if proof.credential:
        try:
            used_passkey(request, proof.challenge or {}, proof.credential, account)
        except PasskeyRefused:
            return False
        return True
    if proof.recovery_code:
        return is_used_up(account, proof.recovery_code)
    return is_used(account, proof.code)
