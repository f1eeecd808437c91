"""Splits lines into columns and checks every cell by its column's rule, in one pass over whole columns of millions of cells. A row that is not plainly right
is read again by the strict reader, whose result is final, so the two can't disagree.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from homeroom.formats.header import Layout
from homeroom.formats.reasons import Reason
from homeroom.formats.records import LARGEST_CELL, split_cells
from homeroom.formats.spec import Column, Kind
from homeroom.formats.table import BadRow, Row, strict_rows
from homeroom.formats.tolerances import REWRITES, SHOWN_BY, Tolerance
from homeroom.formats.values import FIRST_DAY, LAST_DAY, PATTERNS, fault_of, says_ended
from homeroom.judging.chunks import Chunk, Numbers

NOT_BLANK = r"[^\r,]"  # blank lines are not rows, and neither are lines of only commas, which a spreadsheet leaves at its end
CELL = r'(?:"(?:[^"]|"")*"|[^",]*)'


@dataclass(frozen=True, slots=True)
class Cells:
    """`good` has the read columns as text (blank is ''), with `line` and `hash`. `left` is what is known about the bad rows."""

    good: pl.DataFrame
    bad: tuple[BadRow, ...]
    left: pl.DataFrame
    blank: int = 0  # rows of only commas, which are skipped
    let_pass: Counter[Tolerance] = field(default_factory=Counter)  # rows

    @property
    def count(self) -> int:
        return self.good.height + len(self.bad)


def hashes(chunk: Chunk, seed: int) -> tuple[pl.Series, pl.Series]:
    """Returns the hashes of the lines, and of the rows that took several lines."""
    joined = pl.Series("line", ["\x1f".join(row.values) for row in chunk.rows], pl.String)
    return chunk.lines.hash(seed), joined.hash(seed)


def read_cells(chunk: Chunk, layout: Layout, seed: int) -> Cells:
    of_lines, of_rows = hashes(chunk, seed)
    lines = pl.DataFrame({"text": chunk.lines, "line": pl.Series(chunk.numbers, dtype=pl.Int64), "hash": of_lines})
    is_blank = ~lines["text"].str.contains(NOT_BLANK)
    blank = int(lines["text"].filter(is_blank).str.contains(",", literal=True).sum())
    lines = lines.filter(~is_blank)
    plain = _is_plain(lines["text"], layout.width)
    written = _split(lines.filter(plain), layout)
    table = _rewritten(written, layout)
    fine = table.select(_is_fine(layout)).to_series()
    let_pass = _shown_in(written.filter(fine), layout)
    odd = pl.concat([lines.filter(~plain), lines.filter(plain).filter(~fine)])
    again = _read_again(odd, layout)
    rows = [*zip(chunk.rows, of_rows, strict=True), *((row, hash_) for row, hash_ in again if isinstance(row, Row))]
    bad = (*chunk.bad, *(row for row, _ in again if isinstance(row, BadRow)))
    wrong = odd["text"].filter(pl.Series([isinstance(row, BadRow) for row, _ in again], dtype=pl.Boolean))
    left = [_what_is_known(text, layout) for text in (*wrong, *chunk.broken)]
    let_pass.update(each for row, _ in rows for each in row.let_pass)
    return Cells(pl.concat([table.filter(fine), _frame(rows, layout)]), bad, _left(left, layout), blank, let_pass)


def part_of(chunk: Chunk, layout: Layout, names: Collection[str]) -> Cells:
    """Does the same as read_cells(), for a few columns. It skips their rules, because all rows are known to be right."""
    few = [place for place, column in enumerate(layout.columns) if column.name in names]
    columns = tuple(replace(layout.columns[place], kind=Kind.TEXT, required=False) for place in few)
    part = replace(layout, table=replace(layout.table, spans=()), columns=columns, places=tuple(layout.places[place] for place in few))
    rows = tuple(row._replace(values=tuple(row.values[place] for place in few)) for row in chunk.rows)
    return read_cells(replace(chunk, rows=rows), part, 0)


def _lenient(layout: Layout) -> dict[Tolerance, list[str]]:
    """Returns column names by what the district lets pass in them, if the cell itself shows it."""
    found: dict[Tolerance, list[str]] = {}
    for column in layout.columns:
        for tolerance in column.reads:
            if tolerance in SHOWN_BY:
                found.setdefault(Tolerance(tolerance), []).append(column.name)
    return found


def _shown_in(table: pl.DataFrame, layout: Layout) -> Counter[Tolerance]:
    """Returns in how many rows each tolerance was used."""
    return +Counter(
        {
            tolerance: int(table.select(pl.any_horizontal(pl.col(names).str.contains(SHOWN_BY[tolerance])).sum()).item())
            for tolerance, names in _lenient(layout).items()
        }
    )


def _rewritten(table: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rewrites cells as the standard has them, in columns where the district accepts another form."""
    for tolerance, names in _lenient(layout).items():
        for pattern, becomes in REWRITES[tolerance]:
            table = table.with_columns(pl.col(names).str.replace(pattern, becomes))
    return table


def _is_plain(text: pl.Series, width: int) -> pl.Series:
    """Returns which lines have as many cells as the header, are quoted as RFC 4180 says, and have nothing too large."""
    plain = (text.str.count_matches(",", literal=True) == width - 1) & (text.str.len_bytes() < LARGEST_CELL)
    plain &= ~text.str.contains("\0", literal=True)
    quoted = text.str.contains('"', literal=True)
    if quoted.any():
        well = text.filter(quoted).str.contains(rf"^{CELL}(?:,{CELL}){{{width - 1}}}$")
        well &= text.filter(quoted).str.len_bytes() < LARGEST_CELL
        well &= ~text.filter(quoted).str.contains("\0", literal=True)
        plain = plain.scatter(quoted.arg_true(), well)
    return plain


