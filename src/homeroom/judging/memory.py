"""A portal's rows as far as files show them, next to tonight's. It has in memory what intake keeps in a database."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from homeroom.formats.oneroster import TABLES
from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Table
from homeroom.judging.fingerprint import Fingerprint
from homeroom.judging.found import MOST_REFUSED, Found
from homeroom.judging.reading import Days, has_more_days, spoken_days
from homeroom.judging.shape import BOOLEAN, NUMBER, Shape
from homeroom.judging.shapes import AGENT, ALL, BY_TABLE, ROLE, TERM

KINDS = {BOOLEAN: pl.Boolean, NUMBER: pl.Float64}
IN_ORDER = (*ALL[: ALL.index(ROLE) + 1], AGENT, *ALL[ALL.index(ROLE) + 1 :])
PAIR = {"section": pl.String, "term": pl.String}


def name_of(shape: Shape) -> str:
    return shape.name or shape.table


def plain(rows: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """Converts rows to the kinds that the database compares, where 9.0 is 9."""
    cells = (pl.col(each.name).cast(KINDS.get(each.sql, pl.String), strict=False) for each in shape.columns)
    return rows.select(pl.col("line", "hash").cast(pl.Int64), pl.col("key").cast(pl.String), *cells)


def no_rows(shape: Shape) -> pl.DataFrame:
    return plain(pl.DataFrame(schema=dict.fromkeys(("line", "hash", "key", *(each.name for each in shape.columns)), pl.String)), shape)


def texts(cell: str | None) -> list[str]:
    """Returns the parts of an array that shape.array() wrote."""
    return json.loads(f"[{cell[1:-1]}]", strict=False) if cell else []


def among(column: pl.Series, keys: Collection[str] | pl.Series) -> pl.Series:
    few = keys if isinstance(keys, pl.Series) else pl.Series([*keys], dtype=pl.String)
    return column.is_in(few.implode())


@dataclass
class Staged:
    """A file's rows. `left` has the keys of refused rows. `gone` has those that a delta ends. `going` has those of rows kept before that the file would end."""

    shape: Shape
    table: Table
    file: str
    rows: pl.DataFrame
    left: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    going: set[str] = field(default_factory=set)
    is_read: bool = False  # the file was sent, or another file has the rows of this table
    is_same: bool = False
    is_delta: bool = False
    is_partial: bool = False  # a large file whose unchanged lines are not read again


@dataclass
class Records:
    """A portal's rows after a file. `terms` has a row per class and term. `headers` are of large files, with the places of their columns. `fingerprints` are
    of small files whose rows were all taken, with their headers. `marked` has the days for which attendance.csv was complete, and the day of that file."""

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    terms: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PAIR))
    headers: dict[str, object] = field(default_factory=dict)
    fingerprints: dict[str, tuple[object, Fingerprint]] = field(default_factory=dict)
    marked: tuple[date, date, date] | None = None


