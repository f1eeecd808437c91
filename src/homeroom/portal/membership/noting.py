"""Hands what narrowed access to the vault: each narrowing sealed to the district's restore key, a file in the portal's folder notes/. Opens nothing.

The plain note exists in the database alone: {"version", "portal", "number", "uuid", "at", "kind", "said"}. A file's name is a keyed hash of its number, so a
store full of notes tells how many there are and nothing else, and a note that is written twice, since something died in between, replaces itself.
"""

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
    """said: what a replay needs (access/telling). Its repr tells nothing of it."""

    number: int
    uuid: UUID  # of the act, by which a restored database knows what it has already
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
    """How many notes were put into notes/. None where no restore key has come to this portal yet: they wait. Raises PlaceOdd. Commits."""
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
            # Only now: killed before, the note is written again, under the same name.
            connection.execute(SEALED, [note.number])
            connection.commit()
            done += 1
    return done


def _due(connection: Connection[Any]) -> Sequence[Note]:
    due = DUE.on(connection)
    connection.commit()  # the numbers are theirs from here on
    return due


def restore_key(portal: Path) -> bytes | None:
    """The public half of the district's restore key, as it came; None: none has."""
    try:
        return b64decode((portal / "cert" / "restore.pub").read_bytes(), validate=False)
    except FileNotFoundError:
        return None
    except NotBase64:
        return b""


def name_of(key: bytes, number: int) -> str:
    return hmac.digest(key, b"note %d" % number, "sha256").hex()


def context_of(portal: str, name: str) -> bytes:
    """What a note is sealed in: taken from another portal's store, or put under another name, it does not open."""
    return b"homeroom note %s %s" % (portal.encode(), name.encode())


def put(place: Place, public: bytes, key: bytes, note: Note) -> Path:
    """On the disk when this returns, as a whole or not at all. Raises KeyOdd."""
    name = name_of(key, note.number)
    sealed = seal_for(public, note.plain(place.slug), context_of(place.slug, name))
    path = place.folder / "notes" / name
    fresh = path.with_suffix(HALF_WRITTEN)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
        os.fchmod(file.fileno(), 0o640)  # whatever the umask: whoever carries it to the store is of the group
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
