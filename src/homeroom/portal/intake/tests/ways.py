"""The forms of Lincoln's crowded export: whole tables of OneRoster 1.2 or 1.1, or only changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from homeroom.formats.oneroster import BESIDE
from homeroom.formats.spec import Table
from homeroom.formats.versions import VERSIONS
from homeroom.portal.intake.tests.crowded import last_night, tonight
from homeroom.portal.intake.tests.deltas import CHANGED, ended
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.older import older

ENDING = ("enrollments", "results")  # tonight's file of changes ends a row of these


@dataclass(frozen=True, slots=True)
class Way:
    """`last` and `good` make last night's and tonight's export, before anything is spoilt. `tables` says how tonight's files are written."""

    last: Callable[[], Export]
    good: Callable[[], Export]
    tables: Mapping[str, Table]

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(self.good().tables)

    def steady(self, stem: str) -> int:
        """Returns how many of tonight's first rows were there last night too."""
        return len(self.last().tables[stem]) - (self.tables[stem].is_delta and stem in ENDING)


def _changes() -> Export:
    """Returns tonight's rows as changes, in every file that may have changes. The last row of some files ends another row."""
    export = tonight()
    for stem, rows in export.tables.items():
        if stem not in BESIDE:
            export.manifest[f"file.{stem}"] = "delta"
            for row in rows:
                row |= {"status": "active", "dateLastModified": CHANGED}
            if stem in ENDING:
                rows.append(ended(rows.pop(1)["sourcedId"]) | {"dateLastModified": CHANGED})
    return export


def _once(make: Callable[[], Export]) -> Callable[[], Export]:
    """Makes the export once. Each call returns a copy, because a test spoils it."""
    made = cache(make)
    return lambda: made().copy()


_newest = VERSIONS["1.2"]
WHOLE_TABLES = Way(_once(last_night), _once(tonight), _newest)
OLDER = Way(_once(lambda: older(last_night())), _once(lambda: older(tonight())), VERSIONS["1.1"])
CHANGES = Way(_once(last_night), _once(_changes), {stem: table if stem in BESIDE else table.as_delta() for stem, table in _newest.items()})
