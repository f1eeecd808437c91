"""Carries out answers. sourcedIds move before rows are compared. A merge moves rows after all rows are written.

All writes are in the import's transaction.
"""

from homeroom.judging.refusals import Late, NotYet
from homeroom.judging.shapes import PERSON
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.people.same_person import Questions, unanswered

# A person's history: tables, and the column that names the person. Corrections move by a function. Ties, accounts, contacts and the access log don't.
MOVED = (("enrollment", "person_id"), ("result", "student_id"), ("result_change", "student_id"), ("attendance_mark", "student_id"))


def settle(sql: ImportSql, questions: Questions) -> None:
    """Call it before rows point to people. Raises NotYet while a question is open."""
    if any(unanswered(sql, questions)):
        raise NotYet(Late.QUESTIONS)
    _give_up_ids(sql, questions)
    _take_new_ids(sql, questions)


def _give_up_ids(sql: ImportSql, questions: Questions) -> None:
    """Takes the sourcedId from its old owner, whose record ends and keeps its ties. A person for whom it is only a former id does not change."""
    gives_up = "k.kind = 'reused' AND k.answer IN ('new person', 'merge')"
    sql.run(
        f"""UPDATE former_id f SET leads_here = false FROM {questions.table} k
            WHERE {gives_up} AND f.leads_here AND f.sourced_id = k.sourced_id AND f.person_id = k.person"""
    )
    sql.run(
        f"""INSERT INTO former_id (sourced_id, person_id, leads_here, delivery_id)
            SELECT k.sourced_id, k.person, false, %(delivery)s FROM {questions.table} k JOIN person p ON p.id = k.person AND p.sourced_id = k.sourced_id
            WHERE {gives_up}"""
    )
    sql.run(
        f"""UPDATE person t SET sourced_id = NULL, ended_at = coalesce(t.ended_at, now()), delivery_id = %(delivery)s
            FROM {questions.table} k WHERE k.person = t.id AND t.sourced_id = k.sourced_id AND {gives_up}"""
    )


# Counts answers that join records which are both in the file or stay current, and records that answers give to more than one person.
TWICE = f"""SELECT count(*) FROM asked k JOIN person p ON p.id = k.person
    WHERE (k.kind = 'returned' AND k.answer <> 'new person' OR k.answer = 'merge')
            AND (EXISTS (SELECT FROM {PERSON.stage} s WHERE s.key = p.sourced_id)
                OR k.kind = 'reused' AND p.ended_at IS NULL AND p.id NOT IN (SELECT id FROM {PERSON.going}))
        OR k.answer <> 'new person' AND EXISTS (
            SELECT FROM asked o WHERE o.sourced_id = k.sourced_id AND o.person <> k.person AND o.answer <> 'new person')"""


def _take_new_ids(sql: ImportSql, questions: Questions) -> None:
    """Gives people who came back their new sourcedId. The old one leads to them from now on. Raises NotYet."""
    if sql.number(TWICE):
        raise NotYet(Late.TWICE)
    comes_back = "k.kind = 'returned' AND k.answer = 'same person'"
    sql.run(
        f"""INSERT INTO former_id (sourced_id, person_id, leads_here, delivery_id)
            SELECT p.sourced_id, p.id, true, %(delivery)s FROM {questions.table} k JOIN person p ON p.id = k.person
            WHERE {comes_back} AND p.sourced_id IS NOT NULL ON CONFLICT DO NOTHING"""
    )
    sql.run(
        f"""UPDATE person t SET sourced_id = k.sourced_id, delivery_id = %(delivery)s
            FROM {questions.table} k WHERE k.person = t.id AND {comes_back}"""
    )
    sql.run(f"DELETE FROM {PERSON.going} g USING {questions.table} k WHERE k.person = g.id AND {comes_back}")


def finish(sql: ImportSql, questions: Questions) -> None:
    """Runs after all rows are written."""
    sql.run(
        f"""INSERT INTO merge (question_id, old_id, into_id, delivery_id)
           SELECT k.question, k.person, p.id, %(delivery)s FROM {questions.table} k JOIN person p ON p.sourced_id = k.sourced_id
           WHERE k.answer = 'merge'"""
    )
    for table, whose in MOVED:
        _move(sql, table, whose)
    sql.run(
        """INSERT INTO former_id (sourced_id, person_id, leads_here, delivery_id)
           SELECT p.sourced_id, m.into_id, true, %(delivery)s FROM merge m JOIN person p ON p.id = m.old_id
           WHERE m.delivery_id = %(delivery)s AND p.sourced_id IS NOT NULL ON CONFLICT DO NOTHING"""
    )
    sql.run(f"UPDATE question q SET applied_by_id = %(delivery)s FROM {questions.table} k WHERE k.question = q.id AND k.answer IS NOT NULL")
    sql.run("SELECT move_corrections(%(delivery)s)")
    sql.run("SELECT ledger_answers(%(delivery)s)")  # one access log entry for each record that an answer was about


def _move(sql: ImportSql, table: str, whose: str) -> None:
    of_tonight = f"m.delivery_id = %(delivery)s AND t.{whose} = m.old_id"
    sql.run(
        f"""INSERT INTO merged_row (merge_id, "table", key) SELECT m.id, '{table}', t.id::text FROM merge m, {table} t WHERE {of_tonight}"""
    )
    sql.run(f"UPDATE {table} t SET {whose} = m.into_id FROM merge m WHERE {of_tonight}")


def forget_answers(sql: ImportSql) -> None:
    """Deletes the answers that an undone import carried out, and their questions, so that the next file asks again instead of applying them."""
    sql.run("DELETE FROM answer a USING question q WHERE q.id = a.question_id AND q.applied_by_id = %(delivery)s")
    sql.run("DELETE FROM question WHERE applied_by_id = %(delivery)s")
