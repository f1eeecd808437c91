"""How the district wants its files to be read. Columns that it switched off: what is kept of them goes, and tonight's file is read as if it
had none. And what it lets pass that the standard does not allow (formats.tolerances)."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from psycopg import Connection

from homeroom.formats.choices import PREFERRED
from homeroom.formats.manifest import Listed
from homeroom.formats.tolerances import Tolerance, tolerant

type Off = dict[str, set[str]]  # file → names of columns


def switched_off(connection: Connection[Any]) -> Off:
    """A portal whose district never turned preferred names on has no row for them."""
    (preferred,) = connection.execute("SELECT preferred_names FROM district").fetchone() or ("off",)
    off: Off = {file: set(names) for file, names in PREFERRED.items()} if preferred == "off" else {}
    for file, name in connection.execute("SELECT file, column_name FROM unread_column").fetchall():
        off.setdefault(file, set()).add(name)
    return off


def empty(connection: Connection[Any], off: Off) -> None:
    """Committed by itself, before the file is compared with what is kept. It is done once, and again after an undo (acts.sql)."""
    for file, names in off.items():
        for name in names:
            connection.execute("SELECT empty_column(%s, %s)", [file, name])
    connection.commit()


def tolerances(connection: Connection[Any]) -> list[Tolerance]:
    """One that another release knows is passed over."""
    (found,) = connection.execute("SELECT tolerances FROM district").fetchone() or ([],)
    return [each for each in Tolerance if each in found]


def as_chosen(files: Iterable[Listed], off: Off, let_pass: Collection[Tolerance]) -> list[Listed]:
    chosen = ((listed, tolerant(listed.table, let_pass)) for listed in files)
    return [replace(listed, table=table.without(off.get(table.file, ()))) for listed, table in chosen]
