"""Usernames: Homeroom makes one for a person who registers, and the account can choose another once its email is verified.

A form that takes any username tells everyone which ones are taken. So a registration form carries a username that Homeroom made and signed."""

import secrets
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.door.accounts import check_name
from homeroom.portal.door.hashing import folded
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.tries import REGISTRATION, Marks, count
from homeroom.portal.letters.card import words

WORKS = timedelta(hours=12)  # a form that waits longer gets another username
_signer = TimestampSigner(salt="username")
RENAME = "SELECT rename_account(%s, %s, %s)"


def made() -> str:
    """otter-maple-417: one of 1.8 billion, so that one that is taken is rare."""
    return f"{secrets.choice(words())}-{secrets.choice(words())}-{secrets.randbelow(1000):03}"


def signed(name: str) -> str:
    return _signer.sign(name)


def name_in(text: str) -> str | None:
    """Returns the username that this server signed. None for anything else, and after 12 hours."""
    try:
        return _signer.unsign(text, max_age=WORKS)
    except BadSignature:
        return None


def rename(session: Session, text: str, address: str) -> Answer:
    """CHANGED, TAKEN, or NOTHING without a verified email. Raises AccountRefused, Wait."""
    name = folded(text)
    check_name(name)
    if pause := count(Marks.of(REGISTRATION, str(session.account.uuid), address)):
        raise Wait(pause)
    return Answer(server_bound(RENAME, (session.account.uuid, name, session.key)))
