"""Acts of a printed or emailed code: it opens an account, or lets its owner choose a new password. Signing in comes after it, with the second factor."""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.http import HttpRequest

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.accounts import check_name
from homeroom.portal.door.browsers import named
from homeroom.portal.door.changing import shortest_for
from homeroom.portal.door.hashing import composed, folded
from homeroom.portal.door.keeping import keep_password
from homeroom.portal.door.models import Account
from homeroom.portal.door.passwords import ALONE, BESIDE, check_names, check_password
from homeroom.portal.door.reading import account_named
from homeroom.portal.door.signing_in import Wait, renewed, right_account
from homeroom.portal.door.tries import CODES, Marks, count, forget
from homeroom.portal.letters import code

NAME_TAKEN = 0


class NoSuchCode(Exception):
    """Wrong, used, expired or revoked. No one learns which."""


class NameTaken(Exception):
    """Another account has this username."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a code. `sign_in_name` is of an account that is not asleep. `is_printed`: it came by hand, not by email. `has_second`: a second
    factor is required with the password."""

    kind: str
    side: str
    sign_in_name: str | None
    is_printed: bool
    has_second: bool


def meaning_of(digest: bytes) -> Meaning:
    """Raises NoSuchCode."""
    said = server_bound("SELECT code_of(%s)::text", (digest,))
    if said is None:
        raise NoSuchCode
    return Meaning(**json.loads(said))


def shortest_of(meaning: Meaning) -> int:
    """Returns the shortest password that this code's person may choose. It is the same before and after the account exists."""
    return BESIDE if meaning.has_second else ALONE


def typed_in(text: str, address: str) -> tuple[bytes, Meaning] | None:
    """Returns the digest and the meaning of a code that works. None if it is mistyped, which doesn't count as a try. Raises NoSuchCode, and Wait after
    too many wrong ones."""
    plain = code.typed(text)
    if plain is None:
        return None
    digest = code.digest(plain)
    marks = Marks.of(CODES, digest.hex(), address)
    if pause := count(marks):
        raise Wait(pause)
    meaning = meaning_of(digest)
    forget(marks)
    return digest, meaning


def wait_of(digest: bytes, request: HttpRequest, meaning: Meaning, *, is_typed: bool = False) -> timedelta:
    """Returns how long the code must wait in this browser, which is 0 for a printed one. `is_typed` begins the wait."""
    statement = "SELECT begin_code_wait(%s, %s)" if is_typed else "SELECT code_wait(%s, %s)"
    return server_bound(statement, (digest, named(request, meaning.sign_in_name or ""))) or timedelta(0)


def choose_password(request: HttpRequest, digest: bytes, meaning: Meaning, name: str, password: str) -> Account:
    """Uses up the code and returns its account. If two use it together, one gets NoSuchCode.

    Raises AccountRefused, PasswordRefused, NameTaken, NoSuchCode.
    """
    if meaning.kind == "factors":
        raise NoSuchCode
    name = folded(name) if meaning.kind == "wake" else meaning.sign_in_name or ""
    password = composed(password)
    check_name(name)
    check_password(password, name, BESIDE)
    kept = renewed(password)
    with transaction.atomic():
        if use(digest, name, named(request, meaning.sign_in_name or "")) == NAME_TAKEN:
            raise NameTaken
        whose = account_named(name)
        if whose is None:
            raise NoSuchCode
        check_password(password, name, shortest_for(whose))
        check_names(connection.connection, whose.uuid, password)
        keep_password(whose, kept, is_long=len(password) >= ALONE)
    return whose


def take_factors_away(request: HttpRequest, digest: bytes, meaning: Meaning, password: str, address: str) -> Account:
    """Uses up the code together with the current password. Neither of them is enough to remove a second factor. Raises NotTogether, Wait, NoSuchCode."""
    tried = right_account(request, meaning.sign_in_name or "", password, address)
    forget(tried.marks)
    if meaning.kind != "factors" or tried.account.sign_in_name != meaning.sign_in_name:
        raise NoSuchCode
    use(digest, "", b"")  # a printed code
    return tried.account


def use(digest: bytes, name: str, browser: bytes) -> int:
    """Runs in the caller's transaction. Raises NoSuchCode, also while the code must wait."""
    account: int | None = server_bound("SELECT use_code(%s, %s, %s)", (digest, name, browser))
    if account is None:
        raise NoSuchCode
    return account
