"""Tries to sign in, by name and by address, kept as keyed hashes: the table tells nobody who tried, or from where."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from django.conf import settings
from django.db import connection


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


def block_of(address: str) -> str:
    """An IPv6 customer holds a /64 at least and could try from each of its addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def _mark(kind: str, text: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"sign-in try {kind} {text}".encode(), "sha256")


def count(marks: Marks) -> timedelta:
    """Counts this try before anything is looked at, and says how long to wait; a try that must wait is not counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count_try(%s, %s)", [marks.name, marks.address])
        (pause,) = cast(tuple[timedelta], cursor.fetchone())
    return pause


def forget(marks: Marks) -> None:
    """After a success."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_tries(%s, %s)", [marks.name, marks.address])
