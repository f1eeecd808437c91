"""Prints an office's letters to contacts. Each code is made here, printed, and kept only as a hash."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.letters import code
from homeroom.portal.letters.sheets import LANGUAGES, CodeLetter, code_letters
from homeroom.portal.membership.codes.actions import head


class Contact(NamedTuple):
    name: str
    child: str


PRINT = "SELECT print_letters(%(contacts)s, %(codes)s, %(way)s)"
NAMES = Reading(Contact, "contacts_on_letters", contacts="uuid[]")


def print_letters(contacts: Sequence[UUID], way: str, language: str, *, by: Actor) -> bytes | None:
    """Returns one sheet per contact, or None if the database refuses. Raises Unprintable. In both failures no code is kept."""
    if by.side != "staff" or not contacts:
        return None
    made = [code.new_code() for _ in contacts]
    values = {"contacts": list(contacts), "codes": [code.digest(each) for each in made], "way": way}
    until: datetime | None = rows(PRINT, values)[0][0]
    names = NAMES(contacts=list(contacts))
    if until is None or len(names) != len(made):
        return None
    first, last = language if language in LANGUAGES else "en", timezone.localdate(until)
    letters = [CodeLetter([name], "contact", plain, last, first, child) for (name, child), plain in zip(names, made, strict=True)]
    return code_letters(letters, head(), timezone.localdate())
