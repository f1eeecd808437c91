"""The versions of OneRoster that can be read, by the number that manifest.csv says."""

from homeroom.formats import oneroster, oneroster_11
from homeroom.formats.spec import Column, Table

VERSIONS: dict[str, dict[str, Table]] = {"1.2": oneroster.TABLES, "1.1": oneroster_11.TABLES}


def only_in_11(table: Table) -> tuple[Column, ...]:
    """What a file of 1.1 has and is read of it, and one of 1.2 does not have."""
    older = oneroster_11.TABLES.get(table.stem)
    return tuple(column for column in older.read_columns if column.name not in table.names) if older else ()
