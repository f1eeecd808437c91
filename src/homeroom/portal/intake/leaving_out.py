"""Leaves parts of a file out of an approval. Their rows leave the stages, and the next file finds them again as if they were new."""

from collections.abc import Sequence

from homeroom.judging.decide import Found
from homeroom.judging.refusals import Late, NotYet
from homeroom.judging.shapes import BY_TABLE, PERSON, SECTION, TERM
from homeroom.portal.intake.beside import settle_roles
from homeroom.portal.intake.counting import count
from homeroom.portal.intake.crosscheck import is_nowhere
from homeroom.portal.intake.deciding import Decision
from homeroom.portal.intake.differing import DETAIL, differing, make_differing
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.places import make_places
from homeroom.portal.intake.reading import Read


def leave_out(night: Night, reads: Sequence[Read], found: Found, decision: Decision) -> Found:
    """Leaves out rows by school (sourcedId) and by table, and rows that would then point to nothing. Returns what is left to write. Raises NotYet."""
    if not decision.schools and not decision.tables:
        return found
    read = [each for each in reads if not each.is_same]
    night.run("CREATE TEMPORARY TABLE left_out (file text, key uuid) ON COMMIT DROP")
    night.left_out |= {each.file for each in reads} | {each.table.file for each in reads}
    make_places(night)
    _leave_details(night, decision)
    for each in read:
        make_differing(night, each)
    for each in read:
        _take_out(night, each, decision)
    _take_out_dangling(night, read)
    _keep_answered(night)
    _settle_people(night)
    return count(night, reads)


def _leave_details(night: Night, decision: Decision) -> None:
    """Replaces the staged emails and phones with the portal's current ones."""
    night.run(
        f"""UPDATE {PERSON.stage} s SET email = coalesce(t.email, ''), phone = coalesce(t.phone, ''), sms = coalesce(t.sms, '')
            FROM {PERSON.stage} a LEFT JOIN place_of_person y ON y.key = a.key
                LEFT JOIN person p ON p.sourced_id = a.key LEFT JOIN contact_detail t ON t.person_id = p.id
            WHERE a.key = s.key AND (%(all)s OR y.school = ANY (%(schools)s))""",
        all=bool({DETAIL, PERSON.table} & {*decision.tables}),
        schools=list(decision.schools),
    )


def _take_out(night: Night, read: Read, decision: Decision) -> None:
    """Keeps the keys of large files, so that the sidecar can list these lines as not written."""
    shape, rows = read.shape, differing(read.shape)
    chosen = "(%(all)s OR school = ANY (%(schools)s))"
    words = {"all": shape.table in decision.tables, "schools": list(decision.schools)}
    going = f"DELETE FROM {shape.going} WHERE id IN (SELECT id FROM {rows} WHERE kind = 'going' AND {chosen}) RETURNING id"
    if shape.is_big:
        found = f"SELECT {shape.identity} FROM gone g JOIN {shape.table} t ON t.{shape.id} = g.id"
        night.run(f"WITH gone AS ({going}) INSERT INTO left_out SELECT '{read.file}', k.key FROM ({found}) AS k (key)", **words)
    else:
        night.run(going, **words)
    _take_staged(night, read, f"ctid IN (SELECT place FROM {rows} WHERE kind <> 'going' AND {chosen})", **words)
    if shape is SECTION:  # an unchanged class may meet in other terms
        _take_staged(night, read, chosen, **words)


def _take_staged(night: Night, read: Read, where: str, **words: object) -> int:
    if read.shape.is_big:
        taken = f"DELETE FROM {read.shape.stage} s WHERE {where} RETURNING key"
        return night.run(f"WITH taken AS ({taken}) INSERT INTO left_out SELECT '{read.file}', key FROM taken", **words).rowcount
    return night.run(f"DELETE FROM {read.shape.stage} s WHERE {where}", **words).rowcount


def _take_out_dangling(night: Night, reads: Sequence[Read]) -> None:
    """Goes in the order in which rows point to one another, so that one pass is enough."""
    for read in reads:
        for ref in read.shape.refs:
            nowhere = f"s.{ref.name} IS NOT NULL AND {is_nowhere(night, BY_TABLE[ref.to], f's.{ref.name}')}"
            while _take_staged(night, read, nowhere) and ref.to == read.shape.table:
                pass  # a school's parent, and its parent
        if read.shape is SECTION:
            there = f"EXISTS (SELECT FROM stage_section_term x WHERE x.section = s.key AND NOT {is_nowhere(night, TERM, 'x.term')})"
            _take_staged(night, read, f"NOT {there}")


def _keep_answered(night: Night) -> None:
    """Raises NotYet if a person with an answer has no row left. No one would have the sourcedId then, and the answer would be used up."""
    row = f"SELECT FROM {PERSON.stage} s WHERE s.key = coalesce((SELECT f.present FROM leads_on f WHERE f.sourced_id = k.sourced_id), k.sourced_id)"
    if night.number(f"SELECT count(*) FROM asked k WHERE NOT EXISTS ({row})"):
        raise NotYet(Late.ANSWERED_ABOUT)


def _settle_people(night: Night) -> None:
    """Marks who is a student and who is staff, from the roles that are left."""
    night.run(f"UPDATE {PERSON.stage} SET is_student = false, is_staff = false WHERE is_student OR is_staff")
    night.run("DROP TABLE IF EXISTS tonight_role")
    settle_roles(night)
