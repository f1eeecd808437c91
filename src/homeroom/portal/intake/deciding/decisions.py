"""Reads and ends administrators' decisions: approve, reject, undo. The importing process carries them out one at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

MOST_TRIES = 6  # tries that ended without an answer. With the pauses between them, about a minute


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` is the administrator's name. `schools` and `tables` are left out of an approval in part."""

    id: int
    digest: str
    verdict: str
    by: str
    at: datetime
    why: str
    schools: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    tries: int = 0


OPEN = """SELECT d.id, v.digest, d.verdict, p.given_name || ' ' || p.family_name, d.at, d.why, d.schools, d.tables, d.tries
    FROM decision d JOIN delivery v ON v.id = d.delivery_id JOIN person p ON p.id = d.by_id
    WHERE d.done_at IS NULL ORDER BY d.id"""


def open_decisions(connection: Connection[Any]) -> list[Decision]:
    rows = connection.execute(OPEN).fetchall()
    connection.commit()
    return [
        Decision(number, digest, verdict, by, at, why, tuple(schools), tuple(tables), tries)
        for number, digest, verdict, by, at, why, schools, tables, tries in rows
    ]


def done(connection: Connection[Any], decision: Decision, answer: str = "") -> None:
    """Ends a decision in the caller's transaction, with what it did. `answer` is a code of refusals, if it could not be carried out."""
    connection.execute("UPDATE decision SET done_at = now(), answer = %s WHERE id = %s", [answer, decision.id])


def count_try(connection: Connection[Any], decision: Decision) -> None:
    """Counts a try before anything can go wrong. Commits."""
    connection.execute("UPDATE decision SET tries = %s WHERE id = %s", [decision.tries + 1, decision.id])
    connection.commit()


def take_try_back(connection: Connection[Any], decision: Decision) -> None:
    """Takes a try back if the failure was not the decision's. If the connection to the database was lost, the try stays counted. Commits."""
    if not connection.closed:
        connection.rollback()
        connection.execute("UPDATE decision SET tries = %s WHERE id = %s", [decision.tries, decision.id])
        connection.commit()
