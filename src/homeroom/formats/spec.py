"""The description of a file: its columns, what each may have, and for which purpose Homeroom reads it.

A column without a purpose is never read, staged or logged. This allow-list keeps data to the minimum.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The kind of a cell's content. values.py has the rule of each."""

    TEXT = "text"
    GUID = "guid"
    GUIDS = "guids"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"
    WORD = "word"
    NUMBER = "number"
    GRADES = "grades"
    SCALE = "scale"


class Purpose(StrEnum):
    """The reason why a column is read, as the data inventory shows it."""

    SAME_ROW = "to know that a row is the same as in the last export"
    JOIN = "to connect a row to related rows"
    CHANGES = "to show an administrator what a file would change. No other page shows it"
    ENDED = "to end rows that the district marked as ended"
    SCHOOL = "to name schools, terms, courses and classes"
    SCHEDULE = "to know when a class, a term or a person's place in it begins and ends"
    NAME = "to name a person"
    PREFERRED = "to show the name that a person uses, if the district turned preferred names on"
    LEVEL = "to show a student's grade level"
    ROLE = "to know who learns, teaches and works where"
    CONTACT = "to store how a school reaches a family, and to notice changes to it. No page shows it to families yet"
    FAMILY = "to show that an adult is a student's contact. It gives no access by itself"
    BIRTH = "to distinguish people, and to notice when an identifier moves to another person"
    GRADES = "to show scores and grades to the student, the family and the teacher"
    ATTENDANCE = "to show attendance to the student, the family and the school"


@dataclass(frozen=True, slots=True)
class Column:
    """`refers_to` is the stem of another file. `least` and `most` limit a number. With `is_open`, ext:… words pass. `reads` are tolerances."""

    name: str
    kind: Kind
    purpose: Purpose | None = None
    required: bool = False
    enum: tuple[str, ...] = ()
    is_open: bool = False
    refers_to: str | None = None
    least: float | None = None
    most: float | None = None
    reads: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        return self.purpose is not None


SAID_IN_DELTA = ("status", "dateLastModified")


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file. `into` names the portal's tables that it fills. Without any, the file is never opened. `spans` are (begin, end).

    `renamed` has pairs of the newest version's name of a column and this version's. `is_delta` means that its rows are changes.
    """

    file: str
    columns: tuple[Column, ...]
    into: tuple[str, ...] = ()
    key: tuple[str, ...] = ("sourcedId",)
    spans: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    is_delta: bool = False

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".csv")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def read_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_read)

    def column(self, name: str) -> Column:
        """Raises KeyError for a name that the file does not have."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def without(self, names: Collection[str]) -> "Table":
        """Returns the table as if Homeroom had never asked for these columns."""
        columns = [replace(each, purpose=None) if each.name in names and not each.required else each for each in self.columns]
        return replace(self, columns=tuple(columns))

    def as_delta(self) -> "Table":
        """Returns the table with rows that say whether they are current or ended, and since when. Homeroom's own files have no such columns."""
        both = [self._in_delta(column) for column in self.columns]
        return replace(self, columns=tuple(both), is_delta=True)

    @staticmethod
    def _in_delta(column: Column) -> Column:
        said = column.name in SAID_IN_DELTA
        return replace(column, required=True, purpose=column.purpose or Purpose.SAME_ROW) if said else column

    @property
    def of_ended(self) -> tuple[str, ...]:
        """Returns all columns that must be filled in a row of a delta that ends another. Real exports leave the other cells blank."""
        return (*self.key, *(name for name in SAID_IN_DELTA if name in self.names))

    def name_of(self, newest: str) -> str:
        """Returns this version's name of a column of the newest one."""
        return dict(self.renamed).get(newest, newest)


def by_stem(tables: Iterable[Table]) -> dict[str, Table]:
    return {table.stem: table for table in tables}
