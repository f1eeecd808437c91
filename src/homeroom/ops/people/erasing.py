"""Erases a student, says what forbids it, and lets files bring an erased student back. The statements run as owner (membership/erasing)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from homeroom.ops.answers import NotDone
from homeroom.portal.intake.importing import ONE_AT_A_TIME

FIND = "SELECT id FROM person WHERE sourced_id = %s FOR UPDATE"
WHY_NOT = "SELECT why_not_erased(%s, %s)"
ERASE = "SELECT table_name, sum(rows)::bigint FROM erase_student(%s, %s) GROUP BY table_name ORDER BY table_name"
ADMIT = "SELECT admit_student(%s)"
IMPORTS_WAIT = "SELECT pg_advisory_xact_lock(%s)"
NO_CHECKS_AT_THE_END = "SET CONSTRAINTS ALL IMMEDIATE"
HOLD = "INSERT INTO hold (student_id, paper) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING uuid"
RELEASE = "UPDATE hold SET ended_at = now() WHERE student_id = %s AND ended_at IS NULL"
TOLD = "SELECT ledger_change(%s, NULL, NULL, 'operator', NULL, %s)"

REASONS = {
    "inspection": "A request to inspect this record is open, or it is open for inspection. Until that ends, it may not be destroyed (34 CFR 99.10(e)).",
    "correction": "A request to correct this record is open. The school answers it first (California Education Code 49070).",
    "hold": "This record is on hold. Erase it once the hold is over: homeroom student release.",
    "no student": "This person is no student. Only students are erased here.",
    "not only a student": "This person is or was also staff, or an adult of another student. The district must review that record first.",
    "enrolled": "This student is still in the district's last file. Take the student out of the export first; or say --enrolled, and whatever "
    "a file says of the student is left out from now on.",
}


@dataclass(frozen=True, slots=True)
class Erased:
    """`rows` has the number of erased rows by table."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def erase(connection: Connection[Any], sourced_id: str, directive: str, *, is_enrolled_said: bool) -> Erased:
    """Erases in the caller's transaction, which a dry run rolls back. Waits for a running import. Raises NotDone."""
    if not directive.strip():
        raise NotDone("Say where the district keeps its written direction, with --directive.")
    connection.execute(IMPORTS_WAIT, [ONE_AT_A_TIME])
    who = person_of(connection, sourced_id)
    if why := _answer(connection, WHY_NOT, [who, is_enrolled_said]):
        raise NotDone(REASONS[why])
    rows = {table: int(count) for table, count in connection.execute(ERASE, [who, directive.strip()])}
    connection.execute(NO_CHECKS_AT_THE_END)
    return Erased(rows)


def admit(connection: Connection[Any], sourced_id: str) -> None:
    """Raises NotDone."""
    connection.execute(IMPORTS_WAIT, [ONE_AT_A_TIME])
    if not _answer(connection, ADMIT, [sourced_id]):
        raise NotDone("No one with this sourcedId was erased.")


def hold(connection: Connection[Any], sourced_id: str, paper: str) -> None:
    """Raises NotDone."""
    if not paper.strip():
        raise NotDone("Say where the order lies, with --paper.")
    row = connection.execute(HOLD, [person_of(connection, sourced_id), paper.strip()]).fetchone()
    if row is None:
        raise NotDone("This record is on hold for this paper already.")
    connection.execute(TOLD, ["hold begun", str(row[0])])


def release(connection: Connection[Any], sourced_id: str) -> int:
    """Returns the number of holds that ended. Raises NotDone."""
    ended = connection.execute(RELEASE, [person_of(connection, sourced_id)]).rowcount
    if not ended:
        raise NotDone("This record is not on hold.")
    connection.execute(TOLD, ["hold ended", ""])
    return ended


def person_of(connection: Connection[Any], sourced_id: str) -> int:
    """Raises NotDone."""
    row = connection.execute(FIND, [sourced_id]).fetchone()
    if row is None:
        raise NotDone("No one has this sourcedId here. Write it as in the district's file.")
    return int(row[0])


def _answer(connection: Connection[Any], statement: str, values: Sequence[Any]) -> Any:
    (answer,) = connection.execute(statement, values).fetchone() or (None,)
    return answer
