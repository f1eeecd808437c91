"""Authenticator apps: six digits that change every 30 seconds (TOTP, RFC 6238). A used step is never accepted again."""

import io
from collections.abc import Sequence
from hmac import compare_digest
from typing import NamedTuple
from uuid import UUID

import pyotp
import segno
from django.conf import settings
from django.utils import timezone

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.reading import Reading
from homeroom.portal.door import secrecy
from homeroom.portal.door.models import Account, Key

STEP = 30  # seconds
NEAR = (0, -1, 1)  # a clock that is off by half a minute, or a person who types slowly


def new_secret() -> str:
    """Returns 160 bits in base32, as RFC 4226 4 requires."""
    return pyotp.random_base32()


def address_of(account: Account, secret: str) -> str:
    """Returns the QR code's content. An app reads name and portal from it."""
    name: str = settings.PLACE.name
    return pyotp.TOTP(secret).provisioning_uri(name=account.sign_in_name, issuer_name=f"{name} Homeroom")


def drawn(address: str) -> str:
    """Returns the QR code as inline SVG. It is black on white in dark pages too."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, nl=False, scale=5, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=False
    )
    return out.getvalue().decode()


def step_of_code(secret: str, code: str) -> int | None:
    """Returns the step with these digits, if it is near."""
    now = int(timezone.now().timestamp()) // STEP
    wanted = pyotp.TOTP(secret)
    typed = "".join(code.split())
    near = [now + away for away in NEAR]
    return next((step for step in near if compare_digest(wanted.generate_otp(step).encode(), typed.encode())), None)


class App(NamedTuple):
    uuid: UUID
    secret: bytes


APPS = Reading(App, "apps_shown", account="uuid")


def is_used(account: Account, code: str) -> bool:
    """Tells whether these are the digits of one of the account's apps, and uses them up. One statement decides between two requests at the same
    moment."""
    for app, secret in APPS(account=account.uuid):
        step = step_of_code(secrecy.opened(secret, account.id).decode(), code)
        if step is not None and server_bound("SELECT use_app(%s, %s)", (app, step)):
            return True
    return False


def add_authenticator(account: Account, name: str, secret: str, step: int, by_key: Key | None, codes: Sequence[bytes] = ()) -> bool:
    """`step` is of the digits that proved that the app has the secret. They are used up. `by_key` is of the session or the step that may add it, and
    None for the operator's command. `codes` are hashes of recovery codes. Returns whether it was added."""
    kept = secrecy.sealed(secret.encode(), account.id)
    return bool(server_bound("SELECT add_app(%s, %s, %s, %s, %s, %s)", (account.uuid, name, kept, step, list(codes), by_key)))
