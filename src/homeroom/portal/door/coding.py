"""What a printed code does: it wakes an account, or lets its person choose a new password. Signing in comes after it, second factor and all."""

import json
from dataclasses import dataclass

from django.db import connection, transaction
from django.http import HttpRequest

from homeroom.portal.door.accounts import check_name
from homeroom.portal.door.changing import shortest_for
from homeroom.portal.door.hashing import composed, folded
from homeroom.portal.door.models import Account, Authenticator, Credential, Passkey, RecoveryCode
from homeroom.portal.door.passwords import ALONE, BESIDE, check_names, check_password
from homeroom.portal.door.signing_in import Wait, renewed, right_account
from homeroom.portal.door.tries import Marks, count, forget
from homeroom.portal.letters import code

NAME_TAKEN = 0


class NoSuchCode(Exception):
    """Wrong, used, expired or taken back: nobody learns which."""


class NameTaken(Exception):
    """Somebody else signs in by this name."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for. sign_in_name: of an account that is awake. is_printed: it came by hand, and not by mail."""

    kind: str
    side: str
    person_id: int
    account_id: int | None
    sign_in_name: str | None
    is_printed: bool


def meaning_of(digest: bytes) -> Meaning:
    """Raises NoSuchCode."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code_of(%s)::text", [digest])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise NoSuchCode
    return Meaning(**json.loads(row[0]))


def shortest_of(meaning: Meaning) -> int:
    """How long a password this code's person chooses at least, before there is an account as after."""
    if meaning.account_id is not None:
        return shortest_for(Account.objects.get(id=meaning.account_id))
    with connection.cursor() as cursor:
        cursor.execute("SELECT must_be_strong(%s, %s)", [meaning.person_id, meaning.side])
        row = cursor.fetchone()
    return BESIDE if row and row[0] else ALONE


def typed_in(text: str, address: str) -> bytes | None:
    """The digest of a code that works. None: mistyped, which costs no try. Raises NoSuchCode, and Wait after too many wrong ones."""
    plain = code.typed(text)
    if plain is None:
        return None
    digest = code.digest(plain)
    marks = Marks.of(f"code {digest.hex()}", address)
    if pause := count(marks):
        raise Wait(pause)
    meaning_of(digest)
    forget(marks)
    return digest


def choose_password(digest: bytes, meaning: Meaning, name: str, password: str) -> Account:
    """Uses the code up; whose password it is now. Of two at once one is told that it does not work.

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
        account = use(digest, name)
        if account == NAME_TAKEN:
            raise NameTaken
        whose = Account.objects.get(id=account)
        check_password(password, name, shortest_for(whose))
        check_names(connection.connection, account, password)
        Credential.objects.update_or_create(account=whose, defaults={"password": kept, "is_long": len(password) >= ALONE})
    return whose


def take_factors_away(request: HttpRequest, digest: bytes, meaning: Meaning, password: str, address: str) -> Account:
    """Uses the code up, with the present password beside it: neither alone gets round a second factor. Raises NotTogether, Wait, NoSuchCode."""
    tried = right_account(request, meaning.sign_in_name or "", password, address)
    account = tried.account
    forget(tried.marks)
    if meaning.kind != "factors" or account.id != meaning.account_id:
        raise NoSuchCode
    with transaction.atomic():
        use(digest, "")
        for model in (Passkey, Authenticator, RecoveryCode):
            model.objects.filter(account=account).delete()
    return account


def use(digest: bytes, name: str) -> int:
    """In the caller's transaction. Raises NoSuchCode."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT use_code(%s, %s)", [digest, name])
        row: tuple[int | None] | None = cursor.fetchone()
    if row is None or row[0] is None:
        raise NoSuchCode
    return row[0]
