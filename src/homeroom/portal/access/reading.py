"""Reading functions of the database. The login `app` has no rights on tables, so every page gets its content from one of these."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, LiteralString, cast

from psycopg import Connection

from homeroom.portal.access.asking import Query, rows, rows_one_by_one


class Reading[Row]:
    """A function of a reading.sql and the class of its rows. Fields have the names and the order of the function's columns.

    `arguments` are the function's, each with its type. `columns` is for rows that are not only of that class. `tests/house` compares all of them with
    the catalog.
    """

    all: ClassVar[list["Reading[Any]"]] = []

    def __init__(self, row: type[Row], function: LiteralString, /, columns: Sequence[str] = (), **arguments: LiteralString) -> None:
        self.row, self.function, self.arguments = row, function, arguments
        self.columns = tuple(columns) or columns_of(row)
        given = ", ".join(f"%({name})s::{kind}" for name, kind in arguments.items())
        self.statement: LiteralString = f"SELECT {', '.join(f'"{name}"' for name in self.columns)} FROM {function}({given})"
        self.all.append(self)

    def asked(self, **values: object) -> Query:
        """Returns the query for rows_of_each(), which sends several before the first answer."""
        return self.statement, values

    def rows(self, *given: object, **values: object) -> list[tuple[Any, ...]]:
        """`given` has values in the order of the arguments."""
        return rows(self.statement, dict(zip(self.arguments, given, strict=False)) | values)

    def one_by_one(self, **values: object) -> Iterator[tuple[Any, ...]]:
        return rows_one_by_one(self.statement, values)

    def __call__(self, *given: object, **values: object) -> list[Row]:
        return [self.row(*row) for row in self.rows(*given, **values)]

    def one(self, *given: object, **values: object) -> Row | None:
        """Returns the first row, if there is one."""
        return next(iter(self(*given, **values)), None)

    def on(self, connection: Connection[Any], **values: object) -> list[Row]:
        """Runs the query in a process without Django."""
        return [self.row(*row) for row in connection.execute(self.statement, values)]


def columns_of(row: type) -> tuple[str, ...]:
    """Returns the field names of a dataclass or a named tuple."""
    if is_dataclass(row):
        return tuple(field.name for field in fields(row))
    return cast(tuple[str, ...], row._fields)  # type: ignore[attr-defined]
