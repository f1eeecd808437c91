"""Rows into CSV files with the standard's exact header, and the files into one ZIP, the same bytes each time."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from homeroom.formats.oneroster import BESIDE, TABLES

EPOCH = (2020, 1, 1, 0, 0, 0)  # a member's time must not make two equal exports differ
FAST = 1


class Sheet:
    """One file. `add` takes cells by column; what is left out is blank."""

    def __init__(self, stem: str) -> None:
        self.table = TABLES[stem]
        self._blank = [""] * len(self.table.names)
        self._place = {name: place for place, name in enumerate(self.table.names)}
        self.rows: list[list[object]] = []

    def add(self, **cells: object) -> None:
        row: list[object] = list(self._blank)
        for name, cell in cells.items():
            row[self._place[name]] = cell
        self.rows.append(row)

    def text(self) -> str:
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(self.table.names)
        writer.writerows(self.rows)
        return written.getvalue()


class Sheets:
    """All files of an export, by stem, made when first named."""

    def __init__(self) -> None:
        self.by_stem: dict[str, Sheet] = {}

    def __getitem__(self, stem: str) -> Sheet:
        if stem not in self.by_stem:
            self.by_stem[stem] = Sheet(stem)
        return self.by_stem[stem]

    def counts(self) -> dict[str, int]:
        return {stem: len(sheet.rows) for stem, sheet in self.by_stem.items()}

    def write(self, out: Path) -> None:
        texts = {f"{stem}.csv": sheet.text() for stem, sheet in self.by_stem.items()}
        write_zip(out, {"manifest.csv": manifest(self.by_stem), **texts})


def manifest(stems: Iterable[str], system: str = "Made-up School System", mode: str = "bulk") -> str:
    sent = set(stems)
    lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.2"]
    for stem in sorted(set(TABLES) - set(BESIDE)):
        lines.append(f"file.{stem},{mode if stem in sent else 'absent'}")
    lines.append(f"source.systemName,{system}")
    return "\r\n".join(lines) + "\r\n"


def write_zip(out: Path, texts: Mapping[str, str | bytes]) -> None:
    with ZipFile(out, "w") as package:
        for name, text in texts.items():
            package.writestr(member(name), text, ZIP_DEFLATED, FAST)


def member(name: str) -> ZipInfo:
    info = ZipInfo(name, EPOCH)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
