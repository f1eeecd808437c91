"""Finds the terms that a file covers, since they decide what it may end, and the terms of its classes."""

from dataclasses import dataclass

from homeroom.formats.reasons import Reason
from homeroom.judging.shapes import SECTION, TERM
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.crosscheck import is_nowhere, refuse, unsent
from homeroom.portal.intake.reading.files import Staged, Staging

RUNNING = "start_date <= %(today)s AND end_date > %(today)s"


@dataclass(frozen=True, slots=True)
class Terms:
    """Vouches for three temporary tables. `spoken` has ids of terms in which the file has classes or that are running, and shapes name it in their SQL.
    `of_classes` has one row per class and known term, and `changed` the classes whose terms the file changes."""

    spoken: str = "spoken_term"
    of_classes: str = "stage_section_term"
    changed: str = "other_terms"


def settle_sections(sql: Staging, read: Staged | None) -> Terms:
    """Refuses a class that has no known term. `read` is classes.csv."""
    _find_spoken_terms(sql, read)
    _stage_section_terms(sql)
    if read:
        nowhere = "NOT EXISTS (SELECT FROM stage_section_term x WHERE x.section = s.key)"
        refuse(sql, read, nowhere, "termSourcedIds", Reason.REFERENCE_DANGLING, unsent(sql, TERM))
    return Terms()


def _find_spoken_terms(sql: ImportSql, read: Staged | None) -> None:
    """Finds the terms in which the file has classes, and those that are running on the day of the export."""
    sql.run("CREATE TEMPORARY TABLE spoken_term (id integer PRIMARY KEY) ON COMMIT DROP")
    listed = f"SELECT t.id FROM term t JOIN {SECTION.stage} s ON t.sourced_id = ANY (s.terms)"
    if read and read.is_delta:  # a delta also covers terms of its left-out classes, except sessions that are over: these are history
        current = "SELECT x.term_id FROM section_term x JOIN section t ON t.id = x.section_id JOIN term u ON u.id = x.term_id"
        listed += f" UNION {current} WHERE t.ended_at IS NULL AND u.end_date > %(today)s"
    sql.run(
        f"INSERT INTO spoken_term SELECT t.id FROM term t WHERE t.ended_at IS NULL AND {RUNNING} UNION {listed}"
    )


def _stage_section_terms(sql: ImportSql) -> None:
    sql.run("CREATE TEMPORARY TABLE stage_section_term (section text, term text) ON COMMIT DROP")
    sql.run(
        f"""INSERT INTO stage_section_term SELECT s.key, u.term FROM {SECTION.stage} s, unnest(s.terms) AS u (term)
            WHERE NOT ({is_nowhere(sql, TERM, "u.term")})"""
    )
    sql.run(
        f"""CREATE TEMPORARY TABLE other_terms ON COMMIT DROP AS SELECT DISTINCT section FROM (SELECT *, true AS is_there FROM stage_section_term) y FULL JOIN (
                SELECT c.sourced_id AS section, u.sourced_id AS term, true AS was_there
                FROM section c JOIN {SECTION.stage} s ON s.key = c.sourced_id
                    JOIN section_term x ON x.section_id = c.id JOIN term u ON u.id = x.term_id) t USING (section, term)
            WHERE is_there IS NULL OR was_there IS NULL"""
    )
