"""Recovery by email: an account's verified email, and a code that is sent there. It works the same for a username that no one has."""

import re
from typing import NamedTuple

from django.utils.translation import get_language

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading
from homeroom.portal.door.hashing import folded
from homeroom.portal.door.models import Account, Key
from homeroom.portal.door.signing_in import LONGEST_NAME, Wait
from homeroom.portal.door.tries import HELP, Marks, count
from homeroom.portal.letters import code

LONGEST = 254  # RFC 5321, 4.5.3.1.3
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")


class NoAddress(Exception):
    """This is not an email address."""


class TooOften(Exception):
    """More than five addresses in an hour."""


class OfStudents(Exception):
    """The address is in the students' own domain. A parent needs their own address."""


def ask_for_reset(sign_in_name: str, address: str) -> None:
    """Counts for each username and each address, whether anyone has the username or not. Raises Wait."""
    name = folded(sign_in_name[:LONGEST_NAME])
    if pause := count(Marks.of(HELP, name, address)):
        raise Wait(pause)
    server_bound("SELECT ask_for_reset(%s, %s)", (name, get_language()))


class Address(NamedTuple):
    address: str
    is_proven: bool


ADDRESSES = Reading(Address, "addresses_shown", key="bytea")


def address_of_account(session: Session) -> tuple[str, str]:
    """Returns the verified email and the one that waits for its code. "" if there isn't one."""
    kept = {each.is_proven: each.address for each in ADDRESSES(key=session.key)}
    return kept.get(True, ""), kept.get(False, "")


def is_address(text: str) -> bool:
    return len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None


def name_address(account: Account, text: str, by_key: Key | None) -> None:
    """`by_key` is of the session that asks, and None for an account that is being made. Raises NoAddress, TooOften, OfStudents."""
    named = text.strip()
    if not is_address(named):
        raise NoAddress
    became = Answer(server_bound("SELECT name_address(%s, %s, %s, %s)", (account.uuid, named, get_language(), by_key)))
    if became == Answer.STUDENTS:
        raise OfStudents
    if became != Answer.ASKED:
        raise TooOften


def is_proven(session: Session, text: str) -> bool:
    """Tells whether this is the code that was sent. Then the email is verified."""
    plain = code.typed(text)
    return plain is not None and bool(
        server_bound("SELECT prove_address(%s, %s, %s)", (session.account.uuid, code.digest(plain), session.key))
    )


def remove_address(session: Session) -> None:
    server_bound("SELECT remove_address(%s, %s)", (session.account.uuid, session.key))
