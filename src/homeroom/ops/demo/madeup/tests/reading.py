"""A made-up export through our own strict reader: its rows by file, and whatever was not perfect."""

from pathlib import Path

from homeroom.formats.encoding import Utf8
from homeroom.formats.glance import glance
from homeroom.formats.manifest import read_manifest
from homeroom.formats.oneroster import TABLES
from homeroom.formats.package import open_package
from homeroom.formats.reasons import Note
from homeroom.formats.table import BadRow, Row, read_layout, strict_rows
from homeroom.formats.values import ids_in

type Rows = list[dict[str, str]]


def read_export(export: Path) -> tuple[dict[str, Rows], list[BadRow], list[Note]]:
    rows: dict[str, Rows] = {}
    bad: list[BadRow] = []
    with export.open("rb") as file:
        manifest = read_manifest(open_package(file))
        notes = list(manifest.notes)
        for listed in manifest.files:
            blocks = list(Utf8(listed.member.blocks(), listed.table.file))
            layout = read_layout(blocks, listed.table)
            notes += [*layout.notes, *glance(blocks, layout)]
            names = [column.name for column in layout.columns]
            read = rows.setdefault(listed.table.stem, [])
            for row in strict_rows(blocks, layout):
                if isinstance(row, Row):
                    read.append(dict(zip(names, row.values, strict=True)))
                else:
                    bad.append(row)
    return rows, bad, notes


def dangling(rows: dict[str, Rows]) -> list[tuple[str, str, str]]:
    """Every reference to a row that is not there: file, column, identifier."""
    ids = {stem: {row["sourcedId"] for row in some if "sourcedId" in row} for stem, some in rows.items()}
    return [
        (stem, column.name, target)
        for stem, some in rows.items()
        for column in TABLES[stem].read_columns
        if column.refers_to
        for row in some
        for target in ids_in(row[column.name])
        if target not in ids[column.refers_to]
    ]


def doubled(rows: dict[str, Rows]) -> list[str]:
    return [
        stem
        for stem, some in rows.items()
        if len({tuple(row[name] for name in TABLES[stem].key) for row in some}) < len(some)
    ]
