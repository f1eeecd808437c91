"""Prints an office's letters to contacts. Each code is made here, printed, and kept only as a hash."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import batched
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.letters import code
from homeroom.portal.letters.sheets import LANGUAGES, MOST_CHILDREN, ChildCode, CodeLetter, code_letters
from homeroom.portal.membership.codes.actions import head


class Contact(NamedTuple):
    name: str
    child: str
    letter: int  # contacts with the same number get one letter


PRINT = "SELECT print_letters(%(contacts)s, %(codes)s, %(way)s)"
NAMES = Reading(Contact, "contacts_on_letters", contacts="uuid[]")


def print_letters(contacts: Sequence[UUID], way: str, language: str, *, by: Actor) -> bytes | None:
    """Returns one sheet per adult, or None if the database refuses. Raises Unprintable. In both failures no code is kept."""
    if by.side != "staff" or not contacts:
        return None
    made = [code.new_code() for _ in contacts]
    values = {"contacts": list(contacts), "codes": [code.digest(each) for each in made], "way": way}
    until: datetime | None = rows(PRINT, values)[0][0]
    names = NAMES(contacts=list(contacts))
    if until is None or len(names) != len(made):
        return None
    first = language if language in LANGUAGES else "en"
    return code_letters(letters_of(names, made, timezone.localdate(until), first), head(), timezone.localdate())


def letters_of(contacts: Sequence[Contact], codes: Sequence[str], last: date, language: str) -> list[CodeLetter]:
    """Returns one letter per adult, with a code for each child. An adult of more children than fit on a sheet gets another letter."""
    of_adults: dict[int, list[ChildCode]] = {}
    for contact, plain in zip(contacts, codes, strict=True):
        of_adults.setdefault(contact.letter, []).append(ChildCode(contact.child, plain))
    names = {contact.letter: contact.name for contact in contacts}
    return [
        CodeLetter([names[letter]], "contact", sheet[0].code, last, language, sheet)
        for letter, children in of_adults.items()
        for sheet in batched(children, MOST_CHILDREN)
    ]
