"""Recovery by e-mail: an address that an account proved, and a code that is mailed there. The same for a name that nobody has."""

import re
from typing import NamedTuple

from django.utils.translation import get_language

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading
from homeroom.portal.door.hashing import folded
from homeroom.portal.door.models import Account
from homeroom.portal.door.signing_in import LONGEST_NAME, Wait
from homeroom.portal.door.tries import Marks, count
from homeroom.portal.letters import code

LONGEST = 254  # RFC 5321, 4.5.3.1.3
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")


class NoAddress(Exception):
    """This is no e-mail address."""


class TooOften(Exception):
    """Five addresses an hour are enough."""


class OfStudents(Exception):
    """A parent's address is her own, and none of the students' own domain."""


def ask_for_reset(sign_in_name: str, address: str) -> None:
    """Counted for each name and each address, whether anybody has the name or not. Raises Wait."""
    name = folded(sign_in_name[:LONGEST_NAME]).replace("\x00", "")
    if pause := count(Marks.of(f"help for {name}", address)):
        raise Wait(pause)
    server_bound("SELECT ask_for_reset(%s, %s)", (name, get_language()))


class Address(NamedTuple):
    address: str
    is_proven: bool


ADDRESSES = Reading(Address, "addresses_shown", key="bytea")


def address_of_account(session: Session) -> tuple[str, str]:
    """The proven address and the one that waits for its code; "" for none."""
    kept = {each.is_proven: each.address for each in ADDRESSES(key=session.key)}
    return kept.get(True, ""), kept.get(False, "")


def name_address(account: Account, text: str) -> None:
    """Raises NoAddress, TooOften, OfStudents."""
    named = text.strip()
    if len(named) > LONGEST or not ADDRESS.fullmatch(named):
        raise NoAddress
    became = Answer(server_bound("SELECT name_address(%s, %s, %s)", (account.uuid, named, get_language())))
    if became == Answer.STUDENTS:
        raise OfStudents
    if became != Answer.ASKED:
        raise TooOften


def is_proven(account: Account, text: str) -> bool:
    """Whether this is the code that was mailed; then the address is the account's."""
    plain = code.typed(text)
    return plain is not None and bool(
        server_bound("SELECT prove_address(%s, %s, %s)", (account.uuid, code.digest(plain), get_language()))
    )


def remove_address(account: Account) -> None:
    server_bound("SELECT remove_address(%s, %s)", (account.uuid, get_language()))
