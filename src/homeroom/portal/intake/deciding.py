"""What administrators decided, carried out: approve, reject, undo. One at a time, by the one process that imports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

MOST_TRIES = 6  # that ended without a word; with the pauses between, about a minute


@dataclass(frozen=True, slots=True)
class Decision:
    """by: the administrator's name. schools, tables: what an approval in part leaves out."""

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
    """In the caller's transaction, with what was done; answer: a code of refusals, where it could not be."""
    connection.execute("UPDATE decision SET done_at = now(), answer = %s WHERE id = %s", [answer, decision.id])


def count_try(connection: Connection[Any], decision: Decision) -> None:
    """Before anything can go wrong with it. Committed."""
    connection.execute("UPDATE decision SET tries = %s WHERE id = %s", [decision.tries + 1, decision.id])
    connection.commit()


def take_try_back(connection: Connection[Any], decision: Decision) -> None:
    """What it waits for says nothing about the decision. Where the database itself went away the try stays counted. Committed."""
    if not connection.closed:
        connection.rollback()
        connection.execute("UPDATE decision SET tries = %s WHERE id = %s", [decision.tries, decision.id])
        connection.commit()
