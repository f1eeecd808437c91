"""Reads every file of a package into its stage and checks it against the others: repeated keys, references and rows left out."""

from collections.abc import Iterable, Mapping, Sequence

from homeroom.formats.manifest import Listed
from homeroom.judging.particular import DOUBLED_FIRST, READ_ANYWAY
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import AGENT, ALL, DEMOGRAPHIC, PERSON, ROLE, SECTION
from homeroom.portal.intake import agents, answering, beside, roles, same_person
from homeroom.portal.intake.crosscheck import refuse_dangling, refuse_doubled
from homeroom.portal.intake.erased import find_erased, without_erased
from homeroom.portal.intake.fingerprint import unchanged
from homeroom.portal.intake.former_ids import find_former, follow
from homeroom.portal.intake.leaving import find_going
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.reading import Read, read_file
from homeroom.portal.intake.stage import make_stage, set_ended_apart
from homeroom.portal.intake.store import Store


def stage(night: Night, files: Iterable[Listed], store: Store) -> list[Read]:
    """Stages files in the order in which rows point to one another. Raises PackageRefused, NotYet."""
    by_stem = {listed.table.stem: listed for listed in files}
    night.is_whole = night.is_settling and same_person.has_new_people(night)
    same = {} if night.is_whole else unchanged(night, tuple(by_stem.values()), READ_ANYWAY)
    _make_stages(night, by_stem)
    find_erased(night)
    reads: list[Read] = []
    people: Read | None = None
    for shape in ALL:
        listed = by_stem.get(shape.stem)
        read = read_file(night, listed, shape, store, same.get(shape.stem)) if listed else None
        if read:
            without_erased(night, read)
        if shape is PERSON:
            people = read  # completed later, because birth dates help to identify people
            continue
        if shape is DEMOGRAPHIC:
            find_former(night, people)
            reads += _settled(night, PERSON, people, reads)
        reads += _settled(night, shape, read, reads)
    return reads


def _settled(night: Night, shape: Shape, read: Read | None, reads: Sequence[Read]) -> list[Read]:
    """Settles and checks a staged file. Returns what was read from it. `reads` are the files before it."""
    follow(night, shape, is_delta=bool(read and read.is_delta))
    if read and _is_doubled_first(read):
        refuse_doubled(night, read)
    if read and read.is_delta:
        set_ended_apart(night, shape)
    if shape is SECTION:
        beside.settle_sections(night, read)
    if shape is DEMOGRAPHIC:
        beside.settle_demographics(night, read)
        _settle_people(night)
    if shape is ROLE:
        read = roles.settle(night, read, _of(PERSON, reads))
    if read:
        _check(night, read)
    found = [read] if read else []
    if shape is ROLE:
        beside.settle_roles(night)
        people = _of(PERSON, reads)
        found += [agents.settle(night, people)] if people else []
    return found


def _make_stages(night: Night, by_stem: Mapping[str, Listed]) -> None:
    for shape in (*ALL, AGENT):
        listed = by_stem.get(shape.stem)
        make_stage(night, shape, is_delta=bool(listed and listed.table.is_delta))
    night.run("CREATE TEMPORARY TABLE touched (student integer, kind text, rows bigint) ON COMMIT DROP")


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
    if not _is_doubled_first(read):
        refuse_doubled(night, read)
    refuse_dangling(night, read)


def _is_doubled_first(read: Read) -> bool:
    """Returns whether repeated keys are refused first. In a delta, that comes before deleted rows are set apart."""
    return read.is_delta or read.shape in DOUBLED_FIRST
