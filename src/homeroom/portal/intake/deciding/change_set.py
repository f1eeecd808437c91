"""Stores what a file on hold would change, so that an administrator can read it and decide: counts, people, old and new values.

SQL writes it from the stages, in the transaction that puts the delivery on hold. All rows of each person are counted. Only a few
of each kind are kept, because seven million scores would need a second database.
"""

from homeroom.judging.decide import StandsOut
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import CONTACT, PERSON, SCHOOL, SECTION
from homeroom.portal.intake.deciding.counting import Counted
from homeroom.portal.intake.deciding.differing import DETAIL, about, differing, make_differing
from homeroom.portal.intake.deciding.schools_of_rows import TITLES, Placed, make_labels, make_places
from homeroom.portal.intake.deciding.standing_out import find_standing_out
from homeroom.portal.intake.import_sql import ImportSql

KEPT_IN_ALL = 200_000  # rows of one kind that are kept …
KEPT_LEAST, KEPT_MOST = 2, 50  # … and of one person
FOLDED = "regexp_replace(normalize(lower({}), NFD), '[\\u0300-\\u036f]', '', 'g')"
DETAIL_FIELDS = ("email", "phone", "sms")


def write_change_set(sql: ImportSql, counted: Counted) -> Placed:
    placed = make_places(sql, counted.settled)
    make_labels(sql, counted.settled)
    differ = make_differing(sql, placed, with_details=True)
    sql.run("CREATE TEMPORARY TABLE tally (about text, subject text, shape text, kind text, school text, rows bigint) ON COMMIT DROP")
    sql.run("CREATE TEMPORARY TABLE kept (about text, subject text, shape text, kind text, old jsonb, new jsonb) ON COMMIT DROP")
    for each in differ.files:
        _tally(sql, each.shape.table, differing(each.shape), about(each.shape))
        if about(each.shape):
            _keep(sql, each.shape)
    if differ.has_details:
        _tally(sql, DETAIL, f"differing_{DETAIL}", "person")
        _keep_details(sql)
    find_standing_out(sql, differ)
    _write(sql)
    return placed


def _tally(sql: ImportSql, table: str, rows: str, about: str) -> None:
    sql.run(
        f"""INSERT INTO tally SELECT '{about}', subject, '{table}', kind, school, count(*)
            FROM {rows} GROUP BY subject, kind, school"""
    )


def _keep(sql: ImportSql, shape: Shape) -> None:
    refs = [ref for ref in shape.refs if ref.to in TITLES and (ref.name not in ("student", "person") or shape.table == CONTACT.table)]
    refs = [ref for ref in refs if ref.name != "student"]
    kept = [each for each in shape.kept if each.name != shape.key_column]
    new = {each.name: f"s.{each.name}" for each in kept} | {ref.name: f"l_{ref.name}.label" for ref in refs}
    old = {each.name: f"t.{each.name}" for each in kept} | {ref.name: TITLES[ref.to].format(f"o_{ref.name}") for ref in refs}
    if shape is SECTION:
        new["terms"] = "(SELECT string_agg(l.label, ', ' ORDER BY l.label) FROM label_term l WHERE l.key = ANY (s.terms))"
        old["terms"] = f"""(SELECT string_agg({TITLES["term"].format("u")}, ', ' ORDER BY {TITLES["term"].format("u")})
            FROM section_term x JOIN term u ON u.id = x.term_id WHERE x.section_id = t.id)"""
    labels = "".join(f" LEFT JOIN label_{ref.to} l_{ref.name} ON l_{ref.name}.key = s.{ref.name}" for ref in refs)
    ours = "".join(f" LEFT JOIN {ref.to} o_{ref.name} ON o_{ref.name}.id = t.{ref.name}_id" for ref in refs)
    _keep_some(sql, about(shape), shape.table, differing(shape), _document(old), _document(new), f"""
        LEFT JOIN {shape.stage} s ON s.ctid = d.place{labels} LEFT JOIN {shape.table} t ON t.{shape.id} = d.id{ours}""")  # fmt: skip


def _keep_details(sql: ImportSql) -> None:
    old, new = ({name: f"{row}.{name}" for name in DETAIL_FIELDS} for row in "ts")
    _keep_some(sql, "person", DETAIL, f"differing_{DETAIL}", _document(old), _document(new), f"""
        LEFT JOIN {PERSON.stage} s ON s.ctid = d.place LEFT JOIN contact_detail t ON t.person_id = d.id""")  # fmt: skip


