"""Counts what an export would change, before any row is written."""

from dataclasses import dataclass, replace

from homeroom.judging.decide import Changes, Counts, Crowd, Judged
from homeroom.judging.found import Found
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import BY_TABLE, DEMOGRAPHIC, PERSON, SCHOOL, SECTION
from homeroom.portal.intake.deciding.columns import column_changes
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.people.same_person import unanswered
from homeroom.portal.intake.reading.files import Staged
from homeroom.portal.intake.reading.roles import STAFF, TonightRoles
from homeroom.portal.intake.reading.sidecar import lines_before
from homeroom.portal.intake.staging import Settled

KIND = f"CASE WHEN {{0}}.role = 'student' THEN 'student' WHEN {{0}}.role IN ({STAFF}) THEN 'staff' END"


@dataclass(frozen=True, slots=True)
class Counted:
    """A settled export, and what it would change. No row of the portal's tables was written since. It vouches for the tables of `settled`."""

    settled: Settled
    found: Judged


def count(sql: ImportSql, settled: Settled) -> Counted:
    files, findings = settled.files, settled.findings
    tables = {read.shape.name or read.shape.table: _count(sql, read, findings) for read in files}
    columns = () if sql.is_first else column_changes(sql, settled)
    crowds = _crowds(sql, settled.roles) if settled.roles else _students_at_all(sql)
    changes = _changes(sql, settled)
    return Counted(settled, Judged(tables, crowds, changes, sql.is_first, columns, unordered=findings.unordered))


def joined(shape: Shape) -> str:
    """Returns SQL for stage rows `s`, joined with the rows they point to that are in the database."""
    refs = [(ref, BY_TABLE[ref.to].identity.replace("t.", f"r_{ref.name}.")) for ref in shape.refs]
    joins = "".join(f" LEFT JOIN {ref.to} r_{ref.name} ON {key} = s.{ref.name}" for ref, key in refs)
    return f"{shape.stage} s{joins}"


def values(shape: Shape) -> dict[str, str]:
    """Maps each column of the table to SQL for its new value."""
    fields = {each.name: f"s.{each.name}" for each in shape.kept}
    return fields | {f"{ref.name}_id": f"r_{ref.name}.id" for ref in shape.refs}


def is_changed(shape: Shape) -> str:
    """Returns SQL that is true if a row `t` would be written. A row that it will point to may have no id yet, so whether it points at all
    is compared, too. A class's terms are not columns of its row and are checked separately."""
    new = values(shape) | {f"{ref.name}_id IS NULL": f"s.{ref.name} IS NULL" for ref in shape.refs}
    ours = ", ".join(f"t.{name}" for name in new)
    beside = " OR s.key IN (SELECT section FROM other_terms)" if shape is SECTION else ""
    return f"(t.ended_at IS NOT NULL OR ROW({ours}) IS DISTINCT FROM ROW({', '.join(new.values())}){beside})"


def _count(sql: ImportSql, read: Staged, found: Found) -> Counts:
    shape = read.shape
    if read.is_same:
        return Counts(same=found.read[read.file], read=found.read[read.file])
    row = sql.run(
        f"""SELECT count(*), count(*) FILTER (WHERE t.{shape.id} IS NULL),
                count(*) FILTER (WHERE t.{shape.id} IS NOT NULL AND {is_changed(shape)})
            FROM {joined(shape)} LEFT JOIN {read.source} t ON {shape.identity} = s.key"""
    ).fetchone()
    staged, new, changed = row or (0, 0, 0)
    going = sql.number(f"SELECT count(*) FROM {shape.going}")
    return Counts(
        before=_before(sql, read) if new or going else 0,
        new=new,
        changed=changed,
        going=going,
        same=staged - new - changed + found.unread[read.file],
        refused=found.refused[read.file],
        read=found.read[read.file],
    )


def _before(sql: ImportSql, read: Staged) -> int:
    if read.difference:
        return read.difference.same_count + read.difference.gone.count
    if read.is_delta and read.shape.is_big and (lines := lines_before(sql, read.file)):
        return lines
    return sql.number(f"SELECT count(*) FROM {read.shape.table} t WHERE ended_at IS NULL AND {read.shape.own}")


def _students_at_all(sql: ImportSql) -> list[Crowd]:
    """Returns one school with students. Used if no role changes, so that no list of all people is made."""
    rows = sql.run(
        """SELECT c.name, 'student', 1, 0, 1 FROM role t JOIN school c ON c.id = t.school_id
           WHERE t.role = 'student' AND t.ended_at IS NULL LIMIT 1"""
    ).fetchall()
    return [Crowd(*row) for row in rows]


def _crowds(sql: ImportSql, roles: TonightRoles) -> list[Crowd]:
    """Counts people and not rows, because an exporter may give every role a new identifier overnight."""
    rows = sql.run(
        f"""WITH before AS (
                SELECT DISTINCT c.sourced_id AS place, {KIND.format("t")} AS who, p.sourced_id AS person
                FROM role t JOIN school c ON c.id = t.school_id JOIN person p ON p.id = t.person_id
                WHERE t.ended_at IS NULL),
            after AS (SELECT DISTINCT school AS place, {KIND.format("t")} AS who, person FROM {roles.table} t)
            SELECT coalesce(c.name, s.name), who,
                count(b.person), count(b.person) FILTER (WHERE a.person IS NULL), count(a.person)
            FROM before b FULL JOIN after a USING (place, who, person)
                LEFT JOIN school c ON c.sourced_id = place LEFT JOIN {SCHOOL.stage} s ON s.key = place
            WHERE who IS NOT NULL GROUP BY place, who, c.name, s.name ORDER BY place, who"""
    ).fetchall()
    return [Crowd(*row) for row in rows]


def _changes(sql: ImportSql, settled: Settled) -> Changes:
    """Counts changes of names, birth dates and emails. An unchanged file was not staged, so birth dates are counted separately.
    A delta names only the people who change, so they are compared with all people.
    """
    is_delta = any(read.is_delta for read in settled.files if read.shape in (PERSON, DEMOGRAPHIC))
    everybody = sql.number(f"SELECT count(*) FROM person t WHERE ended_at IS NULL AND {PERSON.own}") if is_delta else 0
    name = "lower(t.given_name || ' ' || t.family_name) <> lower(s.given_name || ' ' || s.family_name)"
    birth = "b.birth_date <> d.birth_date"
    row = sql.run(
        f"""WITH births AS (
                SELECT d.key, {birth} AS is_other FROM {DEMOGRAPHIC.stage} d
                JOIN person p ON p.sourced_id = d.key JOIN demographic b ON b.person_id = p.id)
            SELECT greatest(count(*), (SELECT count(*) FROM births), %(everybody)s), count(*) FILTER (WHERE {name}),
                (SELECT count(*) FROM births WHERE is_other),
                count(*) FILTER (WHERE c.email <> '' AND lower(c.email) <> lower(s.email))
            FROM {PERSON.stage} s JOIN person t ON t.sourced_id = s.key
                LEFT JOIN contact_detail c ON c.person_id = t.id""",
        everybody=everybody,
    ).fetchone()
    other_people, came_back = unanswered(sql, settled.questions)
    return replace(Changes(*row or ()), other_people=other_people, came_back=came_back)
