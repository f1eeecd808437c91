"""inbox/: sealed files by digest, each with a note of who sent it, or by whose leave, and when; whole on the disk, or not there."""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

DIGEST = re.compile(r"[0-9a-f]{64}")
TEMPORARY = ".arriving-"


class Store:
    """The inbox process alone writes here. Its group reads: the opener the files, intake the notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clear(self) -> None:
        """What the last run left half written, or without its note; its sender was not told that we have it, and sends it again."""
        noteless = (path for path in self.folder.glob("*.pgp") if not path.with_suffix(".json").exists())
        for path in (*self.folder.glob(f"{TEMPORARY}*"), *noteless):
            path.unlink(missing_ok=True)
        sync(self.folder)

    def has(self, digest: str) -> bool:
        return (self.folder / f"{digest}.pgp").is_file()

    def note(self, digest: str, words: Mapping[str, str]) -> None:
        """Written last: where a note is, its file is whole. The first sender's note stays."""
        path = self.folder / f"{digest}.json"
        if path.exists():
            return
        note = Arrival(self.folder)
        try:
            note.write(json.dumps(dict(words)).encode())
            note.keep(path)
        finally:
            note.drop()


class Arrival:
    """A file on its way in. Every method raises OSError where the disk is full or failing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
        os.fchmod(self._file, 0o640)  # whatever the umask: the group must read it
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        self._hash.update(piece)
        self.size += len(piece)
        left = memoryview(piece)
        while left:
            left = left[os.write(self._file, left) :]

    def keep(self, path: Path) -> None:
        """On the disk under its name when this returns."""
        os.fsync(self._file)
        self.path.replace(path)
        sync(path.parent)

    def drop(self) -> None:
        """Nothing stays that was not kept. Safe to repeat."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self.path.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
