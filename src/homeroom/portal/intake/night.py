"""One export's one transaction: its connection, its time, and what has been found out about its rows so far."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

from homeroom.formats.reasons import Note, Reason

FIRST_LINES = 5  # of a group of refused rows
MOST_REFUSED = 10_000  # rows of a delivery that are written down one by one; all of them are counted


class RefusedRow(NamedTuple):
    file: str
    line: int
    column: str
    reason: Reason


@dataclass
class Group:
    """Rows that were refused for the same reason. lines: of the first ones. absent: the file that they point into, if it was not sent.
    cure: the tolerance that would let most of them pass."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    absent: str = ""
    cures: Counter[str] = field(default_factory=Counter)

    @property
    def cure(self) -> str:
        return next((cure for cure, rows in self.cures.most_common(1) if 2 * rows > self.count), "")


@dataclass
class Found:
    """Of each file by name. read: its rows; refused: those left out; unread: taken as they were last night. groups: by file, column and reason."""

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    rows: list[RefusedRow] = field(default_factory=list)
    groups: dict[tuple[str, str, Reason], Group] = field(default_factory=dict)
    unordered: list[str] = field(default_factory=list)  # files whose dates may be month/day or day/month
    notes: Counter[Note] = field(default_factory=Counter)  # how many rows; in the order in which they came up, each once

    def refuse(self, file: str, line: int, column: str | None, reason: Reason, absent: str = "", cure: str | None = None) -> None:
        group = self.refuse_more(file, 1, column, reason, absent)
        group.cures.update([cure] if cure else [])
        if len(group.lines) < FIRST_LINES:
            group.lines.append(line)
        if len(self.rows) < MOST_REFUSED:
            self.rows.append(RefusedRow(file, line, column or "", reason))

    def refuse_more(self, file: str, count: int, column: str | None, reason: Reason, absent: str = "") -> Group:
        """Counts rows without their lines."""
        self.refused[file] += count
        group = self.groups.setdefault((file, column or "", reason), Group(absent=absent))
        group.count += count
        return group

    def note(self, *notes: Note, rows: int = 0) -> None:
        for note in notes:
            self.notes[note] += rows


@dataclass
class Night:
    """today: the district's date at the time of the export. spoken: values that shapes' SQL names."""

    connection: Connection[Any]
    delivery: int
    as_of: datetime
    today: date
    is_first: bool = False  # nothing was ever imported
    found: Found = field(default_factory=Found)
    days: tuple[date, date] | None = None  # the first and the last that attendance.csv holds
    has_all_marks: bool = False  # attendance.csv is in bulk mode
    reads_all_marks: bool = False  # it is complete for days for which the last file was not
    declared: tuple[date | None, date | None] = (None, None)  # the same, as manifest.csv says
    stems: set[str] = field(default_factory=set)  # files that were sent
    is_settling: bool = False  # it is decided that the file is applied: answers about people are carried out
    is_whole: bool = False  # every line is read, whether it is as it was or not
    keeps_roles: bool = False  # nobody comes to a school, leaves one or is something else there
    left_out: set[str] = field(default_factory=set)  # files of which an approval in part took rows out (leaving_out.py)

    @property
    def values(self) -> Mapping[str, Any]:
        first, last = self.spoken_days or (None, None)
        return {"today": self.today, "first_day": first, "last_day": last, "delivery": self.delivery}

    @property
    def spoken_days(self) -> tuple[date, date] | None:
        """Returns the days for which attendance.csv is complete: as its manifest says, else from its first mark to the day of the export."""
        if not self.has_all_marks:
            return None
        first, last = self.declared
        first = first or (self.days[0] if self.days else None)
        last = last or (max(self.days[1], self.today) if self.days else self.today)
        return (first, last) if first and first <= last else None

    def run(self, statement: str, **values: Any) -> Cursor[Any]:
        """`statement` is ours alone: nothing of a file is ever written into it. %(today)s … and `values` are bound."""
        if "%(" in statement:
            return self.connection.execute(statement.encode(), {**self.values, **values})
        return self.connection.execute(statement.encode())

    def is_empty(self, table: str) -> bool:
        return self.run(f"SELECT FROM {table} LIMIT 1").fetchone() is None

    def number(self, statement: str, **values: Any) -> int:
        row = self.run(statement, **values).fetchone()
        return int(row[0] or 0) if row else 0
