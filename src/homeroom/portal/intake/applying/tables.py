"""Writes an import: adds new rows, changes changed rows, ends left-out rows and touches nothing else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from homeroom.judging.decide import Counts
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import RESULT
from homeroom.portal.intake.deciding.counting import is_changed, joined, values
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.people.former_ids import keep_handed_over
from homeroom.portal.intake.reading.files import Staged

# Tables whose indexes, unique keys and foreign keys are dropped and made again when they are first filled (acts.sql).
FILLED_AT_ONCE = (
    "section",
    "role",
    "demographic",
    "contact",
    "enrollment",
    "line_item",
    "result",
    "attendance_mark",
)
TOLD = {"result": "scores", "attendance_mark": "marks"}  # each student's access log says how many a file changed
REMEMBER = """INSERT INTO result_change (result_id, student_id, delivery_id, old_score, old_text_score, old_status)
    SELECT n.result_id, n.old_student, n.old_delivery, n.old_score, n.old_text_score, n.old_status FROM {} WHERE n.is_remembered"""
WORTH_IT = 2_000  # rows. With fewer, making indexes anew costs more than it saves


@dataclass(frozen=True, slots=True)
class Written:
    new: int
    changed: int
    ended: int


def apply(sql: ImportSql, read: Staged, counts: Counts) -> Written:
    """Writes a file's rows. Rows that they point to must be written already. Skips kinds of change that were counted as 0."""
    shape = read.shape
    changed = _change(sql, read, counts.changed) if counts.changed else 0
    ended = _end(sql, shape) if counts.going else 0
    new = 0
    if counts.new:
        with at_once(sql, shape.table, counts.new):
            new = _insert(sql, shape)
    if new or changed:
        _point_to_own(sql, shape)
    return Written(new, changed, ended)


@contextmanager
def at_once(sql: ImportSql, table: str, rows: int) -> Iterator[None]:
    worth_it = table in FILLED_AT_ONCE and sql.is_empty(table) and rows >= WORTH_IT
    if worth_it:
        sql.run(f"SELECT first_load_open('{table}')")
    yield
    if worth_it:
        sql.run(f"SELECT first_load_close('{table}')")


def _end(sql: ImportSql, shape: Shape) -> int:
    return _written(
        sql,
        shape,
        f"""UPDATE {shape.table} t SET ended_at = now(), delivery_id = %(delivery)s
            FROM {shape.going} g WHERE g.id = t.{shape.id}""",
    )


def _insert(sql: ImportSql, shape: Shape) -> int:
    new = values(shape)
    if shape.key_column:
        new = {shape.key_column: "s.key", **new}
    keys = {"s.key", new.get(shape.key_column or "", "s.key")}  # two for a role: its row's key, and its own sourcedId, which that row may just have taken
    unknown = [f"NOT EXISTS (SELECT FROM {shape.table} t WHERE {shape.identity} = {key})" for key in sorted(keys)]
    known = "" if sql.is_empty(shape.table) else f" WHERE {' AND '.join(unknown)}"
    return _written(
        sql,
        shape,
        f"""INSERT INTO {shape.table} AS t ({", ".join(new)}, delivery_id)
            SELECT {", ".join(new.values())}, %(delivery)s FROM {joined(shape)}{known}""",
    )


def _change(sql: ImportSql, read: Staged, expected: int) -> int:
    shape = read.shape
    is_handed = keep_handed_over(sql, shape)
    scores = _scores_before("AND NOT EXISTS (SELECT FROM handed h WHERE h.key = s.key)" if is_handed else "") if shape is RESULT else ""
    if read.is_partial and shape.is_big:
        changed = _change_where_they_lie(sql, read, scores)
        return changed if changed == expected else changed + _change_by_key(sql, shape)
    if scores:
        found = f"SELECT {scores} FROM {joined(shape)} JOIN {read.source} t ON {shape.identity} = s.key WHERE {is_changed(shape)}"
        sql.run(REMEMBER.format(f"({found}) n"))
    return _change_by_key(sql, shape)


def _change_by_key(sql: ImportSql, shape: Shape) -> int:
    new = ", ".join(f"{name} = {value}" for name, value in values(shape).items())
    return _written(
        sql,
        shape,
        f"""UPDATE {shape.table} t SET {new}, ended_at = NULL, delivery_id = %(delivery)s
            FROM {joined(shape)} WHERE {shape.identity} = s.key AND {is_changed(shape)}""",
    )


def _change_where_they_lie(sql: ImportSql, read: Staged, scores: str) -> int:
    """Changes a few rows of millions by their place on disk (leaving.py), in order. This touches each page once and no index. A row
    that was written since then has another place and is not found."""
    shape, new = read.shape, values(read.shape)
    rows = ", ".join(["t.place", "s.key AS key_of_row", *(f"{value} AS {name}" for name, value in new.items()), *([scores] if scores else [])])
    found = f"""n AS MATERIALIZED (SELECT {rows} FROM {joined(shape)} JOIN {read.source} t ON {shape.identity} = s.key
                  WHERE {is_changed(shape)} ORDER BY t.place)"""
    return _written(
        sql,
        shape,
        f"""UPDATE {shape.table} t SET {", ".join(f"{name} = n.{name}" for name in new)}, ended_at = NULL, delivery_id = %(delivery)s
            FROM n WHERE t.ctid = n.place AND {shape.identity} = n.key_of_row""",
        (found, f"remembered AS ({REMEMBER.format('n')})") if scores else (found,),
    )


def _written(sql: ImportSql, shape: Shape, statement: str, after: Sequence[str] = ()) -> int:
    """Returns how many rows were written, and notes their students for the access log. `after` are WITH queries that the statement uses."""
    if shape.table not in TOLD or sql.is_first:
        return sql.run(f"WITH {', '.join(after)} {statement}" if after else statement).rowcount
    written = f"written AS ({statement} RETURNING t.student_id AS student)"
    noted = f"noted AS (INSERT INTO touched SELECT student, '{TOLD[shape.table]}', count(*) FROM written GROUP BY 1)"
    return sql.number(f"WITH {', '.join([*after, written, noted])} SELECT count(*) FROM written")


def _scores_before(but_for: str) -> str:
    """Returns SQL for what result_change keeps of a row `t`. If only another field changes, for the first time, it keeps which delivery
    wrote the score. The row itself will name this delivery."""
    is_other = "ROW(t.score, t.text_score, t.status) IS DISTINCT FROM ROW(s.score, s.text_score, s.status)"
    has_history = "EXISTS (SELECT FROM result_change x WHERE x.student_id = t.student_id AND x.result_id = t.id)"
    return f"""t.id AS result_id, t.student_id AS old_student, t.score AS old_score, t.text_score AS old_text_score, t.status AS old_status,
        CASE WHEN {is_other} THEN %(delivery)s ELSE t.delivery_id END AS old_delivery,
        ({is_other} OR t.delivery_id IS NOT NULL AND NOT {has_history}) {but_for} AS is_remembered"""


def _point_to_own(sql: ImportSql, shape: Shape) -> None:
    """Sets references within a table, because a school's parent may come after it in the same file."""
    for ref in shape.refs:
        if ref.to == shape.table:
            sql.run(
                f"""UPDATE {shape.table} t SET {ref.name}_id = p.id
                    FROM {shape.stage} s JOIN {shape.table} p ON p.sourced_id = s.{ref.name}
                    WHERE t.sourced_id = s.key AND t.{ref.name}_id IS DISTINCT FROM p.id"""
            )
