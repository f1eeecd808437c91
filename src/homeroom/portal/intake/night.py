"""Holds one import's state: its connection, its time and what was found about its rows so far (judging.found)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import Connection, Cursor

from homeroom.judging.found import Found
from homeroom.judging.reading import spoken_days


@dataclass
class Night:
    """`today` is the district's date at the time of the export. `values` are the parameters of the shapes' SQL."""

    connection: Connection[Any]
    delivery: int
    as_of: datetime
    today: date
    is_first: bool = False  # nothing was ever imported
    found: Found = field(default_factory=Found)
    has_all_marks: bool = False  # attendance.csv is in bulk mode
    reads_all_marks: bool = False  # attendance.csv is complete for days for which the last one was not
    declared: tuple[date | None, date | None] = (None, None)  # days for which attendance.csv is complete, by manifest.csv
    stems: set[str] = field(default_factory=set)  # files that were sent
    is_settling: bool = False  # the file will be applied, so answers about people are carried out
    is_whole: bool = False  # every line is read, even unchanged ones
    keeps_roles: bool = False  # no one joins or leaves a school or changes a role there
    left_out: set[str] = field(default_factory=set)  # files from which an approval in part removed rows (leaving_out.py)

    @property
    def values(self) -> Mapping[str, Any]:
        first, last = self.spoken_days or (None, None)
        return {"today": self.today, "first_day": first, "last_day": last, "delivery": self.delivery}

    @property
    def spoken_days(self) -> tuple[date, date] | None:
        return spoken_days(self.declared, self.found.days, self.today) if self.has_all_marks else None

    def run(self, statement: str, **values: Any) -> Cursor[Any]:
        """Runs SQL. `statement` never contains anything from a file. %(today)s and the other values are bound."""
        if "%(" in statement:
            return self.connection.execute(statement.encode(), {**self.values, **values})
        return self.connection.execute(statement.encode())

    def is_empty(self, table: str) -> bool:
        return self.run(f"SELECT FROM {table} LIMIT 1").fetchone() is None

    def number(self, statement: str, **values: Any) -> int:
        row = self.run(statement, **values).fetchone()
        return int(row[0] or 0) if row else 0
