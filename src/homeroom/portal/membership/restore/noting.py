"""Seals each narrowing to the district's restore key, as a file in the portal's folder notes/ for the vault. Opens no note.

The plain note exists only in the database: {"version", "portal", "number", "uuid", "at", "kind", "said"}. A file's name is a keyed hash of its number.
So a store full of notes shows only how many there are. A note that is written twice after a crash replaces itself."""

import hmac
import json
import logging
import os
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.place import Place
from homeroom.seal.wrapping import KeyOdd, seal_for

SEALED = "SELECT note_sealed(%s)"
VERSION = 1
HALF_WRITTEN = ".new"
log = logging.getLogger("jobs")


@dataclass(frozen=True, slots=True)
class Note:
    """`said` has what a replay needs (access/telling). The repr doesn't show it."""

    number: int
    uuid: UUID  # the act's UUID, which shows a restored database that it already has the act
    at: datetime
    kind: str
    said: dict[str, Any]

    def __repr__(self) -> str:
        return f"Note({self.number})"

    def plain(self, portal: str) -> bytes:
        words = {"version": VERSION, "portal": portal, "number": self.number, "uuid": str(self.uuid)}
        return json.dumps(words | {"at": self.at.astimezone(UTC).isoformat(), "kind": self.kind, "said": self.said}).encode()


DUE = Reading(Note, "notes_due")


def hand_over(connection: Connection[Any], place: Place) -> int:
    """Writes notes into notes/ and returns how many. Returns 0 if the portal has no restore key yet. Then the notes wait. Raises PlaceOdd. Commits."""
    public = restore_key(place.folder)
    if public is None:
        return 0
    key, done = place.notes_key(), 0
    while due := _due(connection):
        for note in due:
            try:
                put(place, public, key, note)
            except KeyOdd as odd:
                log.error("cert/restore.pub is no restore key, and nothing that narrows access reaches the vault. %s", odd)
                return done
            # Marked only now. If the process is killed before, the note is written again under the same name.
            connection.execute(SEALED, [note.number])
            connection.commit()
            done += 1
    return done


def _due(connection: Connection[Any]) -> Sequence[Note]:
    due = DUE.on(connection)
    connection.commit()  # keeps the numbers that the notes now have
    return due


def restore_key(portal: Path) -> bytes | None:
    """Returns the public half of the district's restore key as it is on disk, or None if there is none. Returns b"" if it isn't Base64."""
    try:
        return b64decode((portal / "cert" / "restore.pub").read_bytes(), validate=False)
    except FileNotFoundError:
        return None
    except NotBase64:
        return b""


def name_of(key: bytes, number: int) -> str:
    return hmac.digest(key, b"note %d" % number, "sha256").hex()


def context_of(portal: str, name: str) -> bytes:
    """Returns the context that a note is sealed in. A note from another portal's store or under another name doesn't open."""
    return b"homeroom note %s %s" % (portal.encode(), name.encode())


def put(place: Place, public: bytes, key: bytes, note: Note) -> Path:
    """Writes the note completely or not at all. It is on disk when this returns. Raises KeyOdd."""
    name = name_of(key, note.number)
    sealed = seal_for(public, note.plain(place.slug), context_of(place.slug, name))
    path = place.folder / "notes" / name
    fresh = path.with_suffix(HALF_WRITTEN)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
        os.fchmod(file.fileno(), 0o640)  # in spite of the umask, because the group carries the notes to the store
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    _sync(path.parent)
    return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
