"""Opens the ZIP of everything that is kept with Debian's unzip, and reads its tables."""

import csv
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from homeroom.ops.answers import NotDone
from tests.journeys.sign_in.paper import told_by

type Table = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Unzipped:
    """`tested` is the verdict of unzip. `page` is HTML. The tables have a row for each line, by the names of their columns."""

    names: Sequence[str]
    tested: str
    page: str
    tables: Mapping[str, Table]

    def values(self, label: str) -> list[str]:
        """Returns the values of everything.csv with this label."""
        return [row["Value"] for row in self.tables["everything.csv"] if row["What"] == label]


def unzipped(path: Path) -> Unzipped:
    """Raises NotDone, also if unzip finds an error."""
    if shutil.which("unzip") is None:
        raise NotDone("unzip is missing. Install Debian's package unzip.")
    tested = told_by("unzip", "-tq", str(path)).partition(" of ")[0]  # after it comes the file's name
    names = told_by("unzip", "-Z1", str(path)).splitlines()
    tables = {name: table(told_by("unzip", "-p", str(path), name)) for name in names if name.endswith(".csv")}
    return Unzipped(names, tested, told_by("unzip", "-p", str(path), "everything.html"), tables)


def table(text: str) -> Table:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))
