"""Compares the pinned packages with known vulnerabilities, in a local copy of an OSV database. It connects to nothing. `make check` runs it.

ADVISORIES=FOLDER-OR-ZIP python -m tools.advisories        without it: build/advisories.zip or build/advisories; docs/releasing.md says more
Exit codes: 0 none found, or no database (one line says so); 1 found; 2 the database can't be read.
"""

import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tools.sbom import pinned

ROOT = Path(__file__).parents[1]
USUAL = ("build/advisories.zip", "build/advisories")
ECOSYSTEM = "PyPI"
SILENT, FOUND, UNREADABLE = 0, 1, 2
NOT_CHECKED = (
    "Advisories were not checked: there is no database on this computer. "
    "Set ADVISORIES to a folder or ZIP of OSV files for PyPI (docs/releasing.md says where it comes from)."
)
type Json = dict[str, Any]


class DatabaseOdd(Exception):
    """The message says which file can't be read, and why."""


@dataclass(frozen=True, slots=True, order=True)
class Affected:
    package: str
    version: str
    advisory: str
    fixed: tuple[str, ...]
    summary: str

    def __str__(self) -> str:
        fix = f"fixed in {', '.join(self.fixed)}" if self.fixed else "no fixed version yet"
        return f"{self.package} {self.version}: {self.advisory} ({fix}) {self.summary}".rstrip()


def texts(database: Path) -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and content. Raises DatabaseOdd."""
    try:
        if database.is_dir():
            for path in sorted(database.rglob("*.json")):
                yield str(path.relative_to(database)), path.read_bytes()
            return
        with zipfile.ZipFile(database) as packed:
            for name in sorted(packed.namelist()):
                if name.endswith(".json"):
                    yield name, packed.read(name)
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile) as odd:
        raise DatabaseOdd(f"{database} can't be read: {odd}") from odd


def advisories(database: Path) -> Iterator[Json]:
    """Yields every advisory. Raises DatabaseOdd: a file that is left out could be the one that matters."""
    count = 0
    for name, text in texts(database):
        try:
            advisory = json.loads(text)
            entries = advisory.get("affected", [])
            known = isinstance(advisory["id"], str) and isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
        except (ValueError, KeyError, TypeError, AttributeError) as odd:
            raise DatabaseOdd(f"{database}: {name} is no OSV advisory: {odd!r}") from odd
        if not known:
            raise DatabaseOdd(f"{database}: {name} is no OSV advisory: its id or its list of packages is odd")
        count += 1
        yield advisory
    if not count:
        raise DatabaseOdd(f"{database} has no advisory in it.")


def affected(packages: Mapping[str, str], found: Iterator[Json]) -> Iterator[Affected]:
    """Yields which of these packages (name → version) have a known vulnerability. Withdrawn advisories don't count. Raises DatabaseOdd."""
    known = {canonicalize_name(name): (name, version) for name, version in packages.items()}
    for advisory in found:
        for entry in [] if advisory.get("withdrawn") else advisory.get("affected", []):
            package = entry.get("package") or {}
            named = known.get(canonicalize_name(package.get("name", "")))
            if named is None or package.get("ecosystem", "").partition(":")[0] != ECOSYSTEM:
                continue
            try:
                is_hit = is_affected(named[1], entry)
            except (InvalidVersion, KeyError, TypeError) as odd:
                raise DatabaseOdd(f"{advisory['id']}: its versions of {named[0]} can't be compared: {odd!r}") from odd
            if is_hit:
                yield Affected(*named, advisory["id"], fixed_in(entry, named[1]), str(advisory.get("summary", "")))


def is_affected(version: str, entry: Json) -> bool:
    """As OSV's specification evaluates it: named in `versions`, or in one of the ranges."""
    return version in entry.get("versions", []) or any(is_in(Version(version), events) for events in ranges(entry))


def ranges(entry: Json) -> list[list[tuple[Version, str]]]:
    """Returns each range's events by version. A range of commits says nothing about a version. Without limits, a range can only be larger."""
    return [
        sorted((Version("0.dev0" if at == "0" else at), kind) for event in each["events"] for kind, at in event.items() if kind != "limit")
        for each in entry.get("ranges", [])
        if each["type"] != "GIT"
    ]


def is_in(version: Version, events: list[tuple[Version, str]]) -> bool:
    is_hit = False
    for at, kind in events:
        if kind == "introduced" and version >= at:
            is_hit = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            is_hit = False
    return is_hit


def fixed_in(entry: Json, version: str) -> tuple[str, ...]:
    """Returns the versions above this one that fix it, lowest first."""
    later = sorted({at for events in ranges(entry) for at, kind in events if kind == "fixed" and at > Version(version)})
    return tuple(map(str, later))


def database_of(root: Path, named: str) -> Path | None:
    """Returns the database. One that was named and isn't there is an error later, and not the same as none."""
    return Path(named) if named else next((root / usual for usual in USUAL if (root / usual).exists()), None)


def checked(root: Path, database: Path) -> tuple[list[Affected], str]:
    """Returns what was found, and how much was read. Raises DatabaseOdd."""
    all_of_them = list(advisories(database))
    packages = {name: package.version for name, package in pinned(root).items()}
    newest = max(str(advisory.get("modified", "")) for advisory in all_of_them).partition("T")[0]
    read = f"{len(packages)} packages, {len(all_of_them)} advisories in {database}, the newest of {newest or 'an unknown day'}"
    return sorted(set(affected(packages, iter(all_of_them)))), read


def main(root: Path = ROOT) -> int:
    database = database_of(root, os.environ.get("ADVISORIES", ""))
    if database is None:
        sys.stdout.write(f"{NOT_CHECKED}\n")
        return SILENT
    try:
        found, read = checked(root, database)
    except DatabaseOdd as odd:
        sys.stderr.write(f"Advisories: {odd}\n")
        return UNREADABLE
    sys.stdout.write("".join(f"{each}\n" for each in found))
    sys.stdout.write(f"Advisories: {len(found) or 'none'} found ({read})\n")
    return FOUND if found else SILENT


if __name__ == "__main__":
    sys.exit(main())
