"""manifest.csv: the version of OneRoster, and whether each file is absent, whole (bulk) or changes (delta)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.formats.encoding import Utf8
from homeroom.formats.oneroster import BESIDE
from homeroom.formats.package import Member, Package
from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.spec import Column, Kind, Purpose, Table
from homeroom.formats.table import Row, read_layout, strict_rows
from homeroom.formats.values import fault_of
from homeroom.formats.versions import VERSIONS

NAME = "manifest.csv"
CLEVERS = ("students.csv", "sections.csv", "schools.csv", "teachers.csv")
LARGEST = 1 << 20
SAYS_MORE = (Reason.UTF16, Reason.SEPARATOR)  # more precise than that the manifest can't be read
FILE = "file."
FIRST_DAY, LAST_DAY = "attendance.firstDay", "attendance.lastDay"
KNOWN = ("manifest.version", "oneroster.version", "source.systemName", "source.systemCode", FIRST_DAY, LAST_DAY)
MANIFEST = Table(
    NAME,
    (
        Column("propertyName", Kind.TEXT, Purpose.JOIN, required=True),
        Column("value", Kind.TEXT, Purpose.JOIN),
    ),
    key=("propertyName",),
)


class Mode(StrEnum):
    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that is in the package, that the manifest lists as sent, and that Homeroom reads."""

    table: Table
    member: Member
    mode: Mode


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files` are in the order in which their rows can refer to one another. `days` are the first and the last day that attendance.csv speaks for."""

    version: str
    files: tuple[Listed, ...]
    notes: tuple[Note, ...]
    days: tuple[date | None, date | None] = (None, None)


def read_manifest(package: Package, *, may_propose: bool = False) -> Manifest:
    """With `may_propose`, a package without manifest.csv is read by the files that it has. Raises PackageRefused if the package lacks something that it
    lists."""
    if package.member(NAME) is None and any(package.member(name) for name in CLEVERS):
        raise PackageRefused(Reason.CLEVER_FILES)
    is_proposed = may_propose and package.member(NAME) is None
    said = _proposed(package) if is_proposed else _properties(package)
    version, tables = _version(said)
    modes, notes = _modes(said, tables)
    files = tuple(_listed(package, tables, modes))
    notes += _strays(package, tables, modes)
    if is_proposed:
        notes.append(Note(Reason.MANIFEST_PROPOSED, NAME))
    if said.get("manifest.version") != "1.0":
        notes.append(Note(Reason.MANIFEST_VERSION, NAME))
    return Manifest(version, files, package.notes + tuple(notes), _days(said))


def _days(said: Mapping[str, str]) -> tuple[date | None, date | None]:
    first, last = (_day(said.get(name, ""), name) for name in (FIRST_DAY, LAST_DAY))
    if first and last and first > last:
        raise PackageRefused(Reason.MANIFEST_DAYS, NAME, LAST_DAY)
    return first, last


def _day(value: str, name: str) -> date | None:
    if not value:
        return None
    if fault_of(Column(name, Kind.DATE, Purpose.ATTENDANCE), value):
        raise PackageRefused(Reason.MANIFEST_DAYS, NAME, name)
    return date.fromisoformat(value)


def _proposed(package: Package) -> dict[str, str]:
    """Returns what a manifest would say. Only OneRoster 1.2 has roles.csv."""
    version = "1.2" if package.member("roles.csv") else "1.1"
    modes = {f"{FILE}{stem}": Mode.BULK if package.member(table.file) else Mode.ABSENT for stem, table in VERSIONS[version].items() if stem not in BESIDE}
    return {"manifest.version": "1.0", "oneroster.version": version, **modes}


def _properties(package: Package) -> dict[str, str]:
    member = package.member(NAME)
    if member is None:
        raise PackageRefused(Reason.MANIFEST_MISSING)
    if member.size > LARGEST:
        raise PackageRefused(Reason.MANIFEST_UNREADABLE, NAME)
    content = list(member.blocks())
    try:
        blocks = list(Utf8(content, NAME))
        layout = read_layout(blocks, MANIFEST)
    except PackageRefused as refused:
        reason = refused.reason if refused.reason in SAYS_MORE else Reason.MANIFEST_UNREADABLE
        raise PackageRefused(reason, NAME, refused.column) from refused
    if layout.place("value") < 0:
        raise PackageRefused(Reason.MANIFEST_UNREADABLE, NAME, "value")
    said: dict[str, str] = {}
    for row in strict_rows(blocks, layout):
        if not isinstance(row, Row):
            raise PackageRefused(Reason.MANIFEST_UNREADABLE, NAME)
        name, value = (cell.strip() for cell in row.values)
        name = name.rstrip("*")  # the 1.2 specification prints new names with one, and exporters copy it
        if name in said:
            raise PackageRefused(Reason.MANIFEST_DOUBLED, NAME)
        said[name] = value
    return said


def _version(said: Mapping[str, str]) -> tuple[str, dict[str, Table]]:
    if not said.get("oneroster.version"):
        raise PackageRefused(Reason.VERSION_MISSING, NAME)
    version = ".".join(said["oneroster.version"].removeprefix("v").split(".")[:2])
    if version not in VERSIONS:
        raise PackageRefused(Reason.VERSION_UNKNOWN, NAME)
    return version, VERSIONS[version]


def _modes(said: Mapping[str, str], tables: Mapping[str, Table]) -> tuple[dict[str, Mode], list[Note]]:
    stems = {stem.casefold(): stem for stem in tables}
    modes: dict[str, Mode] = {}
    notes: list[Note] = []
    for name, value in said.items():
        stem = stems.get(name.removeprefix(FILE).casefold()) if name.startswith(FILE) else None
        if stem is None:
            notes += [] if name in KNOWN else [Note(Reason.MANIFEST_PROPERTY, NAME)]
            continue
        if value.casefold() not in tuple(Mode):
            raise PackageRefused(Reason.MANIFEST_MODE, NAME, FILE + stem)
        modes[stem] = Mode(value.casefold())
    for stem, table in tables.items():
        if stem not in modes:
            notes += [] if stem in BESIDE or not table.into else [Note(Reason.MANIFEST_INCOMPLETE, table.file)]
            modes[stem] = Mode.BULK if stem in BESIDE else Mode.ABSENT
    return modes, list(dict.fromkeys(notes))


def _listed(package: Package, tables: Mapping[str, Table], modes: Mapping[str, Mode]) -> Iterator[Listed]:
    for stem, table in tables.items():
        if modes[stem] is Mode.ABSENT or not table.into:
            continue
        member = package.member(table.file)
        if member is not None:
            yield Listed(table.as_delta() if modes[stem] is Mode.DELTA else table, member, modes[stem])
        elif stem not in BESIDE:
            raise PackageRefused(Reason.FILE_MISSING, table.file)


def _strays(package: Package, tables: Mapping[str, Table], modes: Mapping[str, Mode]) -> list[Note]:
    notes: list[Note] = []
    by_file = {table.file.lower(): table for table in tables.values()}
    for name, member in package.members.items():
        table = by_file.get(name)
        if table is None:
            notes += [] if name == NAME else [Note(Reason.FILE_UNKNOWN)]
            continue
        if member.name != table.file:
            notes.append(Note(Reason.FILE_NAME_CASE, table.file))
        if modes[table.stem] is Mode.ABSENT:
            notes.append(Note(Reason.FILE_NOT_LISTED, table.file))
    return list(dict.fromkeys(notes))
