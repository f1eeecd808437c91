"""Small exports that were written by hand for these tests: Lincoln's, which has no faults, and ways to write it wrong."""

import io
from collections.abc import Iterable, Mapping
from zipfile import ZIP_DEFLATED, ZipFile

from homeroom.formats.oneroster import BESIDE, TABLES
from homeroom.formats.spec import Table

NINA = "a95e795f-ddf2-4a38-8b39-fb386537e460"
ANA = "45df8766-c49d-46be-99fa-83b596c9de68"
USERS = TABLES["users"]
CATEGORIES = TABLES["categories"]
DEMOGRAPHICS = TABLES["demographics"]


def csv_of(table: Table, *rows: Mapping[str, str]) -> str:
    """Writes cells as they are. The caller quotes them."""
    lines = [",".join(table.names), *(",".join(row.get(name, "") for name in table.names) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def nina(**cells: str) -> dict[str, str]:
    return {
        "sourcedId": NINA,
        "enabledUser": "true",
        "username": "nina",
        "givenName": "Nina",
        "familyName": "Ruiz",
        "agentSourcedIds": ANA,
        "grades": "07",
        **cells,
    }


def manifest_of(*stems: str, version: str = "1.2", **said: str) -> str:
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    lines += [f"file.{stem},{'bulk' if stem in stems else 'absent'}" for stem in set(TABLES) - {*BESIDE, *said}]
    lines += [f"file.{stem},{mode}" for stem, mode in said.items()]
    return "\r\n".join(lines) + "\r\n"


def lincoln() -> dict[str, str | bytes]:
    return {"manifest.csv": manifest_of("users"), "users.csv": csv_of(USERS, nina())}


def zip_of(members: Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]]) -> io.BytesIO:
    pairs = members.items() if isinstance(members, Mapping) else members
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, text in pairs:
            package.writestr(name, text)
    file.seek(0)
    return file


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]
