"""look() for a list of 100 students, compared with a child's: a class's gradebook, and an office's list of contacts for letters.

The slowest list is an office's search for a person to print a code for. It searches for the two letters that most first names begin with.
"""

from statistics import median
from typing import Any

from psycopg import Connection

from benchmarks.figures import Figure, at_most
from benchmarks.ground import Ground
from benchmarks.pages import timed
from benchmarks.people import Visitor, parents, session
from benchmarks.wire import look

LISTED = 100
ROUNDS = 12  # the first one warms up
# Students of one school, those with the highest numbers, because parents() takes students from the other end.
STUDENTS = """SELECT school_id, (array_agg(person_id ORDER BY person_id DESC))[:%(listed)s] FROM role
    WHERE role = 'student' AND ended_at IS NULL
    GROUP BY school_id HAVING count(*) >= %(listed)s ORDER BY max(person_id) DESC LIMIT 1"""
TEACHER = """SELECT e.person_id FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE s.school_id = %s AND e.role = 'teacher' AND e.ended_at IS NULL ORDER BY e.person_id LIMIT 1"""
SECTION = """INSERT INTO section (sourced_id, title, kind, course_id, school_id, periods)
    SELECT 'bench-list', 'Choir', 'scheduled', course_id, school_id, '{8}' FROM section WHERE school_id = %s LIMIT 1
    RETURNING id, uuid"""
TERM = """INSERT INTO section_term (section_id, term_id)
    SELECT %s, id FROM term WHERE kind = 'term' ORDER BY end_date DESC LIMIT 1"""
SEATS = """INSERT INTO enrollment (key, section_id, person_id, role)
    SELECT gen_random_uuid(), %s, person, %s FROM unnest(%s::integer[]) person"""
CONTACTS = """INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
    SELECT gen_random_uuid(), 'bench-list-' || person, person, 'Mo Lake', 'mother', '', (SELECT max(id) FROM delivery) FROM unnest(%s::integer[]) person"""
# 400 views of 100 students within the hour are more than the usual caps allow.
OFFICE = """WITH made AS (INSERT INTO administrator (person_id, school_id, start_date) VALUES (%(teacher)s, %(school)s, '2020-01-01')),
        caps AS (UPDATE district SET caps = '{"teacher": 1000000, "administrator": 1000000}')
    SELECT uuid::text FROM school WHERE id = %(school)s"""
BEGINNING = """SELECT lower(left(p.given_name, 2)) FROM role r JOIN person p ON p.id = r.person_id
    WHERE r.school_id = (SELECT id FROM school WHERE uuid = %s) AND r.role = 'student' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"""


def figures(here: Ground) -> list[Figure]:
    with here.connect("owner") as owner:
        teacher, school = large_class(here, owner)
        (beginning,) = owner.execute(BEGINNING, [school]).fetchone() or ("",)
    families = parents(here, 40)
    here.let_a_day_pass()
    times = []
    with here.connect("app", autocommit=True) as app:
        for family in families * ROUNDS:
            asked = ((family, family.act, family.subject, ""), (teacher, teacher.act, teacher.subject, ""), (teacher, "letters", school, ""),
                     (teacher, "codes", None, beginning))  # fmt: skip
            times.append([timed(lambda v=v, a=a, s=s, w=w: look(app, v.proof, a, s, w)) for v, a, s, w in asked])
    child, book, letters, codes = (median(each) for each in zip(*times[len(families) :], strict=True))
    named = ((f"a list of {LISTED} students", book), (f"an office's list of {LISTED} students", letters), ("an office's search for a code", codes))
    return [at_most(f"look() for {words}, compared with a child's", listed / child, 10, f"{listed * 1000:.2f} ms; a child's {child * 1000:.2f} ms")
            for words, listed in named]  # fmt: skip


def large_class(here: Ground, owner: Connection[Any]) -> tuple[Visitor, str]:
    """Makes a teacher with a class of LISTED students of one school, each with a contact on record. The teacher also gets an office. Returns the teacher and
    the school."""
    school, students = owner.execute(STUDENTS, {"listed": LISTED}).fetchone() or (0, [])
    (teacher,) = owner.execute(TEACHER, [school]).fetchone() or (0,)
    section, uuid = owner.execute(SECTION, [school]).fetchone() or (0, "")
    owner.execute(TERM, [section])
    owner.execute(SEATS, [section, "student", students])
    owner.execute(SEATS, [section, "teacher", [teacher]])
    owner.execute(CONTACTS, [students])
    (of_school,) = owner.execute(OFFICE, {"teacher": teacher, "school": school}).fetchone() or ("",)
    token = session(owner, teacher, "staff")
    return Visitor(teacher, token, f"homeroom-{here.place.slug}={token}", 0, f"/classes/{uuid}", str(uuid)), of_school
