"""Contacts who may get a letter with a code, for the offices of their children's school."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.asking import rows

CONTACTS = "SELECT number, contact, name, relation, child, is_parent, printed_at FROM contacts_for_letters(%(school)s, %(after)s, %(words)s)"
MAY_BY_CHILD = "SELECT letters_go_by_child()"
PAGE = 100  # letters at once


@dataclass(frozen=True, slots=True)
class Addressee:
    """number: its place in the list; printed_at: of a letter whose code still works."""

    number: int
    contact: UUID
    name: str
    relation: str
    child: str
    is_parent: bool
    printed_at: datetime | None


def contacts(school: UUID, after: int | None, words: str) -> list[Addressee]:
    """One more than a page has, where there are more; words: with which a student's names begin. Reading it is written down."""
    return [Addressee(*row) for row in rows(CONTACTS, {"school": school, "after": after, "words": words})]


def may_by_child() -> bool:
    return bool(rows(MAY_BY_CHILD, {})[0][0])
