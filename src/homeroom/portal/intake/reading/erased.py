"""Leaves out the rows of erased students, every night, so that no file creates these students again."""

from dataclasses import dataclass

from homeroom.formats.reasons import Note, Reason
from homeroom.judging.shapes import DEMOGRAPHIC, PERSON, RESULT
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged, Staging


@dataclass(frozen=True, slots=True)
class Erased:
    """Vouches for a temporary table: sourcedIds of erased students, and later keys of results that were left out, each with its table."""

    table: str = "erased"


def find_erased(sql: ImportSql) -> Erased:
    sql.run("CREATE TEMPORARY TABLE erased ON COMMIT DROP AS SELECT 'person' AS what, id AS key FROM erased_ids() AS e (id)")
    return Erased()


def without_erased(sql: Staging, read: Staged, erased: Erased) -> None:
    """Removes these students' rows from the file's stage. Rows left out are not stored as known lines, so every night reads them again."""
    if sql.is_empty(erased.table):
        return
    shape = read.shape
    whose = {ref.name: ref.to for ref in shape.refs if ref.to in (PERSON.table, RESULT.table) and not ref.is_loose}
    pointers = {"key": PERSON.table} if shape in (PERSON, DEMOGRAPHIC) else whose
    if not pointers:
        return
    where = " OR ".join(f"s.{name}::text IN (SELECT key FROM {erased.table} WHERE what = '{table}')" for name, table in pointers.items())
    gone = f"WITH gone AS (DELETE FROM {shape.stage} s WHERE {where} RETURNING key::text)"
    if rows := sql.run(f"{gone} INSERT INTO {erased.table} SELECT '{shape.table}', key FROM gone").rowcount:
        sql.findings.note(Note(Reason.STUDENT_ERASED, read.file), rows=rows)
        if read.fingerprint:
            read.fingerprint.is_whole = False
