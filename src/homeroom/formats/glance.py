"""Checks a file's first rows for Social Security numbers, which refuse the file, and for habits worth a note."""

from collections.abc import Iterable
from itertools import islice

from homeroom.formats.header import Layout
from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.records import records_of
from homeroom.formats.social_security import looks_like_ssn
from homeroom.formats.spec import Kind, Purpose
from homeroom.formats.values import fault_of, remark_of

ROWS = 2000
# A person's identifier in the form 123-45-6789 counts, too. Many districts' own numbers have nine plain digits.
IDENTIFIERS = {
    "users": ("sourcedId", "identifier", "userMasterIdentifier", "username", "userIds"),
    "contacts": ("Student_id", "Contact_sis_id"),
    "attendance": ("Student_id", "Sis_id"),
    "demographics": ("sourcedId",),
}


def glance(blocks: Iterable[bytes], layout: Layout, rows: int = ROWS) -> tuple[Note, ...]:
    """Takes UTF-8 blocks of the file from its start. Returns each note once per column. Raises PackageRefused."""
    records = (record.cells for record in islice(records_of(blocks, layout), rows + 1) if record.line > 1)
    sample = [cells for cells in records if not isinstance(cells, Reason)]
    file = layout.table.file
    for place in layout.unknown:
        _refuse_ssn(sample, place, file, f"column {place + 1}", may_be_bare=True)
    for name in IDENTIFIERS.get(layout.table.stem, ()):
        if layout.place(name) >= 0:
            _refuse_ssn(sample, layout.place(name), file, name, may_be_bare=False)
    for column, place in zip(layout.columns, layout.places, strict=True):
        if place >= 0 and column.kind is Kind.TEXT:
            _refuse_ssn(sample, place, file, column.name, may_be_bare=False, are_names=column.purpose is Purpose.NAME)
    notes = [Note(reason, file, name) for name, reason in sorted(_remarks(sample, layout))]
    if _is_filled(sample, layout.place("password")):
        notes.append(Note(Reason.PASSWORDS, file, "password"))
    if not layout.table.is_delta and _is_filled(sample, layout.place("status")):
        notes.append(Note(Reason.STATUS_IN_BULK, file, "status"))
    return tuple(notes)


def _refuse_ssn(sample: list[list[str]], place: int, file: str, label: str, *, may_be_bare: bool, are_names: bool = False) -> None:
    if looks_like_ssn((cells[place] for cells in sample), may_be_bare=may_be_bare, are_names=are_names):
        raise PackageRefused(Reason.SOCIAL_SECURITY, file, label)


def _remarks(sample: list[list[str]], layout: Layout) -> set[tuple[str, Reason]]:
    found = set()
    for column, place in zip(layout.columns, layout.places, strict=True):
        if place >= 0:
            for cell in {cells[place] for cells in sample}:
                remark = None if fault_of(column, cell) else remark_of(column, cell)
                if remark:
                    found.add((column.name, remark))
    return found


def _is_filled(sample: list[list[str]], place: int) -> bool:
    """Returns whether any cell has something in it. It never inspects the content."""
    return place >= 0 and any(cells[place] for cells in sample)
