"""Reads roles. OneRoster 1.2 has them in roles.csv, and 1.1 in two columns of users.csv. Both fill the same row for the same role,
so that no one's role ends if a district changes the version.
"""

from homeroom.formats.reasons import Note, Reason
from homeroom.judging.shapes import PERSON, ROLE, SCHOOL
from homeroom.portal.intake.crosscheck import is_nowhere
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read

# 1.1 has one kind of administrator. 1.2 distinguishes sites and districts.
TODAY = """CASE WHEN s.role <> 'administrator' THEN s.role
    WHEN coalesce(a.kind, c.kind) IN ('school', 'department') THEN 'siteAdministrator' ELSE 'districtAdministrator' END"""
HELD = """JOIN person p ON p.sourced_id = s.person JOIN school c ON c.sourced_id = s.school
    JOIN role t ON t.person_id = p.id AND t.school_id = c.id"""


def settle(night: Night, read: Read | None, people: Read | None) -> Read | None:
    """Returns what was read of the roles, from the file that has them. `people` is users.csv, if it was sent."""
    if read is None and people and "role" in people.table.names:
        return _of_users(night, people)
    if read and not read.is_same:
        _keep_rows_of_users(night)
    return read


def make_tonight_role(night: Night) -> None:
    """Makes tonight_role, unless it exists: roles at schools as they will be. Call it before the file is applied."""
    if night.number("SELECT count(*) FROM pg_class WHERE oid = to_regclass('pg_temp.tonight_role')"):
        return
    night.run(
        f"""CREATE TEMPORARY TABLE tonight_role ON COMMIT DROP AS
            SELECT person, school, role FROM {ROLE.stage}
            UNION SELECT p.sourced_id, c.sourced_id, t.role
            FROM role t JOIN school c ON c.id = t.school_id JOIN person p ON p.id = t.person_id
            WHERE t.ended_at IS NULL AND NOT EXISTS (SELECT FROM {ROLE.stage} s WHERE s.key = t.sourced_id)
                AND NOT EXISTS (SELECT FROM {ROLE.going} g WHERE g.id = t.id)
                AND NOT EXISTS (SELECT FROM {PERSON.going} g WHERE g.id = t.person_id)"""
    )
    night.run("ANALYZE tonight_role")


def _of_users(night: Night, people: Read) -> Read:
    read = Read(ROLE, people.table, "roles.csv", is_same=people.is_same, is_delta=people.is_delta)
    if read.is_same:
        night.found.read[read.file] = night.number("SELECT count(*) FROM role WHERE ended_at IS NULL")
        return read
    # No sourcedId has a comma, so these keys differ from those of roles.csv.
    night.run(
        f"""INSERT INTO {ROLE.stage} (line, key, sourced_id, role, is_primary, person, school)
            SELECT s.line, s.key || ',' || u.place, s.key || ',' || u.place, {TODAY}, true, s.key, u.place
            FROM {PERSON.stage} s, unnest(s.places) AS u (place)
                LEFT JOIN {SCHOOL.stage} a ON a.key = u.place LEFT JOIN school c ON c.sourced_id = u.place
            WHERE NOT ({is_nowhere(night, SCHOOL, "u.place")})"""
    )
    night.run(
        f"""INSERT INTO {ROLE.left} SELECT t.sourced_id FROM {PERSON.left} l
            JOIN person p ON p.sourced_id = l.key JOIN role t ON t.person_id = p.id"""
    )
    _note_missing_places(night, people)
    _keep_rows_of_roles(night)
    night.run(f"ANALYZE {ROLE.stage}")
    if read.is_delta:
        _find_gone(night)
    return read


def _find_gone(night: Night) -> None:
    """Finds roles that end. A row of users.csv names all places of its person. A person who ends has no roles."""
    night.run(
        f"""INSERT INTO {ROLE.gone} SELECT t.sourced_id FROM role t JOIN person p ON p.id = t.person_id
            WHERE t.ended_at IS NULL AND (EXISTS (SELECT FROM {PERSON.stage} s WHERE s.key = p.sourced_id)
                OR EXISTS (SELECT FROM {PERSON.going} g WHERE g.id = p.id))"""
    )


def _note_missing_places(night: Night, people: Read) -> None:
    named = night.number(f"SELECT sum(cardinality(places)) FROM {PERSON.stage}")
    if missing := named - night.number(f"SELECT count(*) FROM {ROLE.stage}"):
        night.found.note(Note(Reason.REFERENCE_BLANKED, people.file, "orgSourcedIds"), rows=missing)
        _keep_roles_of_missing_places(night)
        if people.fingerprint:
            people.fingerprint.is_whole = False  # the place may be in tomorrow's file


def _keep_roles_of_missing_places(night: Night) -> None:
    """Keeps all roles of a person with an unknown place, because the place may be a misspelled one."""
    night.run(
        f"""INSERT INTO {ROLE.left} SELECT t.sourced_id
            FROM {PERSON.stage} s JOIN person p ON p.sourced_id = s.key JOIN role t ON t.person_id = p.id
            WHERE EXISTS (SELECT FROM unnest(s.places) AS u (place) WHERE {is_nowhere(night, SCHOOL, "u.place")})"""
    )


def _keep_rows_of_roles(night: Night) -> None:
    """Lets a role that once came from roles.csv keep its row and sourcedId."""
    night.run(
        f"""UPDATE {ROLE.stage} s SET key = m.held, sourced_id = m.held FROM (
                SELECT DISTINCT ON (s.key) s.key, t.sourced_id AS held FROM {ROLE.stage} s {HELD}
                ORDER BY s.key, t.ended_at IS NOT NULL, t.role <> s.role, NOT t.is_primary, t.id) AS m
            WHERE m.key = s.key"""
    )


def _keep_rows_of_users(night: Night) -> None:
    """Lets a role that once came from users.csv keep its row. It gets the sourcedId from roles.csv."""
    night.run(
        f"""UPDATE {ROLE.stage} s SET key = m.held FROM (
                SELECT DISTINCT ON (t.id) s.key, t.sourced_id AS held FROM {ROLE.stage} s {HELD}
                WHERE t.sourced_id LIKE '%,%' AND NOT EXISTS (SELECT FROM role k WHERE k.sourced_id = s.key)
                ORDER BY t.id, t.role <> s.role, NOT s.is_primary, s.key) AS m
            WHERE m.key = s.key"""
    )