def _keep_some(sql: ImportSql, about: str, table: str, rows: str, old: str, new: str, joins: str) -> None:
    """Keeps some rows of each person. Changed and ended rows come before new ones."""
    subjects = sql.number(f"SELECT count(DISTINCT subject) FROM {rows}")
    most = max(KEPT_LEAST, min(KEPT_MOST, KEPT_IN_ALL // max(subjects, 1)))
    sql.run(
        f"""INSERT INTO kept SELECT '{about}', d.subject, '{table}', d.kind,
                CASE WHEN d.kind <> 'new' THEN {old} END, CASE WHEN d.kind <> 'going' THEN {new} END
            FROM (SELECT *, row_number() OVER (PARTITION BY subject ORDER BY kind) AS number FROM {rows}) d{joins}
            WHERE d.number <= {most}"""
    )


def _document(cells: dict[str, str]) -> str:
    return f"jsonb_strip_nulls(jsonb_build_object({', '.join(f"'{name}', {sql}" for name, sql in cells.items())}))"


def _write(sql: ImportSql) -> None:
    sql.run("ANALYZE tally")
    sql.run(
        """INSERT INTO change_count (delivery_id, shape, school, school_title, kind, rows)
            SELECT %(delivery)s, shape, school, coalesce(label, school), kind, sum(rows)
            FROM tally LEFT JOIN label_school l ON l.key = school GROUP BY shape, school, label, kind"""
    )
    sql.run(_SUBJECTS + _CHANGES)
    sql.run(
        """INSERT INTO change_detail (change_id, rows)
            SELECT c.id, jsonb_agg(jsonb_build_object('shape', k.shape, 'kind', k.kind, 'old', k.old, 'new', k.new))
            FROM kept k JOIN change c ON c.delivery_id = %(delivery)s AND c.about = k.about AND c.sourced_id = k.subject
            GROUP BY c.id"""
    )


_SUBJECTS = """WITH summed AS (
        SELECT about, subject, shape, kind, sum(rows) AS rows FROM tally WHERE about <> '' AND subject IS NOT NULL
        GROUP BY about, subject, shape, kind),
    counted AS (
        SELECT about, subject, jsonb_object_agg(shape || ' ' || kind, rows) AS counts,
            array_agg(DISTINCT shape) || array_agg(DISTINCT kind) || array_agg(DISTINCT shape || ' ' || kind) AS marks
        FROM summed GROUP BY about, subject),
    schools AS (
        SELECT about, subject, array_agg(DISTINCT school) AS schools FROM tally WHERE school <> '' GROUP BY about, subject),
    odd AS (SELECT subject, array_agg(DISTINCT code) AS codes FROM standing_out GROUP BY subject),
    titles AS (
        SELECT 'section' AS about, key, label FROM label_section UNION ALL SELECT 'course', key, label FROM label_course
        UNION ALL SELECT 'term', key, label FROM label_term UNION ALL SELECT 'school', key, label FROM label_school),"""
_CHANGES = f"""
    named AS (
        SELECT c.*, p.id AS person_id, coalesce(p.family_name, s.family_name, '') AS family,
            coalesce(p.given_name || ' ' || p.family_name, s.given_name || ' ' || s.family_name, l.label, c.subject) AS name,
            concat_ws(' ', p.given_name, nullif(p.middle_name, ''), p.family_name, s.given_name, s.family_name, l.label, c.subject) AS words
        FROM counted c LEFT JOIN person p ON c.about = 'person' AND p.sourced_id = c.subject
            LEFT JOIN {PERSON.stage} s ON c.about = 'person' AND s.key = c.subject
            LEFT JOIN titles l ON l.about = c.about AND l.key = c.subject)
    INSERT INTO change (delivery_id, place, about, sourced_id, person_id, name, search, schools, marks, counts, stands_out)
    SELECT %(delivery)s, row_number() OVER (
            ORDER BY (n.about = 'person' AND '{StandsOut.STILL_HERE}' = ANY (coalesce(o.codes, '{{}}'))) DESC,
            (n.about = 'person' AND '{PERSON.table} going' = ANY (n.marks)) DESC,
            array_position(ARRAY['person', '{SCHOOL.table}', 'term', 'course', 'section'], n.about), lower(n.family), lower(n.name), n.subject),
        n.about, n.subject, n.person_id, n.name, {FOLDED.format("n.words")}, coalesce(h.schools, '{{}}'), n.marks, n.counts,
        coalesce(o.codes, '{{}}')
    FROM named n LEFT JOIN schools h ON h.about = n.about AND h.subject = n.subject
        LEFT JOIN odd o ON n.about = 'person' AND o.subject = n.subject"""


def name_newcomers(sql: ImportSql) -> None:
    """Links changes of newcomers to the people whom an import added. Their changes now open only after a view."""
    sql.run(
        "UPDATE change c SET person_id = p.id FROM person p WHERE c.person_id IS NULL AND c.about = 'person' AND p.sourced_id = c.sourced_id"
    )


def forget_newcomers(sql: ImportSql) -> None:
    """Unlinks changes from people whom an undo removed. They are shown as newcomers' changes again."""
    sql.run("UPDATE change c SET person_id = NULL WHERE c.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM person p WHERE p.id = c.person_id)")
