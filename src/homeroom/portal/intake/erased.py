"""Leaves out the rows of erased students, every night, so that no file creates these students again."""

from homeroom.formats.reasons import Note, Reason
from homeroom.judging.shapes import DEMOGRAPHIC, PERSON, RESULT
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read


def find_erased(night: Night) -> None:
    """Makes the table `erased`: sourcedIds of erased students, and later keys of results that were left out, each with its table."""
    night.run("CREATE TEMPORARY TABLE erased ON COMMIT DROP AS SELECT 'person' AS what, id AS key FROM erased_ids() AS e (id)")


def without_erased(night: Night, read: Read) -> None:
    """Removes these students' rows from the file's stage. Rows left out are not stored as known lines, so every night reads them again."""
    if night.is_empty("erased"):
        return
    shape = read.shape
    whose = {ref.name: ref.to for ref in shape.refs if ref.to in (PERSON.table, RESULT.table) and not ref.is_loose}
    pointers = {"key": PERSON.table} if shape in (PERSON, DEMOGRAPHIC) else whose
    if not pointers:
        return
    where = " OR ".join(f"s.{name}::text IN (SELECT key FROM erased WHERE what = '{table}')" for name, table in pointers.items())
    gone = f"WITH gone AS (DELETE FROM {shape.stage} s WHERE {where} RETURNING key::text)"
    if rows := night.run(f"{gone} INSERT INTO erased SELECT '{shape.table}', key FROM gone").rowcount:
        night.found.note(Note(Reason.STUDENT_ERASED, read.file), rows=rows)
        if read.fingerprint:
            read.fingerprint.is_whole = False
