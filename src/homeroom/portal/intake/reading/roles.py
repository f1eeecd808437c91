"""Reads roles. OneRoster 1.2 has them in roles.csv, and 1.1 in two columns of users.csv. Both fill the same row for the same role,
so that no one's role ends if a district changes the version.
"""

from dataclasses import dataclass

from homeroom.formats.reasons import Note, Reason
from homeroom.judging import particular
from homeroom.judging.shapes import PERSON, ROLE, SCHOOL
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.crosscheck import is_nowhere
from homeroom.portal.intake.reading.files import Staged, Staging

STAFF = ", ".join(f"'{role}'" for role in particular.STAFF)
# 1.1 has one kind of administrator. 1.2 distinguishes sites and districts.
TODAY = """CASE WHEN s.role <> 'administrator' THEN s.role
    WHEN coalesce(a.kind, c.kind) IN ('school', 'department') THEN 'siteAdministrator' ELSE 'districtAdministrator' END"""
HELD = """JOIN person p ON p.sourced_id = s.person JOIN school c ON c.sourced_id = s.school
    JOIN role t ON t.person_id = p.id AND t.school_id = c.id"""


@dataclass(frozen=True, slots=True)
class TonightRoles:
    """Vouches for a temporary table: who will have which role at which school. A file with the same roles needs none, so it is made when it is needed."""

    table: str = "tonight_role"


def settle(sql: Staging, read: Staged | None, people: Staged | None) -> Staged | None:
    """Returns what was read of the roles, from the file that has them. `people` is users.csv, if it was sent."""
    if read is None and people and "role" in people.table.names:
        return _of_users(sql, people)
    if read and not read.is_same:
        _keep_rows_of_users(sql)
    return read


def settle_roles(sql: ImportSql) -> TonightRoles | None:
    """Marks who is a student and who is staff. Returns None if no one joins or leaves a school or changes a role there."""
    touching = [ROLE.stage, ROLE.going, PERSON.going]
    keeps_roles = not sql.is_first and all(sql.is_empty(table) for table in touching)
    if keeps_roles and sql.is_empty(PERSON.stage):
        return None
    roles = make_tonight_roles(sql)
    sql.run(
        f"""UPDATE {PERSON.stage} s SET is_student = r.is_student, is_staff = r.is_staff
            FROM (SELECT person, bool_or(role = 'student') AS is_student, bool_or(role IN ({STAFF})) AS is_staff
                  FROM {roles.table} GROUP BY person) AS r
            WHERE r.person = s.key AND (r.is_student OR r.is_staff)"""
    )
    return None if keeps_roles else roles


def make_tonight_roles(sql: ImportSql) -> TonightRoles:
    """Makes the table, unless it exists. Call it before the file is applied."""
    if sql.number("SELECT count(*) FROM pg_class WHERE oid = to_regclass('pg_temp.tonight_role')"):
        return TonightRoles()
    sql.run(
        f"""CREATE TEMPORARY TABLE tonight_role ON COMMIT DROP AS
            SELECT person, school, role FROM {ROLE.stage}
            UNION SELECT p.sourced_id, c.sourced_id, t.role
            FROM role t JOIN school c ON c.id = t.school_id JOIN person p ON p.id = t.person_id
            WHERE t.ended_at IS NULL AND NOT EXISTS (SELECT FROM {ROLE.stage} s WHERE s.key = t.sourced_id)
                AND NOT EXISTS (SELECT FROM {ROLE.going} g WHERE g.id = t.id)
                AND NOT EXISTS (SELECT FROM {PERSON.going} g WHERE g.id = t.person_id)"""
    )
    sql.run("ANALYZE tonight_role")
    return TonightRoles()


