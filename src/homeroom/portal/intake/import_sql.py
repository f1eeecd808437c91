"""Runs an import's SQL: the connection, and the values that statements bind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection, Cursor


@dataclass(frozen=True)
class ImportSql:
    """`today` is the district's date at the time of the export. `is_first` means that nothing was ever imported."""

    connection: Connection[Any]
    delivery: int
    today: date
    is_first: bool

    @property
    def values(self) -> Mapping[str, Any]:
        return {"today": self.today, "delivery": self.delivery}

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
