"""The versions of OneRoster that can be read, by the number that manifest.csv says."""

from homeroom.formats import oneroster, oneroster_11
from homeroom.formats.spec import Table

VERSIONS: dict[str, dict[str, Table]] = {"1.2": oneroster.TABLES, "1.1": oneroster_11.TABLES}
