"""Reads contacts who may get a letter with a code, for the offices of their children's school."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

MAY_BY_CHILD = "SELECT letters_go_by_child()"
PRINTS_LEFT = "SELECT prints_left()"
PAGE = 100  # letters per page


@dataclass(frozen=True, slots=True)
class Addressee:
    """`number` is the child's place in the list. `printed_at` is of a letter whose code still works. `has_more` means that children follow."""

    number: int
    contact: UUID
    name: str
    relation: str
    child: str
    is_parent: bool
    printed_at: datetime | None
    has_more: bool
    lookalike: str  # another contact or an adult with access who may be the same person, or ""


contacts = Reading(Addressee, "contacts_for_letters", school="uuid")  # from the page that the request's view recorded


def may_by_child() -> bool:
    return bool(rows(MAY_BY_CHILD, {})[0][0])


def prints_left() -> int:
    """Returns how many letters and codes this person may still print in this hour."""
    return int(rows(PRINTS_LEFT, {})[0][0])
