"""Everything that an import writes can be undone. Every table that intake writes has row images, or a reason."""

from typing import Any

import psycopg

from tests.school import School

# Tables without images that intake may write, each with the reason. Add a new one to intake/triggers.sql, or here.
WITHOUT_IMAGES = {
    "answer": "what administrators said; opened again when the file is taken back (answering.py)",
    "bucket_image": "what an undo rests on",
    "change": "what a held file would do, to be read; no row of an import",
    "change_count": "as change",
    "change_detail": "as change",
    "decision": "what was decided stays",
    "delivery": "that the file came stays",
    "question": "opened again when the file is taken back (answering.py)",
    "refused_row": "what was wrong with the file stays",
    "row_hashes": "has bucket_image",
}
WRITTEN = """SELECT c.relname, count(t.tgname) FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname LIKE 'row_image_%'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND (has_table_privilege('intake', c.oid, 'DELETE') OR has_any_column_privilege('intake', c.oid, 'INSERT, UPDATE'))
    GROUP BY 1"""


def test_every_table_that_intake_writes_has_images_or_a_reason(school: School) -> None:
    with school.connect("owner") as owner:
        assert without_images(owner) == set(WITHOUT_IMAGES)


def without_images(connection: psycopg.Connection[Any]) -> set[str]:
    return {table for table, triggers in connection.execute(WRITTEN) if triggers != 3}
