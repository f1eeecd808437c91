"""Writes what a file's rows imply without a row of their own: a class's terms, emails and phones, who is a student
or staff, which line items are grades, and the access log entry.
"""

from collections.abc import Sequence

from homeroom.judging.shapes import CATEGORY, LINE_ITEM, PERSON, RESULT, ROLE, SECTION
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged
from homeroom.portal.intake.reading.roles import STAFF, TonightRoles
from homeroom.portal.intake.reading.terms import Terms


def write_section_terms(sql: ImportSql, terms: Terms) -> None:
    sql.run(
        f"""DELETE FROM section_term x USING section c, {SECTION.stage} s, term t
            WHERE c.sourced_id = s.key AND x.section_id = c.id AND t.id = x.term_id
                AND NOT EXISTS (SELECT FROM {terms.of_classes} y WHERE y.section = s.key AND y.term = t.sourced_id)"""
    )
    sql.run(
        f"""INSERT INTO section_term (section_id, term_id)
            SELECT c.id, t.id FROM {terms.of_classes} y JOIN {SECTION.stage} s ON s.key = y.section
                JOIN section c ON c.sourced_id = y.section JOIN term t ON t.sourced_id = y.term
            WHERE NOT EXISTS (SELECT FROM section_term x WHERE x.section_id = c.id AND x.term_id = t.id)"""
    )


def write_contact_details(sql: ImportSql) -> None:
    sql.run(
        f"""UPDATE contact_detail d SET email = s.email, phone = s.phone, sms = s.sms, delivery_id = %(delivery)s
            FROM {PERSON.stage} s JOIN person p ON p.sourced_id = s.key
            WHERE d.person_id = p.id AND ROW(d.email, d.phone, d.sms) IS DISTINCT FROM ROW(s.email, s.phone, s.sms)"""
    )
    sql.run(
        f"""INSERT INTO contact_detail (person_id, email, phone, sms, delivery_id)
            SELECT p.id, s.email, s.phone, s.sms, %(delivery)s
            FROM {PERSON.stage} s JOIN person p ON p.sourced_id = s.key
            WHERE s.email || s.phone || s.sms <> ''
                AND NOT EXISTS (SELECT FROM contact_detail d WHERE d.person_id = p.id)"""
    )


def write_people_of_roles(sql: ImportSql, roles: TonightRoles) -> None:
    """Updates who is a student and who is staff, since a delta may have roles without people."""
    touched = f"""SELECT person FROM {ROLE.stage} UNION SELECT p.sourced_id FROM {ROLE.going} g JOIN role t ON t.id = g.id
        JOIN person p ON p.id = t.person_id"""
    sql.run(
        f"""UPDATE person p SET is_student = r.is_student, is_staff = r.is_staff, delivery_id = %(delivery)s
            FROM (SELECT t.person, coalesce(bool_or(r.role = 'student'), false) AS is_student,
                      coalesce(bool_or(r.role IN ({STAFF})), false) AS is_staff
                  FROM ({touched}) AS t LEFT JOIN {roles.table} r ON r.person = t.person GROUP BY 1) AS r
            WHERE p.sourced_id = r.person AND ROW(p.is_student, p.is_staff) IS DISTINCT FROM ROW(r.is_student, r.is_staff)"""
    )


def mark_grades(sql: ImportSql, reads: Sequence[Staged]) -> None:
    """Marks line items as grades by their category's title, or because their results name the class, if few line items have such results."""
    named = sql.run(
        f"""UPDATE line_item i SET names_class = true
            FROM (SELECT DISTINCT line_item FROM {RESULT.stage} WHERE names_class) AS s
            WHERE i.key = s.line_item AND NOT i.names_class"""
    ).rowcount
    if not named and all(read.is_delta and read.shape not in (CATEGORY, LINE_ITEM) for read in reads):
        return  # nothing that decides it has changed, and a delta must not read a whole table
    sql.run("SELECT mark_grades()")


def write_ledger(sql: ImportSql) -> None:
    """Writes one access log entry for the file. It lists each student whose scores or marks changed, with counts. The first file's lists no one."""
    sql.run(
        """SELECT ledger_import(%(delivery)s, array_agg(student), array_agg(counts))
           FROM (SELECT student, jsonb_object_agg(kind, rows) AS counts
                 FROM (SELECT student, kind, sum(rows) AS rows FROM touched GROUP BY 1, 2) AS summed
                 GROUP BY student) AS told"""
    )
