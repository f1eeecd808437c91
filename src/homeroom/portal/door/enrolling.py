"""Adding a second factor: what the page offers, and what adds it to the account."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.door import secrecy
from homeroom.portal.door.authenticators import add_authenticator, address_of, drawn, new_secret, step_of_code
from homeroom.portal.door.factors import LONGEST_NAME, factors_of
from homeroom.portal.door.keeping import SessionOver
from homeroom.portal.door.models import Account, Key
from homeroom.portal.door.passkeys import add_passkey, creation
from homeroom.portal.door.recovery_codes import new_codes
from homeroom.portal.door.signing_in import NotTogether
from homeroom.portal.wording.claims import line


@dataclass(frozen=True, slots=True)
class Offer:
    """`options` are for the browser's passkey, and `secret` is for an app. `state` is the same for the step, with the secret sealed."""

    options: str
    secret: str
    state: dict[str, Any]

    def words(self, account: Account) -> dict[str, Any]:
        groups = " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))
        address = address_of(account, self.secret)
        return {"options": self.options, "secret": groups, "address": address, "qr": drawn(address), "account": account}


def new_offer(request: HttpRequest, account: Account) -> Offer:
    options, challenge = creation(request, account)
    secret = new_secret()
    kept = b64encode(secrecy.sealed(secret.encode(), account.id)).decode()
    return Offer(options, secret, {"options": options, "challenge": challenge, "secret": kept})


def same_offer(account: Account, state: dict[str, Any]) -> Offer:
    """Returns the same offer after a typing error. The QR code that was scanned stays valid."""
    return Offer(state["options"], secret_in(account, state), state)


def secret_in(account: Account, state: dict[str, Any]) -> str:
    return secrecy.opened(b64decode(state["secret"]), account.id).decode()


def factor_offered(session: Session) -> None:
    """Notes that a family was offered a second factor, so that the next offer comes in 90 days."""
    server_bound("SELECT factor_offered(%s)", (session.key,))


def add_factor(request: HttpRequest, account: Account, state: dict[str, Any], by_key: Key) -> list[str]:
    """Returns recovery codes if this is the first factor. `by_key` is of the session or the step that may add it. Runs in the caller's transaction.
    Raises NotTogether, PasskeyRefused and SessionOver."""
    codes, hashes = ([], []) if factors_of(account) else new_codes(account)
    name, credential = line(request.POST.get("name", ""))[:LONGEST_NAME], request.POST.get("credential", "")
    if credential:
        add_passkey(request, account, name or _("Passkey"), state["challenge"], credential, by_key, hashes)
    else:
        secret = secret_in(account, state)
        step = step_of_code(secret, request.POST.get("code", ""))
        if step is None:
            raise NotTogether
        if not add_authenticator(account, name or _("Authenticator app"), secret, step, by_key, hashes):
            raise SessionOver
    return codes