def _split(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    names = {place: column.name for column, place in zip(layout.columns, layout.places, strict=True) if place >= 0}
    text = lines["text"].str.join("\n").item() or ""
    schema: dict[str, type[pl.String]] = {f"{place}": pl.String for place in range(layout.width)}
    table = (
        pl.read_csv(text.encode(), has_header=False, schema=schema, columns=sorted(names), infer_schema=False)
        if text
        else pl.DataFrame(schema={str(place): pl.String for place in sorted(names)})
    )
    if table.height != lines.height:
        raise AssertionError("The fast and the strict reader count rows differently.")
    given = table.select(pl.col(str(place)).fill_null("").alias(name) for place, name in names.items())
    absent = [pl.lit("").alias(column.name) for column in layout.columns if column.name not in names.values()]
    return given.with_columns(*absent, line=lines["line"], hash=lines["hash"]).select(_names(layout))


def _names(layout: Layout) -> list[str]:
    return [*(column.name for column in layout.columns), "line", "hash"]


def _is_fine(layout: Layout) -> pl.Expr:
    fine = pl.all_horizontal(_tests(layout))
    if not layout.table.is_delta or "status" not in layout.table.names:
        return fine
    of_ended = [_test(column) for column in layout.columns if column.name in layout.table.of_ended]
    return fine | pl.all_horizontal(each_once(pl.col("status"), says_ended), *of_ended)


def _tests(layout: Layout) -> list[pl.Expr]:
    tests = [_test(column) for column in layout.columns]
    for begin, end in layout.table.spans:
        first, last = pl.col(begin), pl.col(end)
        tests.append((first == "") | (last == "") | (first <= last))  # ISO dates sort as text
    return tests


def _test(column: Column) -> pl.Expr:
    """Tests a cell. It is True only if fault_of() would find nothing, and False if it isn't sure."""
    cell = pl.col(column.name)
    if column.kind is Kind.TEXT or column.kind is Kind.GRADES:
        return cell.str.contains(r"[!-~]") if column.required else pl.lit(True)
    right = _shape(column, cell)
    return right if column.required else (cell == "") | right


def _shape(column: Column, cell: pl.Expr) -> pl.Expr:
    if column.kind is Kind.WORD:
        return each_once(cell, lambda word: fault_of(column, word) is None)
    right = cell.str.contains(f"^(?:{PATTERNS[column.kind]})$")
    if column.kind is Kind.DATE:
        return right & cell.str.to_date("%Y-%m-%d", strict=False).is_between(FIRST_DAY, LAST_DAY).fill_null(False)
    if column.kind is Kind.YEAR:
        return right & cell.cast(pl.Int32, strict=False).is_between(FIRST_DAY.year, LAST_DAY.year).fill_null(False)
    if column.kind is Kind.NUMBER:
        number = cell.cast(pl.Float64, strict=False)
        least = -np.inf if column.least is None else column.least
        most = np.inf if column.most is None else column.most
        return right & number.is_between(least, most).fill_null(False)
    return right


def each_once(cell: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """Tests in Python, once for each different cell, because a column has few different words."""

    def of_all(series: pl.Series) -> pl.Series:
        if series.is_empty():
            return pl.Series(series.name, [], pl.Boolean)
        different = series.unique()
        return series.replace_strict(different, [test(word) for word in different], return_dtype=pl.Boolean)

    return cell.map_batches(of_all, return_dtype=pl.Boolean)


def _read_again(odd: pl.DataFrame, layout: Layout) -> list[tuple[Row | BadRow, int]]:
    """Reads line by line. Each line is whole, so each is one row."""
    found: list[tuple[Row | BadRow, int]] = []
    for text, line, hash_ in odd.iter_rows():
        row = next(strict_rows([f"{text}\n".encode()], layout, line), None)
        found.append((row or BadRow(line, None, Reason.ROW_SHORT), hash_))
    return found


def _frame(rows: Iterable[tuple[Row, int]], layout: Layout) -> pl.DataFrame:
    schema = dict.fromkeys(_names(layout)[:-2], pl.String) | {"line": pl.Int64, "hash": pl.UInt64}
    return pl.DataFrame([(*row.values, row.line, hash_) for row, hash_ in rows], schema, orient="row")


def _what_is_known(text: str, layout: Layout) -> tuple[str, ...]:
    """Returns those cells of a bad row that are right by themselves. Its key may still show which row must not end because of it."""
    cells = split_cells(text.rstrip("\r"))
    if isinstance(cells, Reason):
        cells = [cell.strip('"') for cell in text.split(",")]
    known = []
    for column, place in zip(layout.columns, layout.places, strict=True):
        cell = cells[place] if 0 <= place < len(cells) else ""
        known.append("" if "\0" in cell or fault_of(column, cell) else cell)
    return tuple(known)


def _left(cells: Sequence[tuple[str, ...]], layout: Layout) -> pl.DataFrame:
    return pl.DataFrame(cells, {column.name: pl.String for column in layout.columns}, orient="row")


def lines_of(cells: Cells) -> Numbers:
    return cells.good["line"].to_numpy()
