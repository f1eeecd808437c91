"""Writes rows as the owner, and makes the same UUID for the same word."""

import hashlib
import uuid
from typing import Any

import psycopg

CANARY = "canary-7f3a"  # it is in every comment and local code, and must be in no log


def identity(word: str) -> uuid.UUID:
    """Returns the same UUID for the same word in every test."""
    return uuid.UUID(bytes=hashlib.sha256(word.encode()).digest()[:16], version=4)


class Writer:
    """Writes rows as owner, and returns their ids."""

    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        self.owner = owner
        self.ids: dict[str, int] = {}

    def row(self, table: str, name: str | None = None, /, **values: Any) -> Any:
        columns = ", ".join(f'"{column}"' for column in values)
        marks = ", ".join(["%s"] * len(values))
        answer = self.owner.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING *", list(values.values())
        ).fetchone()
        assert answer is not None
        if name:
            self.ids[name] = answer[0]
        return answer[0]

    def sourced(self, table: str, name: str, /, **values: Any) -> int:
        return int(self.row(table, name, uuid=identity(name), sourced_id=name, **values))
