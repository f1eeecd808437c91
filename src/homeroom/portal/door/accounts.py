"""Accounts as the operator's command makes them: plain SQL over a connection that owns the database."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import django.contrib.auth
import psycopg

from homeroom.portal.door.hashing import Argon2id, composed, folded

SIDES = ("family", "staff", "student")
SHORTEST, LONGEST = 15, 1024  # SP 800-63B-4 3.1.1.2: at least 15 where the password is the only factor
LONGEST_NAME = 254


class AccountRefused(Exception):
    """The account was not made; the message says what to do."""


def create_account(owner: psycopg.Connection[Any], person_id: int, side: str, sign_in_name: str, password: str) -> None:
    """In the caller's transaction. Raises AccountRefused."""
    name, password = folded(sign_in_name), composed(password)
    check_name(name)
    check_password(password, name)
    if side not in SIDES:
        raise AccountRefused(f"The side must be one of {', '.join(SIDES)}.")
    if owner.execute("SELECT FROM person WHERE id = %s", [person_id]).fetchone() is None:
        raise AccountRefused("There is no such person. Import the file that names this person first.")
    made = owner.execute(
        "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        [person_id, side, name],
    ).fetchone()
    if made is None:
        raise AccountRefused(taken(owner, person_id, side))
    kept = Argon2id().encode(password, Argon2id().salt())
    owner.execute("INSERT INTO credential (account_id, password) VALUES (%s, %s)", [made[0], kept])


def set_password(owner: psycopg.Connection[Any], person_id: int, side: str, password: str) -> None:
    """In the caller's transaction. Ends every session of the account (asking.sql). Raises AccountRefused."""
    row = owner.execute("SELECT id, sign_in_name FROM account WHERE person_id = %s AND side = %s", [person_id, side]).fetchone()
    if row is None:
        raise AccountRefused(f"This person has no account for the side {side}. Make one with `homeroom account create`.")
    password = composed(password)
    check_password(password, row[1])
    kept = Argon2id().encode(password, Argon2id().salt())
    owner.execute("UPDATE credential SET password = %s WHERE account_id = %s", [kept, row[0]])


def taken(owner: psycopg.Connection[Any], person_id: int, side: str) -> str:
    """Which of the two rules the new account would break."""
    own = owner.execute("SELECT FROM account WHERE person_id = %s AND side = %s", [person_id, side]).fetchone()
    if own is not None:
        return f"This person has an account for the side {side} already. One person has one account a side."
    return "This sign-in name is taken. Choose another."


def check_name(name: str) -> None:
    if not 3 <= len(name) <= LONGEST_NAME:
        raise AccountRefused(f"A sign-in name has 3 to {LONGEST_NAME} characters.")
    if not name.isprintable() or any(letter.isspace() for letter in name):
        raise AccountRefused("A sign-in name has no spaces and no control characters.")


def check_password(password: str, name: str) -> None:
    if len(password) < SHORTEST:
        raise AccountRefused(f"A password has at least {SHORTEST} characters. Four or five unrelated words do well.")
    if len(password) > LONGEST:
        raise AccountRefused(f"A password has at most {LONGEST:,} characters.")
    low = password.casefold()
    if low in common_passwords() or len(set(low)) < 5 or low.replace(name, "") == "" or low[: len(low) // 2] * 2 == low:
        raise AccountRefused("This password is easy to guess. Choose another, such as five unrelated words.")


@cache
def common_passwords() -> frozenset[str]:
    """The 20,000 that Django ships (SP 800-63B-4 3.1.1.2 asks for such a list)."""
    path = Path(django.contrib.auth.__file__).with_name("common-passwords.txt.gz")
    return frozenset(gzip.decompress(path.read_bytes()).decode().split())
