"""Passkeys and hardware keys (WebAuthn), with the library fido2. The private key stays in the device. We keep its public half.

The relying party is this portal's host, and the origin is one of its own. So a passkey of another portal signs nothing here.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from django.conf import settings
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

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.reading import Reading
from homeroom.portal.door.models import Account, Key
from homeroom.portal.door.reading import ACCOUNT, account_of

LONGEST_ANSWER = 20_000  # characters, from the browser
# What fido2 and json raise for an answer that no browser sends, such as 10,000 brackets. A stranger could otherwise fill the log with faults.
ODD = (ValueError, TypeError, LookupError, AttributeError, RecursionError, struct.error, InvalidSignature)


class PasskeyRefused(Exception):
    """The browser's answer proves nothing: it is another portal's, has an old challenge, is a copy, or is not a passkey."""


def server(request: HttpRequest) -> Fido2Server:
    """Returns the server for the host in the browser's address. It is one of this portal's, or Django would not have answered."""
    party = PublicKeyCredentialRpEntity(id=request.get_host().rpartition(":")[0] or request.get_host(), name=settings.PLACE.name)
    return Fido2Server(party, verify_origin=lambda origin: origin in settings.PLACE.origins)


def creation(request: HttpRequest, account: Account) -> tuple[str, dict[str, Any]]:
    """Returns options for the browser as JSON, and the state that its answer is compared with."""
    user = PublicKeyCredentialUserEntity(id=account.uuid.bytes, name=account.sign_in_name, display_name=account.sign_in_name)
    options, state = server(request).register_begin(
        user,
        credentials=passkeys_of(account),  # one passkey per device
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return json.dumps(dict(options.public_key)), state


def add_passkey(
    request: HttpRequest, account: Account, name: str, state: dict[str, Any], answer: str, by_key: Key, codes: Sequence[bytes] = ()
) -> None:
    """`by_key` and `codes` are as for an app. Raises PasskeyRefused."""
    try:
        made = server(request).register_complete(state, parsed(answer))
    except ODD as odd:
        raise PasskeyRefused from odd
    attested = made.credential_data
    if attested is None:
        raise PasskeyRefused
    values = (account.uuid, name, attested.credential_id, bytes(attested), made.counter, list(codes), by_key)
    if not server_bound("SELECT add_passkey(%s, %s, %s, %s, %s, %s, %s)", values):
        raise PasskeyRefused


def request_for(request: HttpRequest, account: Account | None) -> tuple[str, dict[str, Any]]:
    """Makes a request for an account whose password was right, or for anyone. For anyone the device must verify its user, which counts as both
    factors."""
    known = passkeys_of(account) if account else None
    needed = UserVerificationRequirement.PREFERRED if account else UserVerificationRequirement.REQUIRED
    options, state = server(request).authenticate_begin(credentials=known, user_verification=needed)
    return json.dumps(dict(options.public_key)), state


def used_passkey(request: HttpRequest, state: dict[str, Any], answer: str, account: Account | None) -> Account:
    """Returns the passkey's account and records its use. Raises PasskeyRefused."""
    try:
        response = AuthenticationResponse.from_dict(parsed(answer))
        whose, half = passkey_by(response.raw_id)
        is_theirs = account is None or account == whose
        server(request).authenticate_complete(state, half if is_theirs else [], response)
    except ODD as odd:
        raise PasskeyRefused from odd
    handle, count = response.response.user_handle, response.response.authenticator_data.counter
    if whose is None or not is_theirs or not whose.is_active or (handle or whose.uuid.bytes) != whose.uuid.bytes:
        raise PasskeyRefused
    if not server_bound("SELECT use_passkey(%s, %s)", (response.raw_id, count)):
        raise PasskeyRefused
    return whose


class Half(NamedTuple):
    attested: bytes


HALVES = Reading(Half, "passkeys_shown", account="uuid")
PASSKEY = Reading(Account, "passkey_shown", ("attested", *ACCOUNT), credential="bytea")


def passkeys_of(account: Account) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(half) for (half,) in HALVES(account=account.uuid)]


def passkey_by(credential: bytes) -> tuple[Account | None, list[AttestedCredentialData]]:
    """Returns its account and its public half."""
    found = PASSKEY.rows(credential=credential)
    return next(((account_of(row[1:]), [AttestedCredentialData(row[0])]) for row in found), (None, []))


def parsed(answer: str) -> dict[str, Any]:
    """Returns the browser's PublicKeyCredential as JSON. Raises one of ODD."""
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any answer of a browser")
    value = json.loads(answer)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value
