"""Builds the pages of columns: what each file has, what is read and why, and what the district may turn off. Pure.

They come from the tables that read the files (formats), as docs/files.md does.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.formats.choices import OPTIONAL, is_optional, is_preferred
from homeroom.formats.oneroster import TABLES
from homeroom.formats.spec import Column, Purpose, Table
from homeroom.formats.versions import only_in_11
from homeroom.portal.audit.setting_queries import SettingChange
from homeroom.portal.intake.office.actions import ColumnChange
from homeroom.portal.wording import dates

type Key = tuple[str, str]  # file, column

CHOICES: tuple[Key, ...] = tuple((file, name) for file, names in OPTIONAL.items() for name in names)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """`field` is the form's field, if the column can be turned off. `is_read` is the current setting. `is_chosen` is the state of the box."""

    name: str
    is_read: bool
    purpose: str
    requirement: str
    field: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ColumnsPage:
    lead: str
    files: tuple[tuple[str, tuple[ColumnRow, ...]], ...]
    history: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnsPreview:
    """`off` and `on` are columns that would be turned off or on, with their purpose. `fields` are the form's, to be posted again."""

    off: tuple[tuple[str, str], ...]
    on: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]


def purposes() -> dict[Purpose, str]:
    """Returns the purposes in the reader's language. In English these are the purposes' own words."""
    return {
        Purpose.SAME_ROW: _("to know that a row is the same as in the last export"),
        Purpose.JOIN: _("to connect a row to related rows"),
        Purpose.CHANGES: _("to show an administrator what a file would change. No other page shows it"),
        Purpose.ENDED: _("to end rows that the district marked as ended"),
        Purpose.SCHOOL: _("to name schools, terms, courses and classes"),
        Purpose.SCHEDULE: _("to know when a class, a term or a person's place in it begins and ends"),
        Purpose.NAME: _("to name a person"),
        Purpose.PREFERRED: _("to show the name that a person uses, if the district turned preferred names on"),
        Purpose.LEVEL: _("to show a student's grade level"),
        Purpose.ROLE: _("to know who learns, teaches and works where"),
        Purpose.CONTACT: _("to store how a school reaches a family, and to notice changes to it. No page shows it to families yet"),
        Purpose.FAMILY: _("to show that an adult is a student's contact. It gives no access by itself"),
        Purpose.BIRTH: _("to distinguish people, and to notice when an identifier moves to another person"),
        Purpose.GRADES: _("to show scores and grades to the student, the family and the teacher"),
        Purpose.ATTENDANCE: _("to show attendance to the student, the family and the school"),
    }


def field_of(key: Key) -> str:
    return " ".join(key)


def columns_page(off: Collection[Key], history: Sequence[SettingChange], chosen: Mapping[Key, bool]) -> ColumnsPage:
    chosen_off = len(set(off) & set(CHOICES))
    said = ngettext("%(n)s column is turned off.", "%(n)s columns are turned off.", chosen_off) % {"n": chosen_off}
    return ColumnsPage(
        lead=said if chosen_off else _("No columns are turned off."),
        files=tuple((table.file, _rows(table, off, chosen)) for table in TABLES.values() if table.into),
        history=tuple(line for change in history for line in lines_of(change)),
    )


def _rows(table: Table, off: Collection[Key], chosen: Mapping[Key, bool]) -> tuple[ColumnRow, ...]:
    """Returns the columns of the newest version, then those that only an older one has."""
    older = (replace(_row(table, column, off, chosen), requirement=_("Only in files of OneRoster 1.1")) for column in only_in_11(table))
    return (*(_row(table, column, off, chosen) for column in table.columns), *older)


def _row(table: Table, column: Column, off: Collection[Key], chosen: Mapping[Key, bool]) -> ColumnRow:
    key, can = (table.file, column.name), is_optional(table.file, column.name)
    is_read = column.is_read and key not in off
    return ColumnRow(
        name=column.name,
        is_read=is_read,
        purpose=purposes()[column.purpose] if column.purpose else "",
        requirement=_("Settings, Who sees what: preferred names") if is_preferred(*key) else requirement(column, is_optional=can),
        field=field_of(key) if can else "",
        is_chosen=chosen.get(key, is_read),
    )


def requirement(column: Column, *, is_optional: bool) -> str:
    if not column.is_read:
        return _("Never read")
    if column.required:
        return _("Required")
    if is_optional:
        return _("Optional. You can turn it off")
    if column.purpose is Purpose.BIRTH:
        return _("Required, because Homeroom needs it to distinguish people who share an identifier")
    return _("Read if the file has it, because other data depend on it")


def preview_page(changes: Sequence[ColumnChange]) -> ColumnsPreview:
    words = {change: (field_of(change.key), purposes()[purpose]) for change in changes if (purpose := _purpose(change.key))}
    shown = [(f"was {field_of(change.key)}", "on" if change.was else "off") for change in changes]
    return ColumnsPreview(
        off=tuple(said for change, said in words.items() if not change.now),
        on=tuple(said for change, said in words.items() if change.now),
        fields=(*shown, *(("read", field_of(change.key)) for change in changes if change.now)),
    )


def _purpose(key: Key) -> Purpose | None:
    return next(table for table in TABLES.values() if table.file == key[0]).column(key[1]).purpose


def lines_of(change: SettingChange) -> list[tuple[str, str]]:
    who = _("%(by)s, %(day)s, %(time)s") % {"by": change.name, "day": dates.day(change.at.date()), "time": dates.clock(change.at)}
    on, off = _("%(column)s turned back on"), _("%(column)s turned off")
    return [(who, (on if c["now"] else off) % {"column": f"{c['file']} {c['name']}"}) for c in json.loads(change.changes)]
