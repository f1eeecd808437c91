"""The folder inbox/: sealed files by digest, each with a note of its sender or upload and its time. A file is there whole or not at all."""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

DIGEST = re.compile(r"[0-9a-f]{64}")
TEMPORARY = ".arriving-"


class InboxStore:
    """Only the inbox process writes here. Its group reads: the opener reads files, and intake reads notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clear(self) -> None:
        """Deletes files that the last run left half written or without a note. Their senders got no confirmation and send them again."""
        noteless = (path for path in self.folder.glob("*.pgp") if not path.with_suffix(".json").exists())
        for path in (*self.folder.glob(f"{TEMPORARY}*"), *noteless):
            path.unlink(missing_ok=True)
        sync(self.folder)

    def has(self, digest: str) -> bool:
        return (self.folder / f"{digest}.pgp").is_file()

    def note(self, digest: str, words: Mapping[str, str]) -> None:
        """Writes a note. It is written last, so a file with a note is whole. The first sender's note stays."""
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
    """Holds a file that is arriving. Every method raises OSError if the disk is full or failing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
        os.fchmod(self._file, 0o640)  # sets the mode despite the umask, because the group must read it
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
        """Gives the file its name. It is on the disk when this returns."""
        os.fsync(self._file)
        self.path.replace(path)
        sync(path.parent)

    def drop(self) -> None:
        """Deletes the file unless it was kept. Safe to repeat."""
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
