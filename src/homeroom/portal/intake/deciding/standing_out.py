"""Marks what an administrator should check in a change set: another person under a known key, new contact details, more access for staff."""

from homeroom.judging.decide import StandsOut
from homeroom.judging.shapes import CONTACT, DEMOGRAPHIC, ENROLLMENT, PERSON, ROLE
from homeroom.portal.intake.deciding.differing import Differing
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.roles import STAFF

MANY = 200  # students that one person newly teaches


def find_standing_out(sql: ImportSql, differing: Differing) -> None:
    """Makes the table `standing_out`: subject (a person's sourcedId) and code."""
    read = {each.shape.name or each.shape.table for each in differing.files}
    as_they_were = any(each.shape is DEMOGRAPHIC and each.is_same for each in differing.placed.settled.files)  # no birth date changed, so none is staged
    sql.run("CREATE TEMPORARY TABLE standing_out (subject text, code text) ON COMMIT DROP")
    for needs, code, query in (
        ({"person", "demographic"}, StandsOut.OTHER_PERSON, _OTHER_PERSON),
        ({"person"}, StandsOut.OTHER_NAME, _OTHER_NAME),
        ({"person"}, StandsOut.REACHED_ELSEWHERE, _DETAILS),
        ({"contact"}, StandsOut.REACHED_ELSEWHERE, _CONTACTS),
        ({"role"}, StandsOut.NEW_AT_SCHOOL, _NEW_AT_SCHOOL),
        ({"enrollment"}, StandsOut.MANY_STUDENTS, _MANY_STUDENTS),
        ({"person"}, StandsOut.STILL_HERE, _PERSON_LEAVES),
        ({"role"}, StandsOut.STILL_HERE, _LAST_ROLE_ENDS),
    ):
        if needs <= read:
            sql.run(f"INSERT INTO standing_out SELECT subject, '{code}' FROM ({query}) AS found (subject)", as_they_were=as_they_were)
    sql.run("ANALYZE standing_out")


_RENAMED = "lower(t.given_name || ' ' || t.family_name) <> lower(s.given_name || ' ' || s.family_name)"
_OTHER_PERSON = f"""SELECT s.key FROM {PERSON.stage} s JOIN person t ON t.sourced_id = s.key
    JOIN {DEMOGRAPHIC.stage} d ON d.key = s.key JOIN demographic b ON b.person_id = t.id
    WHERE {_RENAMED} AND b.birth_date <> d.birth_date"""

# At least one birth date is unknown, so nothing tells whether it is the same person, and there is no question (decision 0017).
_OTHER_NAME = f"""SELECT s.key FROM {PERSON.stage} s JOIN person t ON t.sourced_id = s.key
    WHERE {_RENAMED} AND NOT (EXISTS (SELECT FROM demographic b WHERE b.person_id = t.id)
        AND (%(as_they_were)s OR EXISTS (SELECT FROM {DEMOGRAPHIC.stage} d WHERE d.key = s.key)))"""

_OTHER_WAY = "(t.email <> '' AND lower(t.email) <> lower(s.email) OR t.phone <> '' AND t.phone <> s.phone{more})"
_DETAILS = f"""SELECT d.subject FROM differing_contact_detail d JOIN {PERSON.stage} s ON s.ctid = d.place
    JOIN contact_detail t ON t.person_id = d.id WHERE {_OTHER_WAY.format(more=" OR t.sms <> '' AND t.sms <> s.sms")}"""
_CONTACTS = f"""SELECT d.subject FROM differing_contact d JOIN {CONTACT.stage} s ON s.ctid = d.place
    JOIN contact t ON t.id = d.id WHERE {_OTHER_WAY.format(more="")}"""

_NEW_AT_SCHOOL = f"""SELECT s.person FROM {ROLE.stage} s WHERE s.role IN ({STAFF}) AND NOT EXISTS (
    SELECT FROM role t JOIN person p ON p.id = t.person_id JOIN school c ON c.id = t.school_id
    WHERE p.sourced_id = s.person AND c.sourced_id = s.school AND t.role IN ({STAFF}) AND t.ended_at IS NULL)"""

# Staff whom this file would remove although they signed in within the last seven days. Most likely the file is wrong.
_LATELY = "p.id = ANY ((SELECT staff_seen_lately())::integer[])"
_PERSON_LEAVES = f"SELECT p.sourced_id FROM {PERSON.going} g JOIN person p ON p.id = g.id WHERE {_LATELY}"
_LAST_ROLE_ENDS = f"""SELECT p.sourced_id FROM {ROLE.going} g JOIN role t ON t.id = g.id JOIN person p ON p.id = t.person_id
    WHERE t.role IN ({STAFF}) AND {_LATELY} AND NOT EXISTS (SELECT FROM {ROLE.stage} s WHERE s.person = p.sourced_id AND s.role IN ({STAFF}))
        AND NOT EXISTS (SELECT FROM role o WHERE o.person_id = p.id AND o.ended_at IS NULL AND o.role IN ({STAFF})
            AND NOT EXISTS (SELECT FROM {ROLE.going} w WHERE w.id = o.id))"""

# Students, once the file is applied, of classes that a person newly teaches, without the students this person already has.
_MANY_STUDENTS = f"""WITH taught AS (
        SELECT DISTINCT s.person, s.section FROM differing_enrollment d JOIN {ENROLLMENT.stage} s ON s.ctid = d.place
        WHERE s.role <> 'student' AND NOT EXISTS (
            SELECT FROM enrollment t JOIN person p ON p.id = t.person_id JOIN section c ON c.id = t.section_id
            WHERE p.sourced_id = s.person AND c.sourced_id = s.section AND t.role <> 'student' AND t.ended_at IS NULL)),
    seats AS (
        SELECT s.section, s.person FROM {ENROLLMENT.stage} s WHERE s.role = 'student' AND s.section IN (SELECT section FROM taught)
        UNION SELECT c.sourced_id, p.sourced_id FROM section c JOIN enrollment t ON t.section_id = c.id JOIN person p ON p.id = t.person_id
        WHERE c.sourced_id IN (SELECT section FROM taught) AND t.role = 'student' AND t.ended_at IS NULL
            AND NOT EXISTS (SELECT FROM {ENROLLMENT.going} g WHERE g.id = t.id)),
    had AS (
        SELECT DISTINCT p.sourced_id AS teacher, w.sourced_id AS student
        FROM person p JOIN enrollment a ON a.person_id = p.id AND a.role <> 'student' AND a.ended_at IS NULL
            JOIN enrollment b ON b.section_id = a.section_id AND b.role = 'student' AND b.ended_at IS NULL
            JOIN person w ON w.id = b.person_id WHERE p.sourced_id IN (SELECT person FROM taught))
    SELECT n.teacher FROM (SELECT DISTINCT t.person AS teacher, s.person AS student FROM taught t JOIN seats s ON s.section = t.section) n
        LEFT JOIN had USING (teacher, student) WHERE had.teacher IS NULL GROUP BY n.teacher HAVING count(*) > {MANY}"""
