"""Tries to sign in, by name and by address, kept as keyed hashes: the table tells nobody who tried, or from where."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from homeroom.portal.door.models import Try
from homeroom.portal.door.throttle import AN_HOUR, MOST_A_NAME, MOST_AN_ADDRESS, wait


@dataclass(frozen=True, slots=True)
class Marks:
    """The keyed hashes that one try is counted under."""

    name: bytes
    address: bytes | None

    @classmethod
    def of(cls, name: str, address: str, browser: bytes = b"") -> "Marks":
        """browser: key of one that this account has signed in from. Its tries are counted apart, so that no stranger, not one behind
        the same address either, uses up those of an account's owner."""
        if browser:
            return cls(_mark("browser", f"{name} {browser.hex()}"), None)
        return cls(_mark("name", name), _mark("address", block_of(address)))

    @property
    def all(self) -> list[bytes]:
        return [mark for mark in (self.name, self.address) if mark]


def block_of(address: str) -> str:
    """An IPv6 customer holds a /64 at least and could try from each of its addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def _mark(kind: str, text: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"sign-in try {kind} {text}".encode(), "sha256")


@transaction.atomic
def count(marks: Marks) -> timedelta:
    """Counts this try before the password is looked at, and says how long to wait; a try that must wait is not counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT mark, tried_at FROM tries_of(%s, %s)", [marks.all, timezone.now() - AN_HOUR])
        rows = [(bytes(mark), at) for mark, at in cursor.fetchall()]
    now = timezone.now()
    by_name, by_address = ([at for mark, at in rows if mark == of] for of in (marks.name, marks.address))
    pause = max(wait(by_name, now, MOST_A_NAME, grows=True), wait(by_address, now, MOST_AN_ADDRESS, grows=False))
    if not pause:
        Try.objects.bulk_create([Try(of=mark, at=now) for mark in marks.all])
    return pause


def forget(marks: Marks) -> None:
    """After a success."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_tries(%s, %s)", [marks.name, marks.address])
