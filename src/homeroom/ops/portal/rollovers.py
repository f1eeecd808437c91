"""The days on which a new school year's file is expected. The district announces them, and an operator enters them."""

from datetime import date
from typing import Any

from psycopg import Connection

from homeroom.ops.answers import NotDone

MOST_DAYS = 92  # the same limit as in access.District

ANNOUNCE = "UPDATE district SET rollover_from = %s, rollover_until = %s"
TOLD = "SELECT ledger_change(%s, NULL, NULL, 'operator', NULL, %s)"


def announce(connection: Connection[Any], first: date | None, last: date | None) -> None:
    """Announces the days in the caller's transaction. Raises NotDone."""
    if first is None or last is None:
        raise NotDone("Say both the first day (--from) and the last (--until).")
    if last < first:
        raise NotDone("The last day lies before the first. Say the earlier one with --from.")
    if (last - first).days >= MOST_DAYS:
        raise NotDone(f"A rollover lasts at most {MOST_DAYS} days: meanwhile an emptied school holds no file. Say a nearer last day.")
    connection.execute(ANNOUNCE, [first, last])
    connection.execute(TOLD, ["rollover announced", f"{first} to {last}"])


def take_back(connection: Connection[Any]) -> None:
    connection.execute(ANNOUNCE, [None, None])
    connection.execute(TOLD, ["rollover taken back", ""])


def announced(connection: Connection[Any]) -> tuple[date, date] | None:
    first, last = connection.execute("SELECT rollover_from, rollover_until FROM district").fetchone() or (None, None)
    return (first, last) if first and last else None
