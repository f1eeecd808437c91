"""Tries to sign in, by username and by address, kept as keyed hashes. The table doesn't reveal who tried, or from where."""

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
        """`browser` is the key of a browser from which this account has signed in. Its tries are counted separately, so that no stranger can use up
        the owner's tries, even from the same address."""
        if browser:
            return cls(_mark("browser", f"{name} {browser.hex()}"), None)
        return cls(_mark("name", name), _mark("address", block_of(address)))


def block_of(address: str) -> str:
    """Returns the /64 of an IPv6 address. A customer has at least a /64 and could try from each address in it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def _mark(kind: str, text: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"sign-in try {kind} {text}".encode(), "sha256")


def count(marks: Marks) -> timedelta:
    """Counts this try before anything is checked, and returns how long to wait. A try that must wait is not counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count_try(%s, %s)", [marks.name, marks.address])
        (pause,) = cast(tuple[timedelta], cursor.fetchone())
    return pause


def forget(marks: Marks) -> None:
    """Forgets the tries after a success."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_tries(%s, %s)", [marks.name, marks.address])
