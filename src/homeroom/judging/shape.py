"""Maps a file's rows to rows of the portal's tables: which cells fill which column, and what they point to.

A shape says it once. Staging, checking, counting and applying use it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from homeroom.formats.keys import CANONICAL, key_of
from homeroom.formats.oneroster import TABLES as NEWEST
from homeroom.formats.spec import Kind, Table
from homeroom.formats.tolerances import Tolerance
from homeroom.formats.values import PATTERNS, ids_in, plain_word

type Cell = Callable[[Table], pl.Expr]

KEYED = ("enrollment", "line_item", "result", "attendance_mark")  # tables whose key is a UUID (formats.keys)
TEXT, UUID, DAY, NUMBER, BOOLEAN, TEXTS = "text", "uuid", "date", "float8", "boolean", "text[]"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the stage. If `is_kept`, the portal's table has a column with the same name."""

    name: str
    sql: str
    cell: Cell
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Ref:
    """The file's column that points to a row of another table. In the portal's table it is <name>_id. A loose one that points nowhere is left blank."""

    name: str
    to: str
    column: str
    is_loose: bool = False

    @property
    def sql(self) -> str:
        return UUID if self.to in KEYED else TEXT

    @property
    def cell(self) -> Cell:
        return key_pointer(self.to, self.column) if self.to in KEYED else pointer(self.column)


@dataclass(frozen=True, slots=True)
class Shape:
    """`identity` is SQL for the key of a row `t` of the portal's table. `own` says which of the table's rows the file speaks for.

    `spoken` is SQL. It is true for a row `t` whose session is running or listed in the file. Other rows are history and stay.
    """

    table: str
    stem: str
    key: Cell
    fields: tuple[Field, ...] = ()
    refs: tuple[Ref, ...] = ()
    identity: str = "t.sourced_id"
    key_column: str | None = "sourced_id"
    name: str = ""  # of the stage, if two shapes fill one table
    id: str = "id"
    own: str = "true"
    spoken: str = "true"

    @property
    def is_big(self) -> bool:
        """Returns whether its lines are compared by hash, and only changed ones are read."""
        return self.table in KEYED

    @property
    def key_sql(self) -> str:
        return UUID if self.table in KEYED else TEXT

    @property
    def stage(self) -> str:
        return f"stage_{self.name or self.table}"

    @property
    def going(self) -> str:
        return f"going_{self.name or self.table}"

    @property
    def left(self) -> str:
        return f"left_{self.name or self.table}"

    @property
    def gone(self) -> str:
        return f"gone_{self.name or self.table}"

    @property
    def was(self) -> str:
        return f"was_{self.name or self.table}"

    @property
    def columns(self) -> tuple[Field | Ref, ...]:
        return (*self.fields, *self.refs)

    @property
    def kept(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.is_kept)


def text(name: str) -> Cell:
    return lambda _table: pl.col(name).str.strip_chars()


def code(name: str) -> Cell:
    """Returns a local word, up to 200 characters. A longer one is not a code, and would not fit into an index entry."""
    return lambda _table: pl.col(name).str.strip_chars().str.slice(0, 200)


def identifier(*names: str) -> Cell:
    """Joins several cells into one key, since attendance.csv and contacts.csv have no sourcedId."""
    return lambda _table: pl.concat_str([pl.col(name).str.strip_chars() for name in names], separator="|")


def pointer(name: str) -> Cell:
    return lambda _table: _blank_is_null(pl.col(name))


def key(table: str, *names: str) -> Cell:
    whole = identifier(*names)
    return lambda spec: whole(spec).map_batches(lambda series: keys_of(table, series), return_dtype=pl.String)


def key_pointer(table: str, name: str) -> Cell:
    whole = key(table, name)
    return lambda spec: pl.when(pl.col(name) != "").then(whole(spec))


def keys_of(table: str, ids: pl.Series) -> pl.Series:
    """Applies formats.keys.key_of() to a whole column. '' stays ''."""
    plain = ids.str.contains(f"^(?:{CANONICAL.pattern})$")
    if plain.all():
        return ids
    others = ids.filter(~plain).unique()
    keys = [str(key_of(table, each)) if each else "" for each in others]
    return ids.replace_strict(others, keys, default=ids, return_dtype=pl.String)


def day(name: str) -> Cell:
    return lambda _table: _blank_is_null(pl.col(name))


