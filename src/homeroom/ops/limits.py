"""The limits beyond which a file is held: the district's own choice, told to whoever hosts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from homeroom.judging.decide import Limits, LimitsOdd
from homeroom.ops.answers import NotDone

TOLD = "SELECT ledger_change('limits changed', NULL, NULL, 'operator', NULL, %s)"


def change(connection: Connection[Any], words: Sequence[str]) -> None:
    """Each as growth=0.3, or growth= for the default again. In the caller's transaction. Raises NotDone."""
    try:
        chosen = Limits.after(_chosen(connection), words)
    except LimitsOdd as odd:
        raise NotDone(f"{odd} Nothing was changed.") from odd
    connection.execute("UPDATE district SET limits = %s", [Jsonb(chosen)])
    connection.execute(TOLD, [", ".join(words)])


def in_force(connection: Connection[Any]) -> dict[str, Any]:
    """The chosen over the defaults, as they are: one that cannot be read too."""
    return asdict(Limits()) | _chosen(connection)


def oddity(connection: Connection[Any]) -> str:
    """What is wrong with them; "" for nothing."""
    try:
        Limits.of(_chosen(connection))
    except LimitsOdd as odd:
        return f"{odd} Files wait until `homeroom portal limits` has put that right."
    return ""


def _chosen(connection: Connection[Any]) -> dict[str, Any]:
    row = connection.execute("SELECT limits FROM district").fetchone()
    return dict(row[0]) if row else {}
