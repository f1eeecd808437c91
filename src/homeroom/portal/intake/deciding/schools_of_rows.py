"""Finds the school of each row of tonight's file, and names for the rows that it points to."""

from dataclasses import dataclass

from homeroom.judging.shape import Ref, Shape
from homeroom.judging.shapes import BY_TABLE, LINE_ITEM, PERSON, SCHOOL, SECTION
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.roles import TonightRoles, make_tonight_roles
from homeroom.portal.intake.staging import Settled

TITLES = {
    "school": "{0}.name",
    "term": "{0}.title",
    "course": "{0}.title",
    "section": "{0}.title",
    "person": "{0}.given_name || ' ' || {0}.family_name",
    "category": "{0}.title",
    "line_item": "{0}.title",
    "score_scale": "{0}.title",
}


@dataclass(frozen=True, slots=True)
class SchoolOfRow:
    """Holds SQL for the school of a stage row `s` and of the portal's row `t`, and the joins for each."""

    of_stage: str
    of_ours: str
    stage_joins: str = ""
    our_joins: str = ""


def school_of_row(shape: Shape) -> SchoolOfRow:
    if shape is SCHOOL:
        return SchoolOfRow("s.key", "t.sourced_id")
    if shape is PERSON:
        return _mapped("person", "s.key", "t.sourced_id")
    by_name = {ref.name: ref for ref in shape.refs}
    if "school" in by_name:
        return SchoolOfRow("s.school", "x.sourced_id", "", " LEFT JOIN school x ON x.id = t.school_id")
    for name in ("line_item", "section", "student", "person"):
        if name in by_name:
            return _through(by_name[name])
    return SchoolOfRow("''", "''")


def _through(ref: Ref) -> SchoolOfRow:
    key = BY_TABLE[ref.to].identity.replace("t.", "x.")
    return _mapped(ref.to, f"s.{ref.name}", key, f" LEFT JOIN {ref.to} x ON x.id = t.{ref.name}_id")


def _mapped(to: str, of_stage: str, of_ours: str, joins: str = "") -> SchoolOfRow:
    mapping = " LEFT JOIN place_of_{} y ON y.key = {}"
    return SchoolOfRow("y.school", "y.school", mapping.format(to, of_stage), joins + mapping.format(to, of_ours))


@dataclass(frozen=True, slots=True)
class Placed:
    """A settled export with the school of each of its rows. It vouches for the temporary tables place_of_section, place_of_line_item and place_of_person,
    from key to school. A person's school tonight comes before last night's."""

    settled: Settled
    roles: TonightRoles


def make_places(sql: ImportSql, settled: Settled) -> Placed:
    roles = make_tonight_roles(sql)
    _make(
        sql,
        "place_of_section",
        f"""SELECT key, school FROM {SECTION.stage} UNION ALL
            SELECT t.sourced_id, c.sourced_id FROM section t JOIN school c ON c.id = t.school_id
            WHERE NOT EXISTS (SELECT FROM {SECTION.stage} s WHERE s.key = t.sourced_id)""",
    )
    _make(
        sql,
        "place_of_line_item",
        f"""SELECT s.key, y.school FROM {LINE_ITEM.stage} s JOIN place_of_section y ON y.key = s.section UNION ALL
            SELECT t.key, c.sourced_id FROM line_item t JOIN section x ON x.id = t.section_id JOIN school c ON c.id = x.school_id
            WHERE NOT EXISTS (SELECT FROM {LINE_ITEM.stage} s WHERE s.key = t.key)""",
    )
    _make(
        sql,
        "place_of_person",
        f"""SELECT DISTINCT ON (person) person AS key, school FROM (
                SELECT person, school, 0 AS rank FROM {roles.table} UNION ALL
                SELECT p.sourced_id, c.sourced_id, 1 FROM role t JOIN person p ON p.id = t.person_id
                JOIN school c ON c.id = t.school_id WHERE t.ended_at IS NULL) AS r
            ORDER BY person, rank, school""",
    )
    return Placed(settled, roles)


def make_labels(sql: ImportSql, settled: Settled) -> None:
    """Makes label_<table>, from key to name, for each table that a row may point to. Tonight's name comes before last night's."""
    wanted = {ref.to for read in settled.files if not read.is_same for ref in read.shape.refs if ref.to in TITLES}
    for table in sorted(wanted | {"school", "term", "course", "section"}):
        shape, title = BY_TABLE[table], TITLES[table]
        _make(
            sql,
            f"label_{table}",
            f"""SELECT s.key, {title.format("s")} AS label FROM {shape.stage} s UNION ALL
                SELECT {shape.identity}, {title.format("t")} FROM {table} t
                WHERE {shape.own} AND NOT EXISTS (SELECT FROM {shape.stage} s WHERE s.key = {shape.identity})""",
        )


def _make(sql: ImportSql, name: str, query: str) -> None:
    sql.run(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {query}")
    sql.run(f"CREATE INDEX ON {name} (key)")
    sql.run(f"ANALYZE {name}")
