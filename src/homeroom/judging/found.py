"""The findings about an export's rows so far: refused rows by line and by group, and notes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from homeroom.formats.reasons import Note, Reason

AGENTS = "agent"  # links between a person and an agent in users.csv. They are contacts, but counted separately while a file is read
FIRST_LINES = 5  # of a group of refused rows
MOST_REFUSED = 10_000  # refused rows of a delivery that are listed one by one. All of them are counted


class RefusedRow(NamedTuple):
    file: str
    line: int
    column: str
    reason: Reason


@dataclass
class Group:
    """Rows that were refused for the same reason. `lines` are those of the first ones. `absent` is the file that they point into, if it was not sent. `cure`
    is the tolerance that would let most of them pass."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    absent: str = ""
    cures: Counter[str] = field(default_factory=Counter)

    @property
    def cure(self) -> str:
        return next((cure for cure, rows in self.cures.most_common(1) if 2 * rows > self.count), "")


@dataclass
class Found:
    """Counts by file name. `read` are its rows, `refused` the rows left out, and `unread` the rows kept from the last file. `groups` are by file, column and
    reason."""

    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    rows: list[RefusedRow] = field(default_factory=list)
    groups: dict[tuple[str, str, Reason], Group] = field(default_factory=dict)
    days: tuple[date, date] | None = None  # the first and the last day in attendance.csv
    unordered: list[str] = field(default_factory=list)  # files whose dates may be month/day or day/month
    notes: Counter[Note] = field(default_factory=Counter)  # number of rows, in the order in which the notes first came up

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
