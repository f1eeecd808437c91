"""Finds tonight's rows that would change the portal's data: the kind, the subject and the school."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.judging.shape import Shape
from homeroom.judging.shapes import COURSE, LINE_ITEM, PERSON, SCHOOL, SECTION, TERM
from homeroom.portal.intake.deciding.counting import is_changed, joined
from homeroom.portal.intake.deciding.schools_of_rows import Placed, school_of_row
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged

DETAIL = "contact_detail"  # emails and phones: from users.csv, but in a table of their own
OTHER_DETAIL = "ROW(t.email, t.phone, t.sms) IS DISTINCT FROM ROW(s.email, s.phone, s.sms)"


def differing(shape: Shape) -> str:
    """Names the shape's table: kind, place (ctid in the stage), id (of the portal's row), subject (sourcedId), school."""
    return f"differing_{shape.name or shape.table}"


def about(shape: Shape) -> str:
    """Returns the kind of thing that the rows are about, or "" if no page shows them one by one."""
    if shape in (SCHOOL, TERM, COURSE, SECTION, PERSON):
        return shape.table
    if shape is LINE_ITEM:
        return "section"
    return "person" if any(ref.name in ("student", "person") for ref in shape.refs) else ""


@dataclass(frozen=True, slots=True)
class Differing:
    """Vouches for the temporary table differing(shape) of each of `files`, whose rows were read. `has_details`: emails and phones have one, too."""

    placed: Placed
    files: Sequence[Staged]
    has_details: bool


def make_differing(sql: ImportSql, placed: Placed, *, with_details: bool) -> Differing:
    files = [each for each in placed.settled.files if not each.is_same]
    for each in files:
        _make_differing(sql, each)
    has_details = with_details and any(each.shape is PERSON for each in files)
    if has_details:
        _make_differing_details(sql)
    return Differing(placed, files, has_details)


def _make_differing(sql: ImportSql, read: Staged) -> None:
    shape, place = read.shape, school_of_row(read.shape)
    of_stage, of_ours, our_joins = _subject(shape)
    name = differing(shape)
    sql.run(
        f"""CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS
            SELECT CASE WHEN t.{shape.id} IS NULL THEN 'new' ELSE 'changed' END AS kind, s.ctid AS place, t.{shape.id} AS id,
                {of_stage} AS subject, coalesce({place.of_stage}, '') AS school
            FROM {joined(shape)} LEFT JOIN {read.source} t ON {shape.identity} = s.key{place.stage_joins}
            WHERE t.{shape.id} IS NULL OR {is_changed(shape)}
            UNION ALL SELECT 'going', NULL, t.{shape.id}, {of_ours}, coalesce({place.of_ours}, '')
            FROM {shape.going} g JOIN {shape.table} t ON t.{shape.id} = g.id{our_joins}{place.our_joins}"""
    )
    sql.run(f"ANALYZE {name}")


def _make_differing_details(sql: ImportSql) -> None:
    sql.run(
        f"""CREATE TEMPORARY TABLE differing_{DETAIL} ON COMMIT DROP AS
            SELECT CASE WHEN t.person_id IS NULL THEN 'new' ELSE 'changed' END AS kind, s.ctid AS place, t.person_id AS id,
                s.key AS subject, coalesce(y.school, '') AS school
            FROM {PERSON.stage} s LEFT JOIN person p ON p.sourced_id = s.key LEFT JOIN contact_detail t ON t.person_id = p.id
                LEFT JOIN place_of_person y ON y.key = s.key
            WHERE CASE WHEN t.person_id IS NULL THEN s.email || s.phone || s.sms <> '' ELSE {OTHER_DETAIL} END"""
    )
    sql.run(f"ANALYZE differing_{DETAIL}")


def _subject(shape: Shape) -> tuple[str, str, str]:
    """Returns SQL for the subject of a stage row, for that of the portal's row, and the joins for the second."""
    ref = next((ref for ref in shape.refs if ref.name in ("student", "person")), None)
    if shape is LINE_ITEM:
        ref = next(ref for ref in shape.refs if ref.name == "section")
    if ref:
        return f"s.{ref.name}", "w.sourced_id", f" LEFT JOIN {ref.to} w ON w.id = t.{ref.name}_id"
    return ("s.key", "t.sourced_id", "") if about(shape) else ("NULL::text", "NULL::text", "")
