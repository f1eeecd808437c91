"""A student's access log as an administrator reads it after a view: every line, and which ones are hidden from the family."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.acting import Answer, answer_of
from homeroom.portal.access.reading import Reading
from homeroom.portal.audit.queries import LogRow

PROPOSE = "SELECT propose_withholding(%(child)s, %(entry)s, %(basis)s, %(until)s, %(why)s)"
SHOWN = 50
LINE = (
    "entry", "at", "event", "act", "kinds", "name", "capacity", "section", "relation", "reason", "counts",
    "basis", "until", "withholder", "seconder", "is_note", "may_withhold", "waits",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """`until` is the first day on which the family can read it again. None: it is not hidden. `is_note`: it says that another line is."""

    entry: int
    row: LogRow
    basis: str | None
    until: date | None
    withholder: str | None
    seconder: str | None
    is_note: bool
    may_withhold: bool
    waits: bool


class Names(NamedTuple):
    first_name: str
    full_name: str


LINES = Reading(OfficeRow, "ledger_for_office", LINE, child="uuid", before="bigint")
NAMES = Reading(Names, "child_of_lines", child="uuid")


def office_rows(child: UUID, before: int | None) -> list[OfficeRow]:
    """Returns rows with the newest first, and one more than a page shows if there are more."""
    return [_row(*found) for found in LINES.rows(child=child, before=before)]


def names_of(child: UUID) -> Names:
    """Returns the names after that view."""
    return NAMES.one(child=child) or Names("", "")


def _row(entry: int, at: Any, event: str, act: str, kinds: list[str], name: str | None, *others: Any) -> OfficeRow:
    capacity, section, relation, reason, counts = others[:5]
    counted = json.loads(counts) if counts else None
    row = LogRow(timezone.localtime(at), event, tuple(kinds), False, name, capacity, section, relation, None, False, reason, counted, True, act)
    return OfficeRow(entry, row, *others[5:])


def propose_withholding(said: Mapping[str, Any]) -> Answer:
    """`said` has child, entry, basis, until, why. Returns 'proposed', what is wrong, 'taken', 'again', or '' if it is not allowed."""
    return answer_of(PROPOSE, said)
