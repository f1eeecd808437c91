"""Finds tonight's rows that would change the portal's data: the kind, the subject and the school."""

from homeroom.judging.shape import Shape
from homeroom.judging.shapes import COURSE, LINE_ITEM, PERSON, SCHOOL, SECTION, TERM
from homeroom.portal.intake.counting import is_changed, joined
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.places import place_of
from homeroom.portal.intake.reading import Read

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


def make_differing(night: Night, read: Read) -> None:
    shape, place = read.shape, place_of(read.shape)
    of_stage, of_ours, our_joins = _subject(shape)
    name = differing(shape)
    night.run(
        f"""CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS
            SELECT CASE WHEN t.{shape.id} IS NULL THEN 'new' ELSE 'changed' END AS kind, s.ctid AS place, t.{shape.id} AS id,
                {of_stage} AS subject, coalesce({place.of_stage}, '') AS school
            FROM {joined(shape)} LEFT JOIN {read.source} t ON {shape.identity} = s.key{place.stage_joins}
            WHERE t.{shape.id} IS NULL OR {is_changed(shape)}
            UNION ALL SELECT 'going', NULL, t.{shape.id}, {of_ours}, coalesce({place.of_ours}, '')
            FROM {shape.going} g JOIN {shape.table} t ON t.{shape.id} = g.id{our_joins}{place.our_joins}"""
    )
    night.run(f"ANALYZE {name}")


def make_differing_details(night: Night) -> None:
    night.run(
        f"""CREATE TEMPORARY TABLE differing_{DETAIL} ON COMMIT DROP AS
            SELECT CASE WHEN t.person_id IS NULL THEN 'new' ELSE 'changed' END AS kind, s.ctid AS place, t.person_id AS id,
                s.key AS subject, coalesce(y.school, '') AS school
            FROM {PERSON.stage} s LEFT JOIN person p ON p.sourced_id = s.key LEFT JOIN contact_detail t ON t.person_id = p.id
                LEFT JOIN place_of_person y ON y.key = s.key
            WHERE CASE WHEN t.person_id IS NULL THEN s.email || s.phone || s.sms <> '' ELSE {OTHER_DETAIL} END"""
    )
    night.run(f"ANALYZE differing_{DETAIL}")


def _subject(shape: Shape) -> tuple[str, str, str]:
    """Returns SQL for the subject of a stage row, for that of the portal's row, and the joins for the second."""
    ref = next((ref for ref in shape.refs if ref.name in ("student", "person")), None)
    if shape is LINE_ITEM:
        ref = next(ref for ref in shape.refs if ref.name == "section")
    if ref:
        return f"s.{ref.name}", "w.sourced_id", f" LEFT JOIN {ref.to} w ON w.id = t.{ref.name}_id"
    return ("s.key", "t.sourced_id", "") if about(shape) else ("NULL::text", "NULL::text", "")
