"""An export gone wrong: some of the students left out, or all of them; rows changed, or whole files written over."""

import csv
import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from random import Random
from zipfile import ZipFile

from homeroom.ops.demo.madeup.sheets import write_zip

type Rows = list[dict[str, str]]

# Where a student stands in each file; a row of a student who is left out is left out too.
STUDENT_COLUMNS = {
    "users.csv": "sourcedId",
    "roles.csv": "userSourcedId",
    "demographics.csv": "sourcedId",
    "enrollments.csv": "userSourcedId",
    "results.csv": "studentSourcedId",
    "attendance.csv": "Student_id",
    "contacts.csv": "Student_id",
}


def without_students(export: Path, out: Path, share: float, seed: int = 0) -> int:
    """Leaves out that share of the students with everything about them (1.0: all of them); tells how many."""
    texts = read_texts(export)
    students = sorted(row["userSourcedId"] for row in rows_of(texts["roles.csv"]) if row["role"] == "student")
    gone = set(Random(seed).sample(students, round(share * len(students))))  # noqa: S311  made-up people
    without(export, out, gone)
    return len(gone)


def without(export: Path, out: Path, gone: Collection[str]) -> None:
    """Leaves out these students, by sourcedId, with everything about them."""
    texts = read_texts(export)
    for name, column in STUDENT_COLUMNS.items():
        if name in texts:
            texts[name] = text_of(texts[name], [row for row in rows_of(texts[name]) if row[column] not in gone])
    write_zip(out, texts)


def with_rows(export: Path, out: Path, name: str, change: Callable[[Rows], Rows]) -> None:
    """The export with one file's rows changed, added or taken out."""
    texts = read_texts(export)
    texts[name] = text_of(texts[name], change(rows_of(texts[name])))
    write_zip(out, texts)


def with_members(export: Path, out: Path, members: Mapping[str, str | bytes | None]) -> None:
    """The export with whole files replaced, added (rows as bytes, however wrong) or taken out (None)."""
    texts: dict[str, str | bytes] = {**read_texts(export), **dict.fromkeys(members, "")}
    for name, text in members.items():
        if text is None:
            del texts[name]
        else:
            texts[name] = text
    write_zip(out, texts)


def read_texts(export: Path) -> dict[str, str]:
    with ZipFile(export) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def rows_of(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def text_of(like: str, rows: Rows) -> str:
    """With the header of `like`."""
    names = next(csv.reader(io.StringIO(like, newline="")))
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
