"""Columns that the district switched off: what is kept of them goes, and tonight's file is read as if it had none."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from psycopg import Connection

from homeroom.formats.manifest import Listed

type Off = dict[str, set[str]]  # file → names of columns


def switched_off(connection: Connection[Any]) -> Off:
    off: Off = {}
    for file, name in connection.execute("SELECT file, column_name FROM unread_column").fetchall():
        off.setdefault(file, set()).add(name)
    return off


def empty(connection: Connection[Any], off: Off) -> None:
    """Committed by itself, before the file is compared with what is kept. It is done once, and again after an undo (acts.sql)."""
    for file, names in off.items():
        for name in names:
            connection.execute("SELECT empty_column(%s, %s)", [file, name])
    connection.commit()


def as_chosen(files: Iterable[Listed], off: Off) -> list[Listed]:
    return [replace(listed, table=listed.table.without(off.get(listed.table.file, ()))) for listed in files]
