"""Leaves parts of a file out of an approval. Their rows leave the stages, and the next file finds them again as if they were new."""

from collections.abc import Sequence
from dataclasses import replace

from homeroom.judging.refusals import Late, NotYet
from homeroom.judging.shapes import BY_TABLE, PERSON, SECTION, TERM
from homeroom.portal.intake.deciding.counting import Counted, count
from homeroom.portal.intake.deciding.decisions import Decision
from homeroom.portal.intake.deciding.differing import DETAIL, differing, make_differing
from homeroom.portal.intake.deciding.schools_of_rows import make_places
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.people.same_person import FormerIds, Questions
from homeroom.portal.intake.reading.crosscheck import is_nowhere
from homeroom.portal.intake.reading.files import Staged
from homeroom.portal.intake.reading.roles import TonightRoles, settle_roles
from homeroom.portal.intake.reading.terms import Terms


def leave_out(sql: ImportSql, counted: Counted, decision: Decision) -> Counted:
    """Leaves out rows by school (sourcedId) and by table, and rows that would then point to nothing. Returns what is left to write. Raises NotYet."""
    if not decision.schools and not decision.tables:
        return counted
    settled = counted.settled
    sql.run("CREATE TEMPORARY TABLE left_out (file text, key uuid) ON COMMIT DROP")
    left_out = {each.file for each in settled.files} | {each.table.file for each in settled.files}
    placed = make_places(sql, settled)
    _leave_details(sql, decision)
    differ = make_differing(sql, placed, with_details=False)
    for each in differ.files:
        _take_out(sql, each, decision)
    _take_out_dangling(sql, differ.files, settled.terms)
    _keep_answered(sql, settled.former, settled.questions)
    return count(sql, replace(settled, roles=_settle_people(sql), left_out=frozenset(left_out)))


def _leave_details(sql: ImportSql, decision: Decision) -> None:
    """Replaces the staged emails and phones with the portal's current ones."""
    sql.run(
        f"""UPDATE {PERSON.stage} s SET email = coalesce(t.email, ''), phone = coalesce(t.phone, ''), sms = coalesce(t.sms, '')
            FROM {PERSON.stage} a LEFT JOIN place_of_person y ON y.key = a.key
                LEFT JOIN person p ON p.sourced_id = a.key LEFT JOIN contact_detail t ON t.person_id = p.id
            WHERE a.key = s.key AND (%(all)s OR y.school = ANY (%(schools)s))""",
        all=bool({DETAIL, PERSON.table} & {*decision.tables}),
        schools=list(decision.schools),
    )


def _take_out(sql: ImportSql, read: Staged, decision: Decision) -> None:
    """Keeps the keys of large files, so that the sidecar can list these lines as not written."""
    shape, rows = read.shape, differing(read.shape)
    chosen = "(%(all)s OR school = ANY (%(schools)s))"
    words = {"all": shape.table in decision.tables, "schools": list(decision.schools)}
    going = f"DELETE FROM {shape.going} WHERE id IN (SELECT id FROM {rows} WHERE kind = 'going' AND {chosen}) RETURNING id"
    if shape.is_big:
        found = f"SELECT {shape.identity} FROM gone g JOIN {shape.table} t ON t.{shape.id} = g.id"
        sql.run(f"WITH gone AS ({going}) INSERT INTO left_out SELECT '{read.file}', k.key FROM ({found}) AS k (key)", **words)
    else:
        sql.run(going, **words)
    _take_staged(sql, read, f"ctid IN (SELECT place FROM {rows} WHERE kind <> 'going' AND {chosen})", **words)
    if shape is SECTION:  # an unchanged class may meet in other terms
        _take_staged(sql, read, chosen, **words)


def _take_staged(sql: ImportSql, read: Staged, where: str, **words: object) -> int:
    if read.shape.is_big:
        taken = f"DELETE FROM {read.shape.stage} s WHERE {where} RETURNING key"
        return sql.run(f"WITH taken AS ({taken}) INSERT INTO left_out SELECT '{read.file}', key FROM taken", **words).rowcount
    return sql.run(f"DELETE FROM {read.shape.stage} s WHERE {where}", **words).rowcount


def _take_out_dangling(sql: ImportSql, reads: Sequence[Staged], terms: Terms) -> None:
    """Goes in the order in which rows point to one another, so that one pass is enough."""
    for read in reads:
        for ref in read.shape.refs:
            nowhere = f"s.{ref.name} IS NOT NULL AND {is_nowhere(sql, BY_TABLE[ref.to], f's.{ref.name}')}"
            while _take_staged(sql, read, nowhere) and ref.to == read.shape.table:
                pass  # a school's parent, and its parent
        if read.shape is SECTION:
            there = f"EXISTS (SELECT FROM {terms.of_classes} x WHERE x.section = s.key AND NOT {is_nowhere(sql, TERM, 'x.term')})"
            _take_staged(sql, read, f"NOT {there}")


def _keep_answered(sql: ImportSql, former: FormerIds, questions: Questions) -> None:
    """Raises NotYet if a person with an answer has no row left. No one would have the sourcedId then, and the answer would be used up."""
    row = f"SELECT FROM {PERSON.stage} s WHERE s.key = coalesce((SELECT f.present FROM {former.leads_on} f WHERE f.sourced_id = k.sourced_id), k.sourced_id)"
    if sql.number(f"SELECT count(*) FROM {questions.table} k WHERE NOT EXISTS ({row})"):
        raise NotYet(Late.ANSWERED_ABOUT)


def _settle_people(sql: ImportSql) -> TonightRoles | None:
    """Marks who is a student and who is staff, from the roles that are left."""
    sql.run(f"UPDATE {PERSON.stage} SET is_student = false, is_staff = false WHERE is_student OR is_staff")
    sql.run("DROP TABLE IF EXISTS tonight_role")
    return settle_roles(sql)
