"""Finds staged records that may or may not be a person the portal has, and asks about those without an answer.

Reused: a sourcedId with another name and another birth date, or a former sourcedId where one of the two differs
(former_ids.py). Returned: a new sourcedId with a person's name and birth date. The person just left, or their own sourcedId
now has another name.
"""

from dataclasses import dataclass

from homeroom.judging.shapes import DEMOGRAPHIC, PERSON, SCHOOL
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.roles import TonightRoles

JUST_LEFT = 60  # days
MOST_ASKED = 500  # questions per file. If there are more, a column has shifted or all ids are new, and no one can answer
REMEMBERED = 60  # days that an answer waits for a file it fits

# When an answer counts: access moves only after a second approval (a constraint keeps the two administrators apart).
FINAL = "(a.answer = 'new person' OR a.confirmed_by_id IS NOT NULL)"
SAME_QUESTION = """q.applied_by_id IS NULL AND q.person_id = k.person AND q.sourced_id = k.sourced_id
    AND q.given_name = k.given_name AND q.family_name = k.family_name AND q.birth_date IS NOT DISTINCT FROM k.birth_date"""

NAME = "lower({0}.given_name || ' ' || {0}.family_name)"

REUSED = f"""SELECT 'reused' AS kind, t.id AS person, s.key AS sourced_id, s.given_name, s.family_name, d.birth_date
    FROM {PERSON.stage} s JOIN person t ON t.sourced_id = s.key
        JOIN {DEMOGRAPHIC.stage} d ON d.key = s.key JOIN demographic b ON b.person_id = t.id
    WHERE {NAME.format("t")} <> {NAME.format("s")} AND b.birth_date <> d.birth_date"""

# Leaves out records that were merged into another, because the question is about the other one.
LEFT = f"""SELECT p.id, p.given_name, p.family_name, b.birth_date, p.ended_at
    FROM person p JOIN demographic b ON b.person_id = p.id
    WHERE (p.ended_at >= %(today)s::date - {JUST_LEFT} OR p.id IN (SELECT id FROM {PERSON.going}) OR p.id IN (SELECT person FROM asked))
        AND (p.sourced_id IS NULL OR p.id IN (SELECT person FROM asked)
            OR NOT EXISTS (SELECT FROM {PERSON.stage} s WHERE s.key = p.sourced_id))
        AND NOT EXISTS (SELECT FROM merge m WHERE m.old_id = p.id AND m.undone_at IS NULL)"""

# If several people who left match, takes the last to leave. If several new ids match, takes the first.
RETURNED = f"""SELECT DISTINCT ON (person) * FROM (
        SELECT DISTINCT ON (s.key) 'returned', l.id AS person, s.key, s.given_name, s.family_name, d.birth_date
        FROM {PERSON.stage} s JOIN {DEMOGRAPHIC.stage} d ON d.key = s.key
            JOIN ({LEFT}) l ON l.birth_date = d.birth_date AND lower(l.given_name) = lower(s.given_name)
                AND lower(l.family_name) = lower(s.family_name)
        WHERE NOT EXISTS (SELECT FROM person t WHERE t.sourced_id = s.key)
        ORDER BY s.key, l.ended_at DESC NULLS FIRST, l.id) AS found
    ORDER BY person, key"""


@dataclass(frozen=True, slots=True)
class FormerIds:
    """Vouches for two temporary tables. `leads_on` maps former sourcedIds that still lead to a person tonight to the current one. `taken` has those that
    users.csv seems to use for someone else. Until an answer says that they are one person, they lead nowhere."""

    leads_on: str = "leads_on"
    taken: str = "taken"


@dataclass(frozen=True, slots=True)
class Questions:
    """Vouches for a temporary table: each pair that may be one person or two, with its final answer, if there is one. It is made when people and birth
    dates are staged."""

    table: str = "asked"


def find_questions(sql: ImportSql, former: FormerIds) -> Questions:
    sql.run(
        "CREATE TEMPORARY TABLE asked (kind text, person integer, sourced_id text, given_name text, family_name text,"
        " birth_date date, question integer, answer text) ON COMMIT DROP"
    )
    if sql.is_first:
        return Questions()
    sql.run(f"INSERT INTO asked {REUSED}")
    sql.run(f"INSERT INTO asked {RETURNED}")
    sql.run(f"INSERT INTO asked SELECT * FROM {former.taken}")
    find_answers(sql, "asked")
    return Questions()


def find_answers(sql: ImportSql, table: str) -> None:
    sql.run(f"UPDATE {table} k SET question = q.id FROM question q WHERE {SAME_QUESTION}")
    sql.run(f"UPDATE {table} k SET answer = a.answer FROM answer a WHERE a.question_id = k.question AND {FINAL}")


def unanswered(sql: ImportSql, questions: Questions) -> tuple[int, int]:
    """Returns how many reused and how many returned ids have no answer."""
    row = sql.run(
        f"SELECT count(*) FILTER (WHERE kind = 'reused'), count(*) FILTER (WHERE kind = 'returned') FROM {questions.table} WHERE answer IS NULL"
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def is_answered(sql: ImportSql, questions: Questions) -> bool:
    """Returns whether there is an answer to carry out with tonight's file."""
    return sql.run(f"SELECT FROM {questions.table} WHERE answer IS NOT NULL LIMIT 1").fetchone() is not None


def has_new_people(sql: ImportSql) -> bool:
    """Returns whether an answer may move rows from one person to another. Then no line counts as unchanged."""
    return sql.run(
        f"SELECT FROM answer a JOIN question q ON q.id = a.question_id WHERE q.applied_by_id IS NULL AND q.kind = 'reused'"
        f" AND a.answer <> 'same person' AND {FINAL} LIMIT 1"
    ).fetchone() is not None  # fmt: skip


def write_questions(sql: ImportSql, questions: Questions, roles: TonightRoles) -> None:
    """Runs in the transaction that puts the delivery on hold. Answered questions stay answered."""
    sql.run(f"DELETE FROM answer a USING question q WHERE q.id = a.question_id AND {_is_forgotten(questions)}")
    sql.run(f"DELETE FROM question q WHERE {_is_forgotten(questions)}")
    sql.run(f"UPDATE question SET delivery_id = %(delivery)s WHERE id IN (SELECT question FROM {questions.table})")
    sql.run(
        f"""INSERT INTO question (delivery_id, kind, person_id, sourced_id, given_name, family_name, birth_date, grade_levels, schools)
            SELECT %(delivery)s, k.kind, k.person, k.sourced_id, k.given_name, k.family_name, k.birth_date,
                coalesce((SELECT array_to_string(s.grade_levels, ', ') FROM {PERSON.stage} s WHERE s.key = k.sourced_id), ''),
                coalesce((SELECT string_agg(DISTINCT coalesce(o.name, c.name), ', ') FROM {roles.table} r
                          LEFT JOIN {SCHOOL.stage} o ON o.key = r.school LEFT JOIN school c ON c.sourced_id = r.school
                          WHERE r.person = k.sourced_id), '')
            FROM {questions.table} k WHERE k.question IS NULL ORDER BY k.kind, k.sourced_id LIMIT {MOST_ASKED}"""
    )


def _is_forgotten(questions: Questions) -> str:
    return (
        f"q.applied_by_id IS NULL AND q.asked_at < now() - interval '{REMEMBERED} days' AND q.id NOT IN"
        f" (SELECT question FROM {questions.table} WHERE question IS NOT NULL)"
    )