def number(name: str) -> Cell:
    return lambda _table: _blank_is_null(pl.col(name))


def word(name: str) -> Cell:
    """Returns the standard's own form, however the file joined and capitalized the word."""
    return lambda table: _word(table, name)


def yes(name: str) -> Cell:
    """Reads a blank cell as no."""
    return lambda table: _word(table, name) == "true"


def no(_table: Table) -> pl.Expr:
    return pl.lit(False)


def yes_no(name: str) -> Cell:
    return lambda table: pl.when(pl.col(name) != "").then(_word(table, name) == "true")


def filled(name: str) -> Cell:
    return lambda _table: pl.col(name) != ""


def converted(name: str, convert: Callable[[str], object]) -> Cell:
    """Converts in Python, once for each different cell."""

    def convert_all(series: pl.Series) -> pl.Series:
        different = series.unique()
        return series.replace_strict(
            different, [str(convert(each)) for each in different], return_dtype=pl.String, default=None
        )

    return lambda _table: pl.col(name).map_batches(convert_all, return_dtype=pl.String)


def where_there(name: str, cell: Callable[[str], Cell], absent: str = "") -> Cell:
    """Reads a column that only some versions of a file have."""
    return lambda table: cell(name)(table) if name in table.names else pl.lit(absent)


def array(parts: Sequence[str]) -> str:
    """Formats an array as PostgreSQL does."""
    inner = ",".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)
    return "{" + inner + "}"


def contact_key(table: Table) -> pl.Expr:
    """Returns a key that reveals nothing about the contact. The cells that distinguish two contacts are hashed."""

    def hashed(series: pl.Series) -> pl.Series:
        halves = (each.partition("|") for each in series)
        keys = [f"{student}|{sha256(rest.encode()).hexdigest()[:24]}" for student, _, rest in halves]
        return pl.Series(series.name, keys, pl.String)

    return identifier(*table.key)(table).map_batches(hashed, return_dtype=pl.String)


def identifiers(name: str) -> Cell:
    return converted(name, lambda cell: array(list(dict.fromkeys(ids_in(cell)))))


def in_standard_columns(rows: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, Counter[Tolerance]]:
    """Moves values that the district accepts in another column to the standard's column. Also returns in how many rows they were."""
    let_pass: Counter[Tolerance] = Counter()
    if Tolerance.LETTER_SCORES in _lenient(table, "score"):
        is_text = (pl.col("score") != "") & ~pl.col("score").str.contains(f"^(?:{PATTERNS[Kind.NUMBER]})$")
        let_pass[Tolerance.LETTER_SCORES] = int(rows.select(is_text.sum()).item())
        text = pl.when(is_text).then(pl.col("score").str.strip_chars()).otherwise(pl.lit(""))
        rows = rows.with_columns(textScore=text, score=pl.when(is_text).then(pl.lit("")).otherwise(pl.col("score")))
    if Tolerance.BLANK_DUE_DATES in _lenient(table, "dueDate"):
        is_blank = (pl.col("dueDate") == "") & (pl.col("assignDate") != "")
        let_pass[Tolerance.BLANK_DUE_DATES] = int(rows.select(is_blank.sum()).item())
        rows = rows.with_columns(dueDate=pl.when(is_blank).then(pl.col("assignDate")).otherwise(pl.col("dueDate")))
    return rows, +let_pass


def _lenient(table: Table, name: str) -> tuple[str, ...]:
    return table.column(name).reads if name in table.names else ()


def as_newest(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Renames an older version's columns to their present names. Columns that it lacks are blank."""
    renamed = rows.rename({old: new for new, old in table.renamed})
    wanted = NEWEST[table.stem].read_columns
    return renamed.with_columns(pl.lit("").alias(each.name) for each in wanted if each.name not in renamed.columns)


def identifiers_of_row(shape: Shape, cells: pl.DataFrame, table: Table) -> list[str]:
    """Returns the keys of refused rows, as far as known."""
    if cells.is_empty():
        return []
    known = pl.all_horizontal(pl.col(name) != "" for name in table.key if table.column(name).required)
    return cells.filter(known).select(shape.key(table)).to_series().to_list()


def _word(table: Table, name: str) -> pl.Expr:
    if name not in table.names:  # in an older version: blank (as_newest)
        return pl.col(name)
    return converted(name, lambda cell: plain_word(table.column(name), cell))(table)


def _blank_is_null(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell != "").then(cell)
