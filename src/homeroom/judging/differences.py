"""Counts in memory what an export would do to rows kept before, as intake counts it in SQL: which rows end, change or lose a column."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import polars as pl

from homeroom.judging.decide import TERMS, Changes, ColumnChange, Counts, Crowd, Judged
from homeroom.judging.memory import Staged, Trial, among, name_of
from homeroom.judging.particular import PHONES, STAFF, WORTH_COUNTING, watched
from homeroom.judging.shape import TEXT, TEXTS
from homeroom.judging.shapes import (
    ATTENDANCE_MARK,
    DEMOGRAPHIC,
    ENROLLMENT,
    LINE_ITEM,
    PERSON,
    RESULT,
    ROLE,
    SCHOOL,
    SECTION,
    TERM,
)


def find_going(trial: Trial, staged: Staged) -> None:
    """Finds the rows kept before that the file leaves out and would end. Rows of a session that is over and not listed stay."""
    ours = trial.ours(staged.shape)
    of_file = among(ours["key"], staged.gone) if staged.is_delta else _spoken(trial, staged, ours)
    ours = ours.filter(of_file).join(staged.rows, on="key", how="anti")
    staged.going = {*ours["key"]} - staged.left


def _spoken(trial: Trial, staged: Staged, ours: pl.DataFrame) -> pl.Series:
    """Returns which rows a bulk file speaks for."""
    if staged.shape is TERM:
        return ours.select(trial.running).to_series()
    if staged.shape in (SECTION, ENROLLMENT) and trial.before:
        terms, spoken = trial.before.terms, among(trial.before.terms["term"], trial.spoken_terms)
        section = ours["key" if staged.shape is SECTION else "section"]
        return ~among(section, terms["section"]) | among(section, terms.filter(spoken)["section"])
    if staged.shape is LINE_ITEM:
        return among(ours["term"], trial.spoken_terms)
    if staged.shape is RESULT:
        items = trial.ours(LINE_ITEM)
        return among(ours["line_item"], items.filter(among(items["term"], trial.spoken_terms))["key"])
    if staged.shape is ATTENDANCE_MARK:
        first, last = trial.spoken_days or (None, None)
        return ours["day"].is_between(pl.lit(first and first.isoformat()), pl.lit(last and last.isoformat())).fill_null(value=False)
    return pl.Series([True], dtype=pl.Boolean).new_from_index(0, ours.height)


def found_in(trial: Trial) -> Judged:
    read = [staged for staged in trial.staged.values() if staged.is_read]
    columns = [] if trial.before is None else [*_column_changes(trial, [staged for staged in read if not staged.is_same])]
    tables = {name_of(staged.shape): _counts(trial, staged) for staged in read}
    return Judged(tables, _crowds(trial), _changes(trial), trial.before is None, columns, unordered=trial.found.unordered)


def _counts(trial: Trial, staged: Staged) -> Counts:
    found, ours = trial.found, trial.ours(staged.shape)
    read = found.read[staged.file]
    if staged.is_same:
        return Counts(same=read, read=read)
    kept = [*(each.name for each in staged.shape.kept), *(ref.name for ref in staged.shape.refs)]
    both = staged.rows.join(ours, on="key", suffix="_before")
    is_other = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in kept))
    if staged.shape is SECTION:
        is_other |= pl.col("key").is_in([*trial.other_terms])
    new, changed, going = staged.rows.height - both.height, both.filter(is_other).height, len(staged.going)
    return Counts(
        before=ours.height if new or going else 0,
        new=new,
        changed=changed,
        going=going,
        same=both.height - changed,
        refused=found.refused[staged.file],
        read=read,
    )


def _crowds(trial: Trial) -> list[Crowd]:
    """Returns the students and the staff of each school."""
    names = dict(pl.concat([trial.of(SCHOOL).rows, trial.ours(SCHOOL)]).select("key", "name").iter_rows())
    was = _people({*trial.ours(ROLE).select("person", "school", "role").iter_rows()})
    now = _people(trial.roles)
    return [
        Crowd(names[school], kind, len(was.get((school, kind), ())), len(was.get((school, kind), set()) - now.get((school, kind), set())),
              len(now.get((school, kind), ())))
        for school, kind in sorted({*was, *now})
    ]  # fmt: skip


def _people(roles: set[tuple[str, str, str]]) -> dict[tuple[str, str], set[str]]:
    told = [(school, "student" if role == "student" else "staff", person) for person, school, role in roles if role in ("student", *STAFF)]
    return {which: {person for *_, person in each} for which, each in groupby(sorted(told), key=lambda row: row[:2])}


def _changes(trial: Trial) -> Changes:
    """Counts changes of people who were here before. A delta names only people who change, so they are counted among all."""
    people, births = trial.of(PERSON), trial.of(DEMOGRAPHIC)
    both = people.rows.join(trial.ours(PERSON), on="key", suffix="_before")
    born = births.rows.join(trial.ours(DEMOGRAPHIC), on="key", suffix="_before")
    was, now = (pl.concat_str(f"given_name{end}", pl.lit(" "), f"family_name{end}").str.to_lowercase() for end in ("_before", ""))
    other_email = (pl.col("email_before") != "") & (pl.col("email_before").str.to_lowercase() != pl.col("email").str.to_lowercase())
    everybody = trial.ours(PERSON).height if people.is_delta or births.is_delta else 0
    return Changes(
        people=max(both.height, born.height, everybody),
        names=both.filter(was != now).height,
        birth_dates=born.filter(pl.col("birth_date") != pl.col("birth_date_before")).height,
        emails=both.filter(other_email).height,
        other_people=trial.asked[0],
        came_back=trial.asked[1],
    )


def _column_changes(trial: Trial, read: Sequence[Staged]) -> Iterator[ColumnChange]:
    """Yields columns that the export would blank or change."""
    for staged in read:
        if not staged.shape.name:
            yield from _of_columns(trial, staged)
    if any(staged.shape is SECTION for staged in read):
        yield _of_terms(trial)
    if any(staged.shape is PERSON for staged in read):
        both = trial.of(PERSON).rows.join(trial.ours(PERSON), on="key", suffix="_before")
        for name in PHONES:
            had = both.filter(pl.col(f"{name}_before") != "")
            other = had.filter((pl.col(name) != "") & (pl.col(name) != pl.col(f"{name}_before")))
            yield ColumnChange(PERSON.table, name, had.height, had.filter(pl.col(name) == "").height, other.height)


def _of_columns(trial: Trial, staged: Staged) -> Iterator[ColumnChange]:
    ours = trial.ours(staged.shape)
    both = staged.rows.join(ours, on="key", suffix="_before")
    least = max(1, WORTH_COUNTING * _lines(trial, staged))
    columns = [(each.name, each.sql, is_steady) for each, is_steady in watched(staged.shape)]
    for name, sql, is_steady in [*columns, *((ref.name, "", False) for ref in staged.shape.refs)]:
        was, now = _is_filled(sql, f"{name}_before"), _is_filled(sql, name)
        lost = both.filter(was & ~now).height
        other = both.filter(was & now & (pl.col(name) != pl.col(f"{name}_before"))).height if is_steady else 0
        if max(lost, other) >= least:
            yield ColumnChange(staged.shape.table, name.replace("_", " "), ours.filter(_is_filled(sql, name)).height, lost, other)


def _lines(trial: Trial, staged: Staged) -> int:
    """Returns the number of lines of a large file that a portal does not read."""
    if staged.is_delta:
        return trial.ours(staged.shape).height if staged.shape.is_big else 0
    return int(trial.is_known(staged).sum())


def _is_filled(sql: str, name: str) -> pl.Expr:
    cell = pl.col(name)
    return (cell != "{}").fill_null(value=False) if sql == TEXTS else (cell != "").fill_null(value=False) if sql == TEXT else cell.is_not_null()


def _of_terms(trial: Trial) -> ColumnChange:
    """Counts classes that meet now and would meet in no running term."""
    ours, terms = trial.ours(TERM), trial.before.terms if trial.before else trial.terms
    meet = {*terms.filter(among(terms["term"], ours.filter(trial.running)["key"]))["section"]}
    tonight = pl.concat([trial.of(TERM).rows, ours.join(trial.of(TERM).rows, on="key", how="anti")])
    still = {*trial.terms.filter(among(trial.terms["term"], tonight.filter(trial.running)["key"]))["section"]}
    return ColumnChange(*TERMS, len(meet), 0, len(meet & trial.other_terms - still))
