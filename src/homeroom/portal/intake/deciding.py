"""What administrators decided, carried out: approve, reject, undo. One at a time, by the one process that imports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection


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


OPEN = """SELECT d.id, v.digest, d.verdict, p.given_name || ' ' || p.family_name, d.at, d.why, d.schools, d.tables
    FROM decision d JOIN delivery v ON v.id = d.delivery_id JOIN person p ON p.id = d.by_id
    WHERE d.done_at IS NULL ORDER BY d.id"""


def open_decisions(connection: Connection[Any]) -> list[Decision]:
    rows = connection.execute(OPEN).fetchall()
    connection.commit()
    return [
        Decision(number, digest, verdict, by, at, why, tuple(schools), tuple(tables))
        for number, digest, verdict, by, at, why, schools, tables in rows
    ]


def done(connection: Connection[Any], decision: Decision, answer: str = "") -> None:
    """In the caller's transaction, with what was done; answer: a code of refusals, where it could not be."""
    connection.execute("UPDATE decision SET done_at = now(), answer = %s WHERE id = %s", [answer, decision.id])
