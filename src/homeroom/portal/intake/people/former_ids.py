"""Handles former sourcedIds: rows of files that still use them, and rows that stay with the person who had them."""

from homeroom.judging.shape import Shape
from homeroom.judging.shapes import AGENT, ALL, DEMOGRAPHIC, PERSON
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.people.same_person import NAME, FormerIds, find_answers
from homeroom.portal.intake.reading.files import Staged

# Columns that name a row's owner. Other columns that point to a person (a contact's own id) are not history.
WHOSE = {"role": "person", "enrollment": "person", "result": "student", "attendance_mark": "student", "contact": "student"}


# Shapes whose rows name a person.
FOLLOWING = tuple(shape for shape in ALL if shape is PERSON or any(ref.to == PERSON.table for ref in shape.refs))

# Rows of users.csv under a former sourcedId. Their name or birth date differs from the person's, in the portal and under the current sourcedId.
TAKEN = f"""SELECT DISTINCT ON (s.key) 'reused' AS kind, p.id AS person, s.key AS sourced_id, s.given_name, s.family_name, d.birth_date,
        NULL::integer AS question, NULL::text AS answer
    FROM former_id f JOIN person p ON p.id = f.person_id JOIN {PERSON.stage} s ON s.key = f.sourced_id
        LEFT JOIN {PERSON.stage} x ON x.key = p.sourced_id LEFT JOIN {DEMOGRAPHIC.stage} d ON d.key = s.key
        LEFT JOIN {DEMOGRAPHIC.stage} y ON y.key = p.sourced_id LEFT JOIN demographic b ON b.person_id = p.id
    WHERE f.leads_here AND p.sourced_id IS NOT NULL
        AND ({NAME.format("s")} <> {NAME.format("p")} AND coalesce({NAME.format("s")} <> {NAME.format("x")}, true)
            OR d.birth_date <> coalesce(b.birth_date, y.birth_date) AND d.birth_date <> coalesce(y.birth_date, b.birth_date))
    ORDER BY s.key, s.line"""

# An answer that was carried out says that this row is that person's.
SETTLED = """EXISTS (SELECT FROM question q JOIN answer a ON a.question_id = q.id
    WHERE q.applied_by_id IS NOT NULL AND a.answer = 'same person' AND q.person_id = k.person AND q.sourced_id = k.sourced_id
        AND q.given_name = k.given_name AND q.family_name = k.family_name AND q.birth_date IS NOT DISTINCT FROM k.birth_date)"""

# If tonight's users.csv lacks this sourcedId, an open question still says that it may be another person's.
IN_DOUBT = f"""NOT EXISTS (SELECT FROM {PERSON.stage} s WHERE s.key = f.sourced_id) AND EXISTS (
    SELECT FROM question q WHERE q.applied_by_id IS NULL AND q.kind = 'reused' AND q.sourced_id = f.sourced_id AND q.person_id = f.person_id)"""


def find_former(sql: ImportSql, people: Staged | None) -> FormerIds:
    """Call it when people and birth dates are staged. `people` is users.csv."""
    sql.run(f"CREATE TEMPORARY TABLE taken ON COMMIT DROP AS SELECT * FROM ({TAKEN}) AS k WHERE NOT {SETTLED}")
    find_answers(sql, "taken")
    in_doubt = IN_DOUBT if people is None or people.is_delta else "false"
    sql.run(
        f"""CREATE TEMPORARY TABLE leads_on ON COMMIT DROP AS
            SELECT f.sourced_id, p.sourced_id AS present FROM former_id f JOIN person p ON p.id = f.person_id
            WHERE f.leads_here AND p.sourced_id IS NOT NULL
                AND f.sourced_id NOT IN (SELECT sourced_id FROM taken WHERE answer IS DISTINCT FROM 'same person')
                AND f.sourced_id NOT IN (SELECT key FROM {PERSON.left}) AND NOT ({in_doubt})"""
    )
    return FormerIds()


def follow(sql: ImportSql, shape: Shape, former: FormerIds, *, is_delta: bool) -> None:
    """Gives rows under a former sourcedId in leads_on to its person. A row under the current sourcedId wins. If a delta deletes the
    former one, that ends no one."""
    if shape not in FOLLOWING or sql.is_empty(former.leads_on):
        return
    if shape in (PERSON, DEMOGRAPHIC):
        if is_delta:
            sql.run(f"DELETE FROM {shape.stage} s USING leads_on f WHERE f.sourced_id = s.key AND s.is_ended")
        sql.run(
            f"""DELETE FROM {shape.stage} s USING leads_on f WHERE f.sourced_id = s.key
                AND EXISTS (SELECT FROM {shape.stage} x WHERE x.key = f.present)"""
        )
        _rename(sql, shape, "key")
    for ref in shape.refs:
        if ref.to == "person":
            _rename(sql, shape, ref.name)
    if shape is PERSON:
        sql.run(
            f"""UPDATE {shape.stage} s SET agents = array_replace(s.agents, f.sourced_id, f.present)
                FROM leads_on f WHERE f.sourced_id = ANY (s.agents)"""
        )


def keep_handed_over(sql: ImportSql, shape: Shape) -> bool:
    """Copies rows whose owner gave up a sourcedId, if the file now uses their key for its new owner. The copies stay with the old
    owner, ended, under keys that no file uses. Returns whether there could be such rows. If so, the table `handed` has their keys."""
    whose = WHOSE.get(shape.table)
    if whose is None or sql.run("SELECT FROM former_id WHERE NOT leads_here LIMIT 1").fetchone() is None:
        return False
    sql.run(f"DROP TABLE IF EXISTS handed; CREATE TEMPORARY TABLE handed (key {shape.key_sql}) ON COMMIT DROP")
    sql.run(
        f"""INSERT INTO handed SELECT s.key FROM {shape.stage} s JOIN {shape.table} t ON {shape.identity} = s.key
            WHERE EXISTS (SELECT FROM former_id f WHERE NOT f.leads_here AND f.sourced_id = s.{whose} AND f.person_id = t.{whose}_id)"""
    )
    kept = [each for each in _columns(sql, shape) if each not in ("id", "uuid", "ended_at", "delivery_id", shape.key_column)]
    key = f"t.{shape.key_column}"
    former = f"'former ' || %(delivery)s || ' ' || {key}"
    new_key = f"md5({former})::uuid" if shape.is_big else former
    columns = ", ".join(kept)
    sql.run(
        f"""INSERT INTO {shape.table} ({shape.key_column}, ended_at, delivery_id, {columns})
            SELECT {new_key}, coalesce(t.ended_at, now()), %(delivery)s, {", ".join(f"t.{each}" for each in kept)}
            FROM {shape.table} t JOIN handed h ON h.key = {key}"""
    )
    return True


def _columns(sql: ImportSql, shape: Shape) -> list[str]:
    found = sql.run(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped", table=shape.table
    )
    return [name for (name,) in found]


def _rename(sql: ImportSql, shape: Shape, column: str) -> None:
    sql.run(f"UPDATE {shape.stage} s SET {column} = f.present FROM leads_on f WHERE f.sourced_id = s.{column}")


if AGENT.table not in WHOSE:  # its rows are contacts too
    raise AssertionError("Agents fill a table whose rows belong to nobody.")
