"""Finds rows that a file would end. A bulk file ends rows that it leaves out, except rows of sessions that are over and not in the file."""

from homeroom.judging.shape import Shape
from homeroom.judging.shapes import SECTION, TERM
from homeroom.portal.intake.crosscheck import is_nowhere
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read

RUNNING = "start_date <= %(today)s AND end_date > %(today)s"


def find_going(night: Night, read: Read) -> None:
    shape = read.shape
    left_out = f"{shape.identity} IN (SELECT key FROM {shape.gone})" if read.is_partial else "true"
    spoken = "true" if read.is_delta else shape.spoken  # a delta names what it ends
    if read.is_partial:
        _set_apart(night, shape)
    night.run(
        f"""INSERT INTO {shape.going} SELECT t.{shape.id} FROM {read.source} t
            WHERE t.ended_at IS NULL AND {shape.own} AND {left_out} AND {spoken}
                AND NOT EXISTS (SELECT FROM {shape.stage} s WHERE s.key = {shape.identity})
                AND NOT EXISTS (SELECT FROM {shape.left} l WHERE l.key = {shape.identity})"""
    )
    night.run(f"ANALYZE {shape.going}")


def _set_apart(night: Night, shape: Shape) -> None:
    """Copies the few rows that the file may change, with the place (ctid) of each, so that the large table is searched once."""
    keys, was = f"keys_of_{shape.name or shape.table}", f"{shape.was} ON COMMIT DROP"
    union = f"SELECT key FROM {shape.gone} UNION SELECT key FROM {shape.stage} ORDER BY key"
    night.run(f"CREATE TEMPORARY TABLE {keys} ON COMMIT DROP AS {union}")
    night.run(f"ANALYZE {keys}")
    if shape.is_big:  # with a bitmap, which reads millions of rows in the order on disk. It takes half the time of one key after another
        night.run("SET LOCAL enable_indexscan = off")
        found = f"FROM {shape.table} t WHERE {shape.identity} = ANY (ARRAY(SELECT key FROM {keys}))"
    else:
        found = f"FROM {keys} k JOIN {shape.table} t ON {shape.identity} = k.key"
    night.run(f"CREATE TEMPORARY TABLE {was} AS SELECT t.ctid AS place, t.* {found}")
    night.run("SET LOCAL enable_indexscan = on")
    night.run(f"ANALYZE {shape.was}")


def find_spoken_terms(night: Night, read: Read | None) -> None:
    """Finds the terms in which the file has classes, and those that are running on the day of the export."""
    night.run("CREATE TEMPORARY TABLE spoken_term (id integer PRIMARY KEY) ON COMMIT DROP")
    listed = f"SELECT t.id FROM term t JOIN {SECTION.stage} s ON t.sourced_id = ANY (s.terms)"
    if read and read.is_delta:  # a delta also covers terms of its left-out classes, except sessions that are over: these are history
        current = "SELECT x.term_id FROM section_term x JOIN section t ON t.id = x.section_id JOIN term u ON u.id = x.term_id"
        listed += f" UNION {current} WHERE t.ended_at IS NULL AND u.end_date > %(today)s"
    night.run(
        f"INSERT INTO spoken_term SELECT t.id FROM term t WHERE t.ended_at IS NULL AND {RUNNING} UNION {listed}"
    )


def stage_section_terms(night: Night) -> None:
    """Makes one row per class and known term. The table `other_terms` has the classes whose terms the file changes."""
    night.run("CREATE TEMPORARY TABLE stage_section_term (section text, term text) ON COMMIT DROP")
    night.run(
        f"""INSERT INTO stage_section_term SELECT s.key, u.term FROM {SECTION.stage} s, unnest(s.terms) AS u (term)
            WHERE NOT ({is_nowhere(night, TERM, "u.term")})"""
    )
    night.run(
        f"""CREATE TEMPORARY TABLE other_terms ON COMMIT DROP AS SELECT DISTINCT section FROM (SELECT *, true AS is_there FROM stage_section_term) y FULL JOIN (
                SELECT c.sourced_id AS section, u.sourced_id AS term, true AS was_there
                FROM section c JOIN {SECTION.stage} s ON s.key = c.sourced_id
                    JOIN section_term x ON x.section_id = c.id JOIN term u ON u.id = x.term_id) t USING (section, term)
            WHERE is_there IS NULL OR was_there IS NULL"""
    )
