"""One export's one transaction: its connection, its time, and what has been found out about its rows so far (judging.found)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import Connection, Cursor

from homeroom.judging.found import Found
from homeroom.judging.reading import spoken_days


@dataclass
class Night:
    """today: the district's date at the time of the export. spoken: values that shapes' SQL names."""

    connection: Connection[Any]
    delivery: int
    as_of: datetime
    today: date
    is_first: bool = False  # nothing was ever imported
    found: Found = field(default_factory=Found)
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
        return spoken_days(self.declared, self.found.days, self.today) if self.has_all_marks else None

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
