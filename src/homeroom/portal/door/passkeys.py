"""Passkeys and hardware keys (WebAuthn), by the library fido2. The private key stays in the device; we keep its public half.

The relying party is this portal's host and the origin one of its own, so a passkey of another portal signs nothing here.
"""

import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from homeroom.portal.door.models import Account, Passkey

LONGEST_ANSWER = 20_000  # of the browser, characters


class PasskeyRefused(Exception):
    """What the browser sent proves nothing: another portal's, an old challenge, a copy, or no passkey at all."""


def server(request: HttpRequest) -> Fido2Server:
    """For the host the browser is at: one of this portal's, or Django would not have answered."""
    party = PublicKeyCredentialRpEntity(id=request.get_host().rpartition(":")[0] or request.get_host(), name=settings.PLACE.name)
    return Fido2Server(party, verify_origin=lambda origin: origin in settings.PLACE.origins)


def creation(request: HttpRequest, account: Account) -> tuple[str, dict[str, Any]]:
    """Options for the browser, as JSON, and what the answer is compared with."""
    user = PublicKeyCredentialUserEntity(id=account.uuid.bytes, name=account.sign_in_name, display_name=account.sign_in_name)
    options, state = server(request).register_begin(
        user,
        credentials=[kept(passkey) for passkey in Passkey.objects.filter(account=account)],  # one device, one passkey
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return json.dumps(dict(options.public_key)), state


def add_passkey(request: HttpRequest, account: Account, name: str, state: dict[str, Any], answer: str) -> None:
    """Raises PasskeyRefused."""
    try:
        made = server(request).register_complete(state, parsed(answer))
    except (ValueError, KeyError, TypeError) as odd:
        raise PasskeyRefused from odd
    attested = made.credential_data
    if attested is None or Passkey.objects.filter(credential_id=attested.credential_id).exists():
        raise PasskeyRefused
    Passkey.objects.create(
        account=account, name=name, credential_id=attested.credential_id, attested=bytes(attested), sign_count=made.counter
    )


def request_for(request: HttpRequest, account: Account | None) -> tuple[str, dict[str, Any]]:
    """Of an account whose password was right, or of whoever comes: then the device must have verified its user, and that is both factors."""
    known = [kept(passkey) for passkey in Passkey.objects.filter(account=account)] if account else None
    needed = UserVerificationRequirement.PREFERRED if account else UserVerificationRequirement.REQUIRED
    options, state = server(request).authenticate_begin(credentials=known, user_verification=needed)
    return json.dumps(dict(options.public_key)), state


def used_passkey(request: HttpRequest, state: dict[str, Any], answer: str, account: Account | None) -> Account:
    """Whose passkey answered, its use written down. Raises PasskeyRefused."""
    of_account = Q(account=account) if account else Q()
    try:
        response = AuthenticationResponse.from_dict(parsed(answer))
        passkey = Passkey.objects.select_related("account").filter(of_account, credential_id=response.raw_id).first()
        server(request).authenticate_complete(state, [kept(passkey)] if passkey else [], response)
    except (ValueError, KeyError, TypeError, InvalidSignature) as odd:
        raise PasskeyRefused from odd
    handle, count = response.response.user_handle, response.response.authenticator_data.counter
    if passkey is None or not passkey.account.is_active or (handle or passkey.account.uuid.bytes) != passkey.account.uuid.bytes:
        raise PasskeyRefused
    # A device that counts counts up; what stands still was signed by a copy. One that does not count says 0 for ever.
    grown = Q(sign_count__lt=count) if count else Q(sign_count=0)
    if not Passkey.objects.filter(grown, id=passkey.id).update(sign_count=count, last_used_at=Now()):
        raise PasskeyRefused
    return passkey.account


def kept(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.attested))


def parsed(answer: str) -> dict[str, Any]:
    """The browser's PublicKeyCredential as JSON. Raises ValueError."""
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any answer of a browser")
    value = json.loads(answer)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value
