"""Every file of a package into its stage, checked against the others: what it names, doubles, points to and leaves out."""

from collections.abc import Iterable

from homeroom.formats.manifest import Listed
from homeroom.portal.intake import answering, beside, roles, same_person
from homeroom.portal.intake.crosscheck import refuse_dangling, refuse_doubled
from homeroom.portal.intake.fingerprint import unchanged
from homeroom.portal.intake.former_ids import follow
from homeroom.portal.intake.leaving import find_going
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read, read_file
from homeroom.portal.intake.shapes import AGENT, ALL, DEMOGRAPHIC, PERSON, ROLE, SECTION
from homeroom.portal.intake.stage import make_stage
from homeroom.portal.intake.store import Store


def stage(night: Night, files: Iterable[Listed], store: Store) -> list[Read]:
    """In the order in which rows point to one another. Raises PackageRefused, NotYet."""
    by_stem = {listed.table.stem: listed for listed in files}
    night.is_whole = night.is_settling and same_person.has_new_people(night)
    same = {} if night.is_whole else unchanged(night, tuple(by_stem.values()), [shape.stem for shape in ALL if shape.is_big])
    for shape in (*ALL, AGENT):
        make_stage(night, shape)
    night.run("CREATE TEMPORARY TABLE touched (student integer, kind text, rows bigint) ON COMMIT DROP")
    reads: list[Read] = []
    for shape in ALL:
        listed = by_stem.get(shape.stem)
        read = read_file(night, listed, shape, store, same.get(shape.stem)) if listed else None
        follow(night, shape)
        if shape is SECTION:
            beside.settle_sections(night, read)
        if shape is DEMOGRAPHIC:
            beside.settle_demographics(night)
            _settle_people(night)
        if shape is ROLE:
            read = roles.settle(night, read, _of(PERSON, reads))
        if read:
            _check(night, read)
            reads.append(read)
        if shape is ROLE:
            beside.settle_roles(night)
            reads += _agents(night, reads)
    return reads


def _settle_people(night: Night) -> None:
    same_person.find_questions(night)
    if night.is_settling:
        answering.settle(night)


def _of(shape: object, reads: Iterable[Read]) -> Read | None:
    return next((read for read in reads if read.shape is shape), None)


def _check(night: Night, read: Read) -> None:
    if read.is_same:
        return
    find_going(night, read)
    refuse_doubled(night, read)
    refuse_dangling(night, read)


def _agents(night: Night, reads: Iterable[Read]) -> list[Read]:
    """Links in users.csv, once the roles are known."""
    people = _of(PERSON, reads)
    if people is None:
        return []
    links = Read(AGENT, people.table, "agents", is_same=people.is_same)
    if not links.is_same:
        beside.stage_agents(night)
        find_going(night, links)
        return [links]
    count = night.number(f"SELECT count(*) FROM contact t WHERE ended_at IS NULL AND {AGENT.own}")
    night.found.read[links.file] = count
    return [links]
