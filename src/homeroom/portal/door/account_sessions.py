"""Where an account is signed in: the list its own person reads, and the ends that person puts to it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.utils import timezone

from homeroom.portal.access.models import Session
from homeroom.portal.door.devices import device_words
from homeroom.portal.door.models import Account
from homeroom.portal.door.sessions import running


@dataclass(frozen=True, slots=True)
class Place:
    """One session. handle: what the page's form calls it; the session's key stays in the table."""

    handle: str
    device: str
    began: datetime
    seen: datetime
    is_this: bool
    is_kept: bool  # for 30 days, on a device of one's own


def sessions_of(here: Session) -> list[Place]:
    """The account's, this one first, then by when they were last seen."""
    listed = running().filter(account=here.account).order_by("-last_seen_at")
    places = [
        Place(handle_of(s), device_words(s.device), s.created_at, s.last_seen_at, bytes(s.key) == bytes(here.key), s.is_own_device)
        for s in listed
    ]
    return sorted(places, key=lambda place: not place.is_this)


def end_by_handle(account: Account, handle: str) -> bool:
    found = [s.pk for s in running().filter(account=account) if handle_of(s) == handle]
    return bool(Session.objects.filter(pk__in=found).update(ended_at=timezone.now()))


def end_all_but(here: Session) -> int:
    return running().filter(account=here.account).exclude(key=bytes(here.key)).update(ended_at=timezone.now())


def handle_of(session: Session) -> str:
    return sha256(b"handle " + bytes(session.key)).hexdigest()[:24]


def other_account(session: Session) -> Account | None:
    """Of the same person on the other side: staff who are parents have two sign-ins."""
    sides = {"family": "staff", "staff": "family"}
    return Account.objects.filter(person_id=session.person_id, side=sides.get(session.side, ""), is_active=True).first()