@dataclass
class Trial:
    """One export on its way. `before` is None if nothing was ever imported. `roles` are those of the people at each school once the file is applied."""

    today: date
    before: Records | None = None
    found: Found = field(default_factory=Found)
    stems: set[str] = field(default_factory=set)  # files that were sent
    declared: tuple[date | None, date | None] = (None, None)  # days of attendance.csv, as the manifest says
    has_all_marks: bool = False
    headers: dict[str, object] = field(default_factory=dict)
    fingerprints: dict[str, tuple[object, Fingerprint]] = field(default_factory=dict)
    spoken_terms: set[str] = field(default_factory=set)
    terms: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PAIR))
    other_terms: set[str] = field(default_factory=set)  # classes that would meet in other terms
    roles: set[tuple[str, str, str]] = field(default_factory=set)  # person, school, role
    asked: tuple[int, int] = (0, 0)  # people: other than before, and back again
    size: int = 0  # bytes of the files
    done: int = 0  # bytes that were read
    staged: dict[str, Staged] = field(init=False)

    def __post_init__(self) -> None:
        self.staged = {name_of(each): Staged(each, TABLES[each.stem], f"{each.stem}.csv", no_rows(each)) for each in IN_ORDER}

    def of(self, shape: Shape) -> Staged:
        return self.staged[name_of(shape)]

    def ours(self, shape: Shape) -> pl.DataFrame:
        """Returns the rows kept before."""
        return no_rows(shape) if self.before is None else self.before.rows.get(name_of(shape), no_rows(shape))

    def staying(self, shape: Shape) -> pl.DataFrame:
        """Returns the rows kept before that the file neither has nor ends."""
        ours, staged = self.ours(shape), self.of(shape)
        return ours.filter(~among(ours["key"], staged.going)).join(staged.rows, on="key", how="anti")

    def there(self, shape: Shape) -> pl.Series:
        """Returns the keys that a row may point to: those in tonight's file, and those kept before that stay."""
        return pl.concat([self.of(shape).rows["key"], self.staying(shape)["key"]])

    def unsent(self, shape: Shape) -> str:
        """Returns the name of the shape's file if it was not sent, or else nothing."""
        return "" if shape.stem in self.stems else f"{shape.stem}.csv"

    @property
    def spoken_days(self) -> Days | None:
        return spoken_days(self.declared, self.found.days, self.today) if self.has_all_marks else None

    @property
    def reads_all_marks(self) -> bool:
        return has_more_days(self.declared[0], self.before.marked if self.before else None)

    @property
    def running(self) -> pl.Expr:
        """Tests whether a term runs on the day of the export."""
        return (pl.col("start_date") <= self.today.isoformat()) & (pl.col("end_date") > self.today.isoformat())

    def refuse(self, staged: Staged, is_bad: pl.Series, column: str, reason: Reason, absent: str = "") -> None:
        """Refuses rows, and leaves their keys so that no row kept before ends because of them."""
        bad = staged.rows.filter(is_bad)
        staged.rows = staged.rows.filter(~is_bad)
        staged.left |= {*bad["key"]}
        lines = bad["line"].sort().to_list()
        for line in lines[:MOST_REFUSED]:
            self.found.refuse(staged.file, line, column, reason, absent)
        if lines[MOST_REFUSED:]:
            self.found.refuse_more(staged.file, len(lines) - MOST_REFUSED, column, reason, absent)

    def is_known(self, staged: Staged) -> pl.Series:
        """Returns which rows are not read again, because their line is unchanged."""
        if not staged.is_partial:
            return pl.Series([False], dtype=pl.Boolean).new_from_index(0, staged.rows.height)
        return staged.rows["hash"].is_in(self.ours(staged.shape)["hash"].implode())

    def refuse_doubled(self, staged: Staged) -> None:
        """Refuses all but the first row of a key. In a large file, an unchanged line comes before new ones."""
        staged.rows = staged.rows.sort("line")
        staged.rows = staged.rows.sort(~self.is_known(staged), maintain_order=True)
        self.refuse(staged, ~staged.rows["key"].is_first_distinct(), staged.table.key[0], Reason.ID_DOUBLED)

    def kept_after(self) -> Records:
        """Returns what the portal would have if the file were imported."""
        rows = {name: pl.concat([self.staying(each.shape), each.rows]) for name, each in self.staged.items()}
        ours = self.before.terms if self.before else pl.DataFrame(schema=PAIR)
        terms = pl.concat([ours.join(self.of(BY_TABLE["section"]).rows, left_on="section", right_on="key", how="anti"), self.terms])
        whole = {stem: each for stem, each in self.fingerprints.items() if not self.found.refused[f"{stem}.csv"]}
        return Records(rows, terms.join(rows[TERM.table], left_on="term", right_on="key", how="semi"), self.headers, whole, self._marked)

    @property
    def _marked(self) -> tuple[date, date, date] | None:
        if self.spoken_days:
            return *self.spoken_days, self.today
        return self.before.marked if self.before else None
