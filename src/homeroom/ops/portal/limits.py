"""The limits above which a file is put on hold: the district's own choice, which an operator enters."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from homeroom.judging.decide import Limits, LimitsOdd
from homeroom.ops.answers import NotDone

TOLD = "SELECT ledger_change('limits changed', NULL, NULL, 'operator', NULL, %s)"


def change(connection: Connection[Any], words: Sequence[str]) -> None:
    """Changes limits. Each word is like growth=0.3, or growth= for the default again. Runs in the caller's transaction. Raises NotDone."""
    try:
        chosen = Limits.after(_chosen(connection), words)
    except LimitsOdd as odd:
        raise NotDone(f"{odd} Nothing was changed.") from odd
    connection.execute("UPDATE district SET limits = %s", [Jsonb(chosen)])
    connection.execute(TOLD, [", ".join(words)])


def in_force(connection: Connection[Any]) -> dict[str, Any]:
    """Returns the chosen limits over the defaults, as stored, even if one can't be read."""
    return asdict(Limits()) | _chosen(connection)


def oddity(connection: Connection[Any]) -> str:
    """Returns what is wrong with the limits, or an empty string."""
    try:
        Limits.of(_chosen(connection))
    except LimitsOdd as odd:
        return f"{odd} Files wait until `homeroom portal limits` has put that right."
    return ""


def _chosen(connection: Connection[Any]) -> dict[str, Any]:
    row = connection.execute("SELECT limits FROM district").fetchone()
    return dict(row[0]) if row else {}
