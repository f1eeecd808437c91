"""Facts of the directory about people who are given access, and warnings. Runs as owner.

It reads no grades, scores or attendance marks. Call after speak_django().
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from homeroom.ops.people.giving import Shown, Who
from homeroom.portal.access.policy import duties
from homeroom.portal.roster.models import Person, School

WHO = """
    SELECT full_name(p), coalesce(p.sourced_id, ''), (SELECT coalesce(array_agg(DISTINCT w.role ORDER BY w.role), '{}') FROM (
            SELECT r.role FROM role r WHERE r.person_id = p.id AND r.ended_at IS NULL
            UNION SELECT 'student' WHERE p.is_student UNION SELECT 'staff' WHERE p.is_staff
            UNION SELECT 'contact' FROM contact c WHERE c.person_id = p.id AND c.ended_at IS NULL
            UNION SELECT 'administrator' FROM administrator a WHERE a.person_id = p.id AND a.end_date IS NULL
            UNION SELECT 'named by the board' FROM board_second b WHERE b.person_id = p.id AND b.end_date IS NULL) w),
        (SELECT coalesce(array_agg(DISTINCT s.name ORDER BY s.name), '{}') FROM role r JOIN school s ON s.id = r.school_id
         WHERE r.person_id = p.id AND r.ended_at IS NULL), CASE WHEN p.is_student THEN p.grade_levels ELSE '{}' END
    FROM person p WHERE p.id = %(who)s"""
# Facts about a person, for every kind of access. `name` is a username, which may be an email address.
ABOUT = """
    WITH p AS (SELECT * FROM person WHERE id = %(who)s), others AS (
        SELECT o.sourced_id, o.id FROM p JOIN person o ON o.id <> p.id AND o.ended_at IS NULL
            AND name_words(o.given_name || ' ' || o.family_name) = name_words(p.given_name || ' ' || p.family_name)),
    addresses AS (SELECT lower(d.email) AS email FROM contact_detail d WHERE d.person_id = %(who)s
        UNION SELECT lower(address_of_family(%(who)s)) UNION SELECT lower(trim(%(name)s)) WHERE %(name)s LIKE '%%@%%'),
    owners AS (SELECT d.person_id AS id FROM contact_detail d JOIN addresses a ON a.email = lower(d.email) AND a.email <> ''
        UNION SELECT c.person_id FROM contact c JOIN addresses a ON a.email = lower(c.email) AND a.email <> '' WHERE c.ended_at IS NULL
        UNION SELECT k.person_id FROM mail_address m JOIN account k ON k.id = m.account_id
            JOIN addresses a ON a.email = lower(m.address) WHERE m.proven_at IS NOT NULL AND m.ended_at IS NULL)
    SELECT jsonb_build_object('gone', p.ended_at IS NOT NULL, 'is_student', p.is_student,
        'is_staff', p.is_staff OR EXISTS (SELECT FROM administrator a WHERE a.person_id = p.id AND a.end_date IS NULL)
            OR EXISTS (SELECT FROM board_second b WHERE b.person_id = p.id AND b.end_date IS NULL),
        'namesakes', (SELECT coalesce(jsonb_agg(coalesce(o.sourced_id, 'without a sourcedId') ORDER BY o.id), '[]') FROM others o),
        'owners', (SELECT coalesce(jsonb_agg(coalesce(q.sourced_id, 'without a sourcedId') ORDER BY q.id), '[]')
            FROM person q JOIN owners w ON w.id = q.id AND q.id <> p.id),
        'confidential', EXISTS (SELECT FROM contact c WHERE c.person_id = p.id AND c.ended_at IS NULL AND is_kept_confidential(c)),
        'restricted', EXISTS (SELECT FROM restriction r WHERE r.person_id = p.id AND (r.end_date IS NULL OR r.end_date > today())),
        'challenged', EXISTS (SELECT FROM challenge_case c WHERE c.adult_id = p.id AND c.decided_at IS NULL))
    FROM p"""
BETWEEN = """
    SELECT jsonb_build_object('is_on_record', is_on_record(%(who)s, %(child)s), 'is_secret', is_kept_secret(%(who)s, %(child)s),
        'is_18', is_of_age(%(child)s) OR EXISTS (SELECT FROM demographic d WHERE d.person_id = %(child)s AND turns_18_on(d.birth_date) <= today()),
        'is_challenged', EXISTS (SELECT FROM challenge_case c WHERE c.student_id = %(child)s AND c.decided_at IS NULL),
        'is_barred', EXISTS (SELECT FROM restriction r WHERE r.student_id = %(child)s AND (r.end_date IS NULL OR r.end_date > today())),
        'is_alike', EXISTS (SELECT FROM restriction r JOIN person o ON o.id = r.person_id JOIN person p ON p.id = %(who)s AND p.id <> o.id
            WHERE r.student_id = %(child)s AND (r.end_date IS NULL OR r.end_date > today())
              AND name_words(o.given_name || ' ' || o.family_name) = name_words(p.given_name || ' ' || p.family_name)),
        'is_closed', is_closed_to_parents(%(child)s), 'has_left', left_on(%(child)s) IS NOT NULL,
        'opens', (SELECT to_jsonb(t.view_kinds) FROM tie t WHERE t.adult_id = %(who)s AND t.student_id = %(child)s AND t.state <> 'ended'))"""
STUDENTS = """
    SELECT coalesce(array_agg(full_name(c) ORDER BY c.id), '{}'), coalesce(array_agg(c.id ORDER BY c.id), '{}') FROM tie t JOIN person c ON c.id = t.student_id
    WHERE t.adult_id = %(who)s AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut AND t.start_date <= today()
      AND (t.end_date IS NULL OR t.end_date > today()) AND NOT is_restricted(t.adult_id, t.student_id)"""
WORK = """
    SELECT ARRAY(SELECT x.title || ' at ' || s.name FROM enrollment e JOIN section x ON x.id = e.section_id JOIN school s ON s.id = x.school_id
            WHERE e.person_id = %(who)s AND e.role = 'teacher' AND e.ended_at IS NULL AND x.ended_at IS NULL ORDER BY 1)
        || ARRAY(SELECT d.duty || ' at ' || s.name FROM duty d JOIN school s ON s.id = d.school_id
            WHERE d.person_id = %(who)s AND (d.end_date IS NULL OR d.end_date > today()) ORDER BY 1)
        || ARRAY(SELECT CASE WHEN a.school_id IS NULL THEN 'administrator of the district' ELSE 'administrator of a school' END
            FROM administrator a WHERE a.person_id = %(who)s AND a.end_date IS NULL ORDER BY 1)"""

NAMED_SO = "SELECT EXISTS (SELECT FROM person p WHERE p.ended_at IS NULL AND name_words(p.given_name || ' ' || p.family_name) = name_words(%(name)s))"


class Given(NamedTuple):
    """Access to a student, as the operator typed it."""

    kind: str
    views: tuple[str, ...]
    rights: tuple[str, ...]
    start: date
    end: date | None
    is_confidential: bool


def of_tie(adult: Person, student: Person, said: Given) -> Shown:
    who, child = who_of(adult, "adult"), who_of(student, "student")
    facts = between(adult, student)
    until = f", over on {said.end}" if said.end else ""
    opens = [f"{plain(said.views)} of {child.name}, as {said.kind}, from {said.start}{until}"]
    if said.rights:
        opens.append(f"the right to {', '.join(said.rights)}")
    warnings = [*about_person(adult, who.name), *about_two(facts, who.name, child.name)]
    if facts["is_secret"] or said.is_confidential:
        warnings.append(f"{who.name} is confidential for this student: the rest of the family reads no name.")
    if facts["is_closed"]:
        warnings.append(f"Parent access is turned off for {child.name}: a parent can't see any records until it is turned on again.")
    if facts["has_left"]:
        warnings.append(f"{child.name} has left the district's schools.")
    return Shown((who, child), tuple(opens), tuple(warnings), (student.id,))


def of_account(person: Person, side: str, name: str = "") -> Shown:
    """`name` is a new username."""
    who = who_of(person, "person")
    said = f"the sign-in {name}, " if name else "the sign-in "
    students = [person.id] if person.is_student else []
    if side == "family":
        names, theirs = row(STUDENTS, who=person.id)
        records, students = [f"the record of {each}" for each in names] or ["no record yet: access is given by itself"], students + theirs
    elif side == "student":
        records = [f"the record of {who.name}"]
    else:
        records = list(one(WORK, who=person.id)) or ["no class and no duty yet"]
    warnings = (*wrong_side(person, who, side), *about_person(person, who.name, name))
    return Shown((who,), (f"{said}as {side}", *records), warnings, tuple(students))


def of_duty(person: Person, school: School, duty: str, start: date | None, end: date | None) -> Shown:
    who, opens = who_of(person, "person"), duties()[duty].opens
    days = f"from {start or 'today'}" + (f", over on {end}" if end else "")
    records = f"{plain(opens)} of each student of {school.name}" if opens else "no record by itself"
    return Shown((who,), (f"the duty {duty} at {school.name} (sourcedId {school.sourced_id}), {days}", records), tuple(about_person(person, who.name)))


def of_lifting(person: Person, student: Person) -> Shown:
    who, child, facts = who_of(person, "person"), who_of(student, "student"), between(person, student)
    opens = f"{plain(facts['opens'])} of {child.name}, which the restriction denies" if facts["opens"] else f"no record of {child.name} by itself"
    warnings = (*about_person(person, who.name), *about_two(facts, who.name, child.name))
    return Shown((who, child), (opens,), warnings, (student.id,))


def of_board_second(full_name: str, before: str) -> Shown:
    """`before` is the person whom the board named until now, or empty."""
    name = " ".join(full_name.split())
    opens = "a sign-in as staff, and the page Second approvals: this person confirms or stops what an administrator proposes"
    warnings = [f"{before} was named before, and loses that place."] if before else []
    if one(NAMED_SO, name=name):
        warnings.append(f"A person in the record has the name {name} already. The board's person gets an account of their own.")
    return Shown((Who("person", name, "", ("named by the board",)),), (opens,), tuple(warnings))


def who_of(person: Person, part: str) -> Who:
    name, sourced_id, roles, schools, grades = row(WHO, who=person.id)
    return Who(part, name, sourced_id, tuple(roles), tuple(schools), tuple(grades))


def between(adult: Person, student: Person) -> dict[str, Any]:
    return facts_of(BETWEEN, who=adult.id, child=student.id)


def wrong_side(person: Person, who: Who, side: str) -> list[str]:
    facts, roles = facts_of(ABOUT, who=person.id, name=""), ", ".join(who.roles) or "none"
    if side == "staff" and not facts["is_staff"]:
        return [f"{who.name} is not staff in the record (role: {roles}). A staff account is for staff alone."]
    if side == "student" and not facts["is_student"]:
        return [f"{who.name} is not a student in the record (role: {roles})."]
    if side == "family" and facts["is_student"]:
        return [f"{who.name} is a student in the record. A family account is for a parent or another adult."]
    return []


def about_person(person: Person, name: str, address: str = "") -> list[str]:
    facts = facts_of(ABOUT, who=person.id, name=address)
    said = {
        "gone": f"The district's file no longer lists {name}.",
        "namesakes": f"Someone else has the same name as {name}: sourcedId {', '.join(facts['namesakes'][:3])}.",
        "owners": f"An email address of {name} also belongs to another person: sourcedId {', '.join(facts['owners'][:3])}.",
        "confidential": f"The record keeps {name} confidential as a contact.",
        "restricted": f"A restriction keeps {name} from a student's record.",
        "challenged": f"A challenge about the access of {name} is open.",
    }
    return [sentence for fact, sentence in said.items() if facts[fact]]


def about_two(facts: Mapping[str, Any], adult: str, student: str) -> list[str]:
    said = {
        "is_18": f"{student} is 18 or older: the rights passed to the student (34 CFR 99.5).",
        "is_alike": f"A restriction from the record of {student} is on file for a person with the same name as {adult}.",
        "is_barred": f"A restriction from the record of {student} is on file.",
        "is_challenged": f"A challenge about an adult of {student} is open.",
    }
    found = [sentence for fact, sentence in said.items() if facts[fact]]
    return found if facts["is_on_record"] else [f"The record does not list {adult} as a contact of {student}.", *found]


def plain(kinds: object) -> str:
    return ", ".join("access log" if each == "ledger" else str(each) for each in kinds)  # type: ignore[attr-defined]  # a list or a tuple


def row(statement: str, **values: int | str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def one(statement: str, **values: int | str) -> Any:
    """Returns the first column."""
    return row(statement, **values)[0]


def facts_of(statement: str, **values: int | str) -> dict[str, Any]:
    """Parses the JSON, because Django returns jsonb as text."""
    found: dict[str, Any] = json.loads(one(statement, **values))
    return found
