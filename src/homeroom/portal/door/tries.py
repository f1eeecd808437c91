"""Tries to sign in, by username and by address, kept as keyed hashes. The table doesn't reveal who tried, or from where."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.db import connection

from homeroom.portal.addresses import block_of, is_in

SCHOOL = 10  # times as many tries for an address in a school's network
A_MINUTE, FIVE_MINUTES, AN_HOUR = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)


class Budget(NamedTuple):
    """What tries from one address share: `most` within a time. Each way in has its own, so that none uses up another's."""

    name: str
    within: timedelta
    most: int = 100

    def for_address(self, address: str) -> int:
        return self.most * (SCHOOL if is_in(address, settings.PLACE.school_networks) else 1)


# Few in a short time: each password is hashed, and the next person at the address must not wait long. count_password() (acts_tries.sql) has the same minute.
SIGN_IN = Budget("sign in", A_MINUTE, 10)
CODES, CARDS = Budget("code", FIVE_MINUTES), Budget("card", FIVE_MINUTES)
HELP, REGISTRATION = Budget("help", AN_HOUR), Budget("registration", AN_HOUR)  # each may send an email
SECOND, SUPPORT = Budget("second factor", AN_HOUR), Budget("support", AN_HOUR)


@dataclass(frozen=True, slots=True)
class Marks:
    """The keyed hashes that one try is counted under, and how many an address has. `wrong` are the account's wrong passwords in a row, from browsers that
    it knows and from others."""

    budget: Budget
    name: bytes | None
    address: bytes | None
    most: int
    wrong: list[bytes] | None = None

    @classmethod
    def of(cls, budget: Budget, name: str | None, address: str, browser: bytes = b"") -> "Marks":
        """`browser` is the key of a browser from which this account has signed in. Its tries are counted separately, so that no stranger can use up
        the owner's tries, even from the same address. Without a name, only the address counts."""
        most = budget.for_address(address)
        if browser:
            return cls(budget, _mark("browser", f"{name} {browser.hex()}"), None, most)
        return cls(budget, None if name is None else _mark("name", f"{budget.name} {name}"), _mark("address", f"{budget.name} {block_of(address)}"), most)


def password_marks(name: str, address: str) -> Marks:
    """A username is counted at one address, so that tries elsewhere don't slow this one."""
    wrong = [_mark(f"wrong from {where}", name) for where in ("known browsers", "other browsers")]
    here = _mark("password", f"{name} {block_of(address)}")
    return Marks(SIGN_IN, here, _mark("address", f"{SIGN_IN.name} {block_of(address)}"), SIGN_IN.for_address(address), wrong)


def _mark(kind: str, text: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"sign-in try {kind} {text}".encode(), "sha256")


def count(marks: Marks) -> timedelta:
    """Counts this try before anything is checked, and returns how long to wait. A try that must wait is not counted."""
    values: list[Any] = [marks.name, marks.address, marks.most, marks.budget.within]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count_try(%s, %s, %s, %s)", values)
        (pause,) = cast(tuple[timedelta], cursor.fetchone())
    return pause


def forget(marks: Marks) -> None:
    """Forgets the tries after a success."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_tries(%s, %s, %s)", [marks.name, marks.address, marks.wrong])


def take_back(marks: Marks) -> None:
    """Nothing was checked, so the account's count is as before. The address's is not: a flood must end its own budget."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT take_back_try(%s, %s)", [marks.name, marks.wrong])
