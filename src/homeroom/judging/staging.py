"""Reads every file of a package into memory and checks it against the others, as intake.staging and intake.crosscheck do in SQL."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.header import Layout
from homeroom.formats.manifest import Listed
from homeroom.formats.reasons import Note, Reason
from homeroom.formats.table import read_layout
from homeroom.formats.tolerances import Tolerance
from homeroom.judging.cells import read_cells
from homeroom.judging.chunks import chunks
from homeroom.judging.differences import find_going
from homeroom.judging.fingerprint import TOGETHER, Fingerprint, fingerprint_of
from homeroom.judging.memory import PAIR, Staged, Trial, among, plain, texts
from homeroom.judging.particular import DOUBLED_FIRST, MOST_NEW, READ_ANYWAY
from homeroom.judging.reading import (
    chunks_of,
    note_empty,
    note_rows,
    note_same,
    read_header,
    reasons_of,
    rows_of,
    take_cells,
    text_of,
)
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import AGENT, ALL, BY_TABLE, DEMOGRAPHIC, PERSON, ROLE, SECTION, TERM
from homeroom.judging.whose import find_questions, settle_agents, settle_people, settle_roles

SEED = 0  # no hash is stored, so none can reveal anything

type Tell = Callable[[int, int], object]  # bytes read, and bytes in all


def stage(trial: Trial, files: Sequence[Listed], tell: Tell) -> None:
    """Stages the files in the order in which rows point to one another. Raises PackageRefused."""
    by_stem = {listed.table.stem: listed for listed in files}
    trial.size = sum(listed.member.size for listed in files)
    same = _unchanged(trial, files)
    for shape in ALL:
        if listed := by_stem.get(shape.stem):
            _read(trial, listed, shape, same.get(shape.stem), tell)
        if shape is PERSON:
            continue  # birth dates are needed to find the questions about people
        if shape is DEMOGRAPHIC:
            _settle(trial, PERSON)
        _settle(trial, shape)


def _unchanged(trial: Trial, files: Sequence[Listed]) -> Mapping[str, int]:
    """Returns small files that are unchanged: stem → rows."""
    before, same = trial.before.fingerprints if trial.before else {}, {}
    for listed in files:
        stem = listed.table.stem
        if stem in before and not listed.table.is_delta:
            layout = read_layout(text_of(listed), listed.table)
            found = fingerprint_of(chunks(text_of(listed), layout), SEED)
            if before[stem] == (_header(layout), found):
                same[stem] = found.count
    sent = {listed.table.stem for listed in files}
    if not all(stem in same for stem in TOGETHER if stem in sent):
        return {stem: count for stem, count in same.items() if stem not in TOGETHER}
    return same


def _read(trial: Trial, listed: Listed, shape: Shape, same: int | None, tell: Tell) -> None:
    found, staged = trial.found, trial.of(shape)
    listed, layout = read_header(listed, found)
    file = listed.table.file
    trial.stems.add(listed.table.stem)
    staged.table, staged.is_read, staged.is_delta = listed.table, True, listed.table.is_delta
    if staged.is_delta and trial.ours(shape).is_empty():
        found.note(Note(Reason.DELTA_ALONE, file))
    if not staged.is_delta:
        trial.has_all_marks |= listed.table.stem == ATTENDANCE.stem
        if same is not None:
            note_same(listed, layout, found, same)
            staged.is_same = True
            return
    _fill(trial, listed, layout, staged, tell)
    if not staged.is_delta:
        note_empty(found, file)


def _fill(trial: Trial, listed: Listed, layout: Layout, staged: Staged, tell: Tell) -> None:
    parts, ended, let_pass, fingerprint = [staged.rows], 0, Counter[Tolerance](), Fingerprint()
    for chunk in chunks_of(listed, layout, trial.found):
        cells = read_cells(chunk, layout, SEED)
        rows = rows_of(staged.shape, cells, layout.table)
        fingerprint.add(cells.good["hash"])
        fingerprint.is_whole &= not cells.bad
        take_cells(trial.found, listed.table.file, cells)
        ended, let_pass = ended + rows.ended, let_pass + rows.let_pass
        said = rows.ready.select("is_ended") if staged.is_delta else pl.DataFrame()
        parts.append(pl.concat([plain(rows.ready, staged.shape), said], how="horizontal"))
        staged.left |= {*rows.left}
        trial.done += int(chunk.lines.str.len_bytes().sum()) + len(chunk.lines)
        tell(trial.done, trial.size)
    staged.rows = pl.concat(parts, how="diagonal")
    note_rows(trial.found, layout.table, ended, reasons_of(let_pass))
    _compare_lines(trial, staged, _header(layout))
    if staged.shape.stem not in READ_ANYWAY and not staged.is_delta and fingerprint.is_whole:
        trial.fingerprints[staged.shape.stem] = _header(layout), fingerprint


def _compare_lines(trial: Trial, staged: Staged, header: object) -> None:
    """If most lines of a large file are unchanged, a portal reads only the others."""
    if not staged.shape.is_big or staged.is_delta:
        return
    stem = staged.shape.stem
    trial.headers[stem] = header
    is_whole = stem == ATTENDANCE.stem and trial.reads_all_marks
    if trial.before and trial.before.headers.get(stem) == header and not is_whole:
        staged.is_partial = True
        read = trial.found.read[staged.file]
        staged.is_partial = read - int(trial.is_known(staged).sum()) <= MOST_NEW * read


def _header(layout: Layout) -> object:
    return layout.columns, layout.places, layout.width


def _settle(trial: Trial, shape: Shape) -> None:
    staged = trial.of(shape)
    if staged.is_delta or shape in DOUBLED_FIRST:
        trial.refuse_doubled(staged)
    if staged.is_delta:
        _set_ended_apart(staged)
    if shape is SECTION:
        _settle_sections(trial, staged)
    if shape is DEMOGRAPHIC:
        _settle_demographics(staged)
        find_questions(trial)
    if shape is ROLE:
        settle_roles(trial, staged)
    if staged.is_read and not staged.is_same:
        find_going(trial, staged)
        if shape not in DOUBLED_FIRST and not staged.is_delta:
            trial.refuse_doubled(staged)
        _refuse_dangling(trial, staged)
    if shape is ROLE:
        settle_people(trial)
        settle_agents(trial, trial.of(PERSON), trial.of(AGENT))


def _set_ended_apart(staged: Staged) -> None:
    is_ended = staged.rows["is_ended"]
    staged.gone |= {*staged.rows.filter(is_ended)["key"]}
    staged.rows = staged.rows.filter(~is_ended).drop("is_ended")


def _settle_sections(trial: Trial, staged: Staged) -> None:
    """Finds the terms that the file speaks for, which decide what it may end. Refuses classes without an existing term."""
    terms = trial.ours(TERM)
    named = staged.rows.select(section=pl.col("key"), term=pl.col("terms").map_elements(texts, return_dtype=pl.List(pl.String))).explode("term")
    trial.spoken_terms = {*terms.filter(trial.running)["key"], *terms.filter(among(terms["key"], named["term"]))["key"]}
    before = trial.before.terms if trial.before else pl.DataFrame(schema=PAIR)
    if staged.is_delta:
        ahead = terms.filter(pl.col("end_date") > trial.today.isoformat())["key"]
        trial.spoken_terms |= {*before.filter(among(before["term"], ahead))["term"]}
    trial.terms = named.filter(among(named["term"], trial.there(TERM))).cast(PAIR)  # type: ignore[arg-type]
    was = before.filter(among(before["section"], staged.rows["key"]))
    both = (trial.terms, was)
    trial.other_terms = {
        section for one, other in (both, both[::-1]) for section in one.join(other, on=["section", "term"], how="anti")["section"]
    }
    if staged.is_read:
        nowhere = ~among(staged.rows["key"], trial.terms["section"])
        trial.refuse(staged, nowhere, "termSourcedIds", Reason.REFERENCE_DANGLING, trial.unsent(TERM))


def _settle_demographics(staged: Staged) -> None:
    """Leaves out blank birth dates."""
    blank = staged.rows["birth_date"].is_null()
    if staged.is_delta:
        staged.gone |= {*staged.rows.filter(blank)["key"]}
    staged.rows = staged.rows.filter(~blank)


def _refuse_dangling(trial: Trial, staged: Staged) -> None:
    for ref in staged.shape.refs:
        to, column = BY_TABLE[ref.to], staged.table.name_of(ref.column)
        cell = staged.rows[ref.name]
        nowhere = cell.is_not_null() & ~trial.is_known(staged) & ~among(cell, trial.there(to)).fill_null(value=False)
        if not ref.is_loose:
            trial.refuse(staged, nowhere, column, Reason.REFERENCE_DANGLING, trial.unsent(to))
        elif rows := int(nowhere.sum()):
            staged.rows = staged.rows.with_columns(pl.when(~nowhere).then(pl.col(ref.name)).alias(ref.name))
            trial.found.note(Note(Reason.REFERENCE_BLANKED, staged.file, column), rows=rows)
            trial.fingerprints.pop(staged.shape.stem, None)  # the row that it points to may come in the next file
