"""Applies how the district wants its files read. The portal empties columns that the district turned off and reads tonight's file
without them. It also accepts what the district allows beyond the standard (formats.tolerances)."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from psycopg import Connection

from homeroom.formats.choices import PREFERRED
from homeroom.formats.manifest import Listed
from homeroom.formats.tolerances import Tolerance, tolerant

type Off = dict[str, set[str]]  # file → names of columns


def switched_off(connection: Connection[Any]) -> Off:
    """Returns the columns that are not read. Preferred names are off by default, and unread_column has no rows for them at first."""
    (preferred,) = connection.execute("SELECT preferred_names FROM district").fetchone() or ("off",)
    off: Off = {file: set(names) for file, names in PREFERRED.items()} if preferred == "off" else {}
    for file, name in connection.execute("SELECT file, column_name FROM unread_column").fetchall():
        off.setdefault(file, set()).add(name)
    return off


def empty(connection: Connection[Any], off: Off) -> None:
    """Empties these columns before the file is compared. Runs once a column, and again after an undo (acts_settings.sql). Commits."""
    for file, names in off.items():
        for name in names:
            connection.execute("SELECT empty_column(%s, %s)", [file, name])
    connection.commit()


def tolerances(connection: Connection[Any]) -> list[Tolerance]:
    """Returns the district's tolerances. Skips those that only another release knows."""
    (found,) = connection.execute("SELECT tolerances FROM district").fetchone() or ([],)
    return [each for each in Tolerance if each in found]


def as_chosen(files: Iterable[Listed], off: Off, let_pass: Collection[Tolerance]) -> list[Listed]:
    chosen = ((listed, tolerant(listed.table, let_pass)) for listed in files)
    return [replace(listed, table=table.without(off.get(table.file, ()))) for listed, table in chosen]
