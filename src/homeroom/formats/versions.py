"""The versions of OneRoster that Homeroom can read, by the number in manifest.csv."""

from homeroom.formats import oneroster, oneroster_11
from homeroom.formats.spec import Column, Table

VERSIONS: dict[str, dict[str, Table]] = {"1.2": oneroster.TABLES, "1.1": oneroster_11.TABLES}


def only_in_11(table: Table) -> tuple[Column, ...]:
    """Returns the columns that Homeroom reads from a file of 1.1 and that a file of 1.2 doesn't have."""
    older = oneroster_11.TABLES.get(table.stem)
    return tuple(column for column in older.read_columns if column.name not in table.names) if older else ()
