"""One file of an export that a test spoils: its cells, rows that are written in another way, and what is wrong with each row."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Column, Kind, Table
from homeroom.portal.intake.tests.export import Export


@dataclass(frozen=True, slots=True)
class Spoilt:
    """`reasons` are those for which the row may be left out. `is_lost` means that no one can tell which row it was."""

    reasons: frozenset[Reason]
    column: str | None = None
    is_lost: bool = False


@dataclass(slots=True)
class Sheet:
    """`steady` is the number of rows that were there last night too. `written` has rows that differ from their cells in the file."""

    table: Table
    header: list[str]
    rows: list[list[str]]
    steady: int
    written: dict[int, bytes] = field(default_factory=dict)
    spoilt: dict[int, Spoilt] = field(default_factory=dict)
    convert: Callable[[bytes], bytes] = bytes

    def place(self, name: str) -> int:
        return self.header.index(name)

    def columns(self, *kinds: Kind) -> list[Column]:
        return [column for column in self.table.read_columns if column.kind in kinds]

    def key(self, row: int) -> tuple[str, ...]:
        return tuple(self.rows[row][self.place(name)].strip() for name in self.table.key)

    def pick(self, chance: Random) -> int:
        """Picks a row of last night whose key is in no spoilt row."""
        taken = {self.key(row) for row in self.spoilt}
        return chance.choice([row for row in range(self.steady) if self.key(row) not in taken])

    def text(self) -> bytes:
        lines = [line_of(self.header), *(self.written.get(n, line_of(row)) for n, row in enumerate(self.rows))]
        return self.convert(b"".join(line + b"\r\n" for line in lines))

    def row_at(self, line: int) -> int:
        """Returns the row on this line. A CR without LF ends a line, too."""
        at = 2
        for row in range(len(self.rows)):
            after = at + 1 + self.written.get(row, b"").count(b"\r")
            if at <= line < after:
                return row
            at = after
        raise AssertionError(f"{self.table.file} has no line {line}")


def sheet_of(export: Export, table: Table, steady: int) -> Sheet:
    rows = [[row.get(name, "") for name in table.names] for row in export.tables[table.stem]]
    return Sheet(table, list(table.names), rows, steady)


def line_of(cells: Sequence[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue().encode()
