"""The access log of one child, as the person asking may read it, with one statement."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of ledger_of() in reading.sql, which decides what is shown. If has_time is false, `at` is the beginning of a day."""

    at: datetime
    event: str
    kinds: tuple[str, ...]
    is_me: bool
    name: str | None
    capacity: str
    section: str | None
    relation: str | None
    proven_at: datetime | None
    is_hidden: bool
    reason: str
    counts: dict[str, int] | None
    has_time: bool
    act: str | None = None  # for a view


THE_FIRST = datetime(1900, 1, 1, tzinfo=UTC)  # before any row
ROWS = Reading(LogRow, "ledger_of", child="uuid", since="timestamptz", until="timestamptz")


def ledger_rows(child: UUID, since: datetime, until: datetime) -> list[LogRow]:
    """Returns rows with the newest first."""
    return [row_of(*values) for values in ROWS.rows(child=child, since=since, until=until)]


def whole_log(child: UUID) -> Iterator[LogRow]:
    """Yields every row, with the newest first. Read them all before the next query."""
    return (row_of(*values) for values in ROWS.one_by_one(child=child, since=THE_FIRST, until=timezone.now()))


def row_of(at: datetime, event: str, kinds: list[str], *others: Any) -> LogRow:
    values = [*others]
    values[8] = json.loads(values[8]) if values[8] else None  # counts
    values[5] = timezone.localtime(values[5]) if values[5] else None  # proven_at
    return LogRow(timezone.localtime(at), event, tuple(kinds), *values)
