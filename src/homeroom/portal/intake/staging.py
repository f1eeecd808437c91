"""Reads every file of a package into its stage and checks it against the others: repeated keys, references and rows left out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.formats.manifest import Listed
from homeroom.judging.found import Found
from homeroom.judging.particular import DOUBLED_FIRST, READ_ANYWAY
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import AGENT, ALL, DEMOGRAPHIC, PERSON, ROLE, SECTION
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.people import answering
from homeroom.portal.intake.people.former_ids import find_former, follow
from homeroom.portal.intake.people.same_person import FormerIds, Questions, find_questions, has_new_people
from homeroom.portal.intake.reading import agents, roles
from homeroom.portal.intake.reading.crosscheck import refuse_dangling, refuse_doubled
from homeroom.portal.intake.reading.erased import find_erased, without_erased
from homeroom.portal.intake.reading.files import Staged, Staging, read_file
from homeroom.portal.intake.reading.fingerprint import unchanged
from homeroom.portal.intake.reading.leaving import find_going
from homeroom.portal.intake.reading.roles import TonightRoles, settle_roles
from homeroom.portal.intake.reading.stage import set_ended_apart, stage_tables
from homeroom.portal.intake.reading.terms import Terms, settle_sections

BEFORE, AFTER = ALL[: ALL.index(SECTION)], ALL[ALL.index(ROLE) + 1 :]
if (*BEFORE, SECTION, PERSON, DEMOGRAPHIC, ROLE, *AFTER) != ALL:
    raise AssertionError("stage() settles classes, people, birth dates and roles one after another.")

type Reader = Callable[[Shape], Staged | None]  # None if the file was not sent


@dataclass(frozen=True, slots=True)
class Settled:
    """All files of an export, staged and checked. It vouches for these temporary tables until the transaction ends: those of each file and of each
    field, and for each shape `going` (ids of rows that the file ends) and `was` (copies of rows that a file read in part may change).

    `roles` is None if no one joins or leaves a school or changes a role there. `left_out` are files from which an approval in part removed rows.
    """

    files: Sequence[Staged]
    terms: Terms
    former: FormerIds
    questions: Questions
    roles: TonightRoles | None
    findings: Found
    days: tuple[date, date] | None  # for which attendance.csv is complete
    is_settling: bool
    left_out: frozenset[str] = frozenset()


def stage(sql: Staging, files: Iterable[Listed], store: Store) -> Settled:
    """Stages files in the order in which rows point to one another. Raises PackageRefused, NotYet."""
    read = _reader(sql, {listed.table.stem: listed for listed in files}, store)
    first = [_settled(sql, shape, read(shape)) for shape in BEFORE]
    sections = _ready(sql, SECTION, read(SECTION))
    terms = settle_sections(sql, sections)
    _check(sql, sections)
    people, births = read(PERSON), read(DEMOGRAPHIC)  # birth dates help to identify people
    former = find_former(sql, people)
    _settled(sql, PERSON, people, former)
    questions = _settle_people(sql, _ready(sql, DEMOGRAPHIC, births, former), former)
    _check(sql, births)
    held = roles.settle(sql, _ready(sql, ROLE, read(ROLE), former), people)
    _check(sql, held)
    tonight = settle_roles(sql)
    links = agents.settle(sql, people) if people else None
    rest = [_settled(sql, shape, read(shape), former) for shape in AFTER]
    found = [each for each in (*first, sections, people, births, held, links, *rest) if each]
    return Settled(found, terms, former, questions, tonight, sql.findings, sql.spoken_days, sql.is_settling)


def _reader(sql: Staging, by_stem: Mapping[str, Listed], store: Store) -> Reader:
    """Makes the stages. The reader leaves out rows of erased students."""
    is_whole = sql.is_settling and has_new_people(sql)
    same = {} if is_whole else unchanged(sql, tuple(by_stem.values()), READ_ANYWAY)
    _make_stages(sql, by_stem)
    erased = find_erased(sql)

    def read(shape: Shape) -> Staged | None:
        listed = by_stem.get(shape.stem)
        if listed is None:
            return None
        found = read_file(sql, listed, shape, store, same.get(shape.stem), is_whole=is_whole)
        without_erased(sql, found, erased)
        return found

    return read


def _make_stages(sql: Staging, by_stem: Mapping[str, Listed]) -> None:
    """Makes all of them in one request, because a small file waits longer for sixty answers than for its rows."""
    tables = ["CREATE TEMPORARY TABLE touched (student integer, kind text, rows bigint) ON COMMIT DROP"]
    for shape in (*ALL, AGENT):
        listed = by_stem.get(shape.stem)
        tables += stage_tables(shape, is_delta=bool(listed and listed.table.is_delta))
    sql.run("; ".join(tables))


def _settled(sql: Staging, shape: Shape, read: Staged | None, former: FormerIds | None = None) -> Staged | None:
    """Settles and checks a staged file whose rows need nothing else."""
    _check(sql, _ready(sql, shape, read, former))
    return read


def _ready(sql: Staging, shape: Shape, read: Staged | None, former: FormerIds | None = None) -> Staged | None:
    """`former` is None if rows of the shape name no person."""
    if former:
        follow(sql, shape, former, is_delta=bool(read and read.is_delta))
    if read and _is_doubled_first(read):
        refuse_doubled(sql, read)
    if read and read.is_delta:
        set_ended_apart(sql, shape)
    return read


def _settle_people(sql: Staging, births: Staged | None, former: FormerIds) -> Questions:
    """Removes rows without a birth date. In a delta, such a row ends the birth date. Then finds questions, and carries out their answers."""
    if births and births.is_delta:
        sql.run(f"INSERT INTO {DEMOGRAPHIC.gone} SELECT key FROM {DEMOGRAPHIC.stage} WHERE birth_date IS NULL")
    sql.run(f"DELETE FROM {DEMOGRAPHIC.stage} WHERE birth_date IS NULL")
    questions = find_questions(sql, former)
    if sql.is_settling:
        answering.settle(sql, questions)
    return questions


def _check(sql: Staging, read: Staged | None) -> None:
    if read is None or read.is_same:
        return
    find_going(sql, read)
    if not _is_doubled_first(read):
        refuse_doubled(sql, read)
    refuse_dangling(sql, read)


def _is_doubled_first(read: Staged) -> bool:
    """Returns whether repeated keys are refused first. In a delta, that comes before deleted rows are set apart."""
    return read.is_delta or read.shape in DOUBLED_FIRST
