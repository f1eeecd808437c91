"""Makes accounts for the operator's command, with plain SQL over a connection that owns the database."""

from typing import Any
from uuid import UUID

import psycopg

from homeroom.portal.door.hashing import Argon2id, composed, folded
from homeroom.portal.door.passwords import ALONE, BESIDE, PasswordRefused, check_names, check_password

SIDES = ("family", "staff", "student")
LONGEST_NAME = 254


class AccountRefused(Exception):
    """The account was not made. The message says what to do."""


def create_account(owner: psycopg.Connection[Any], person_id: int, side: str, sign_in_name: str, password: str) -> None:
    """Runs in the caller's transaction. Raises AccountRefused."""
    name, password = folded(sign_in_name), composed(password)
    check_name(name)
    if side not in SIDES:
        raise AccountRefused(f"The side must be one of {', '.join(SIDES)}.")
    if owner.execute("SELECT FROM person WHERE id = %s", [person_id]).fetchone() is None:
        raise AccountRefused("There is no such person. Import the file that names this person first.")
    made = owner.execute(
        "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id, uuid",
        [person_id, side, name],
    ).fetchone()
    if made is None:
        raise AccountRefused(taken(owner, person_id, side))
    kept = hashed(owner, made[1], name, password)
    owner.execute("INSERT INTO credential (account_id, password, is_long) VALUES (%s, %s, %s)", [made[0], kept, len(password) >= ALONE])


def set_password(owner: psycopg.Connection[Any], person_id: int, side: str, password: str) -> None:
    """Runs in the caller's transaction. Ends every session of the account (door/triggers.sql). Raises AccountRefused."""
    row = owner.execute("SELECT id, uuid, sign_in_name FROM account WHERE person_id = %s AND side = %s", [person_id, side]).fetchone()
    if row is None:
        raise AccountRefused(f"This person has no account for the side {side}. Make one with `homeroom account create`.")
    password = composed(password)
    kept = hashed(owner, row[1], row[2], password)
    owner.execute("UPDATE credential SET password = %s, is_long = %s WHERE account_id = %s", [kept, len(password) >= ALONE, row[0]])


def hashed(owner: psycopg.Connection[Any], account: UUID, name: str, password: str) -> str:
    """Hashes a password after checking the rules for it. Raises AccountRefused."""
    found = owner.execute("SELECT must_be_strong(person_id, side) FROM account WHERE uuid = %s", [account]).fetchone()
    try:
        check_password(password, name, BESIDE if found and found[0] else ALONE)
        check_names(owner, account, password)
    except PasswordRefused as why:
        raise AccountRefused(str(why)) from why
    return Argon2id().encode(password, Argon2id().salt())


def taken(owner: psycopg.Connection[Any], person_id: int, side: str) -> str:
    """Returns which of the two rules the new account would break."""
    own = owner.execute("SELECT FROM account WHERE person_id = %s AND side = %s", [person_id, side]).fetchone()
    if own is not None:
        return f"This person has an account for the side {side} already. One person has one account a side."
    return "This sign-in name is taken. Choose another."


def check_name(name: str) -> None:
    if not 3 <= len(name) <= LONGEST_NAME:
        raise AccountRefused(f"A sign-in name has 3 to {LONGEST_NAME} characters.")
    if not name.isprintable() or any(letter.isspace() for letter in name):
        raise AccountRefused("A sign-in name has no spaces and no control characters.")
