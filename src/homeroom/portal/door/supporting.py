"""How a person of the operator's support registers a passkey and signs in with it. Only the database knows what was granted.

Supporters have no account. Their cookie is only for the pages of support, so that no other page ever gets it.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from homeroom.portal.access.reading import Reading
from homeroom.portal.addresses import block_of
from homeroom.portal.door.passkeys import ODD, PasskeyRefused, parsed, server
from homeroom.portal.door.sessions import key_of, new_token
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.tries import SUPPORT, Marks, count

PLACE = "/support"


def first_row(statement: str, values: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


class KnownSupporter(NamedTuple):
    uuid: UUID
    name: str


class PublicHalf(NamedTuple):
    uuid: UUID
    public_half: bytes


supporter_of = Reading(KnownSupporter, "supporter_of_code", digest="bytea").one  # the owner of a code that works
public_half = Reading(PublicHalf, "supporter_of_passkey", credential="bytea").one


def offered(request: HttpRequest, who: UUID, name: str) -> tuple[str, dict[str, Any]]:
    """Returns options for the browser as JSON, and the state that its answer is compared with. The device must verify its user, because it is the
    only factor."""
    options, state = server(request).register_begin(
        PublicKeyCredentialUserEntity(id=who.bytes, name=name, display_name=name),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.dumps(dict(options.public_key)), state


def register(request: HttpRequest, digest: bytes, state: dict[str, Any], answer: str) -> bool:
    """Uses up the code. False if it no longer works. Raises PasskeyRefused."""
    try:
        made = server(request).register_complete(state, parsed(answer))
    except ODD as odd:
        raise PasskeyRefused from odd
    attested = made.credential_data
    if attested is None or public_half(attested.credential_id):
        raise PasskeyRefused
    values = [digest, attested.credential_id, bytes(attested), made.counter]
    row = first_row("SELECT register_supporter(%s, %s, %s, %s)", values)
    return bool(row and row[0])


@transaction.atomic
def sign_in(request: HttpRequest, state: dict[str, Any], answer: str) -> str:
    """Returns the new session's token. Raises PasskeyRefused: no such passkey, a copy, or no active grant. No one learns which."""
    try:
        response = AuthenticationResponse.from_dict(parsed(answer))
        found = public_half(response.raw_id)
        server(request).authenticate_complete(state, [AttestedCredentialData(found[1])] if found else [], response)
    except ODD as odd:
        raise PasskeyRefused from odd
    handle, count = response.response.user_handle, response.response.authenticator_data.counter
    if found is None or (handle or found[0].bytes) != found[0].bytes:
        raise PasskeyRefused
    token = new_token()
    row = first_row("SELECT begin_support_session(%s, %s, %s)", [response.raw_id, count, key_of(token)])
    until: datetime | None = row[0] if row else None
    if until is None:
        raise PasskeyRefused
    return token


def sign_out(request: HttpRequest) -> None:
    if token := request.COOKIES.get(settings.SUPPORT_COOKIE):
        first_row("SELECT end_support_session(%s)", [key_of(token)])


def give_cookie(answer: HttpResponse, token: str) -> None:
    answer.set_cookie(settings.SUPPORT_COOKIE, token, path=PLACE, secure=settings.PLACE.is_secure, httponly=True, samesite="Strict")


def counted(address: str) -> Marks:
    """Counts this try by address only, so that a stranger elsewhere can't use up support's tries. Raises Wait."""
    marks = Marks.of(SUPPORT, block_of(address), address)
    if pause := count(marks):
        raise Wait(pause)
    return marks