def _of_users(sql: Staging, people: Staged) -> Staged:
    read = Staged(ROLE, people.table, "roles.csv", is_same=people.is_same, is_delta=people.is_delta)
    if read.is_same:
        sql.findings.read[read.file] = sql.number("SELECT count(*) FROM role WHERE ended_at IS NULL")
        return read
    # No sourcedId has a comma, so these keys differ from those of roles.csv.
    sql.run(
        f"""INSERT INTO {ROLE.stage} (line, key, sourced_id, role, is_primary, person, school)
            SELECT s.line, s.key || ',' || u.place, s.key || ',' || u.place, {TODAY}, true, s.key, u.place
            FROM {PERSON.stage} s, unnest(s.places) AS u (place)
                LEFT JOIN {SCHOOL.stage} a ON a.key = u.place LEFT JOIN school c ON c.sourced_id = u.place
            WHERE NOT ({is_nowhere(sql, SCHOOL, "u.place")})"""
    )
    sql.run(
        f"""INSERT INTO {ROLE.left} SELECT t.sourced_id FROM {PERSON.left} l
            JOIN person p ON p.sourced_id = l.key JOIN role t ON t.person_id = p.id"""
    )
    _note_missing_places(sql, people)
    _keep_rows_of_roles(sql)
    sql.run(f"ANALYZE {ROLE.stage}")
    if read.is_delta:
        _find_gone(sql)
    return read


def _find_gone(sql: ImportSql) -> None:
    """Finds roles that end. A row of users.csv names all places of its person. A person who ends has no roles."""
    sql.run(
        f"""INSERT INTO {ROLE.gone} SELECT t.sourced_id FROM role t JOIN person p ON p.id = t.person_id
            WHERE t.ended_at IS NULL AND (EXISTS (SELECT FROM {PERSON.stage} s WHERE s.key = p.sourced_id)
                OR EXISTS (SELECT FROM {PERSON.going} g WHERE g.id = p.id))"""
    )


def _note_missing_places(sql: Staging, people: Staged) -> None:
    named = sql.number(f"SELECT sum(cardinality(places)) FROM {PERSON.stage}")
    if missing := named - sql.number(f"SELECT count(*) FROM {ROLE.stage}"):
        sql.findings.note(Note(Reason.REFERENCE_BLANKED, people.file, "orgSourcedIds"), rows=missing)
        _keep_roles_of_missing_places(sql)
        if people.fingerprint:
            people.fingerprint.is_whole = False  # the place may be in tomorrow's file


def _keep_roles_of_missing_places(sql: ImportSql) -> None:
    """Keeps all roles of a person with an unknown place, because the place may be a misspelled one."""
    sql.run(
        f"""INSERT INTO {ROLE.left} SELECT t.sourced_id
            FROM {PERSON.stage} s JOIN person p ON p.sourced_id = s.key JOIN role t ON t.person_id = p.id
            WHERE EXISTS (SELECT FROM unnest(s.places) AS u (place) WHERE {is_nowhere(sql, SCHOOL, "u.place")})"""
    )


def _keep_rows_of_roles(sql: ImportSql) -> None:
    """Lets a role that once came from roles.csv keep its row and sourcedId."""
    sql.run(
        f"""UPDATE {ROLE.stage} s SET key = m.held, sourced_id = m.held FROM (
                SELECT DISTINCT ON (s.key) s.key, t.sourced_id AS held FROM {ROLE.stage} s {HELD}
                ORDER BY s.key, t.ended_at IS NOT NULL, t.role <> s.role, NOT t.is_primary, t.id) AS m
            WHERE m.key = s.key"""
    )


def _keep_rows_of_users(sql: ImportSql) -> None:
    """Lets a role that once came from users.csv keep its row. It gets the sourcedId from roles.csv."""
    sql.run(
        f"""UPDATE {ROLE.stage} s SET key = m.held FROM (
                SELECT DISTINCT ON (t.id) s.key, t.sourced_id AS held FROM {ROLE.stage} s {HELD}
                WHERE t.sourced_id LIKE '%,%' AND NOT EXISTS (SELECT FROM role k WHERE k.sourced_id = s.key)
                ORDER BY t.id, t.role <> s.role, NOT s.is_primary, s.key) AS m
            WHERE m.key = s.key"""
    )
