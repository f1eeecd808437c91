"""Nights without gpg and the opener. The file is in the inbox unsealed, and everything after its opening is as in production."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from homeroom.portal.intake import importing
from homeroom.portal.intake.carrying import carry_out_next
from homeroom.portal.intake.importing import connect
from homeroom.portal.intake.opening.frames import Verdict
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.place import Place


@dataclass
class Unsealed:
    """Holds the portal, and the time when each of its files was signed."""

    portal: Lincoln
    signed: dict[str, datetime] = field(default_factory=dict)

    def send(self, content: Export | bytes, at: datetime | None = None) -> dict[str, Any]:
        """Sends a file and returns its receipt. `at` is when it was signed, an hour before it arrives. None means a minute after the last file."""
        return self.portal.import_one(self.deliver(content, at))

    def deliver(self, content: Export | bytes, at: datetime | None = None) -> str:
        if at:
            self.portal.now = at + timedelta(hours=1)
        self.portal.signed = at = at or self.portal.signed + timedelta(minutes=1)
        plain = content if isinstance(content, bytes) else content.zip()
        written = plain + f"\n{at}".encode()  # the same file on two nights is two files
        self.signed[hashlib.sha256(written).hexdigest()] = at
        return self.portal.deliver(written)

    def decide(self, digest: str, verdict: str) -> dict[str, Any]:
        """Decides as an administrator and runs the importer. Returns the file's last receipt."""
        with self.portal.connect() as owner:
            by = owner.execute("SELECT person_id FROM administrator ORDER BY id LIMIT 1").fetchone()
            assert by, "nobody is administrator here"
            owner.execute(
                "INSERT INTO decision (delivery_id, verdict, by_id) SELECT id, %s, %s FROM delivery WHERE digest = %s", [verdict, by[0], digest]
            )
        place = Place.read(self.portal.folder)
        with connect(place) as connection:
            assert carry_out_next(place, connection, self.portal.now)
        return self.portal.last_receipt(digest)

    def _opened(self, store: Store, connection: Connection[Any], folder: Path, digest: str) -> Verdict:
        """Answers as importing.open_into() would."""
        signer = connection.execute("SELECT min(fingerprint) FROM signer").fetchone()
        connection.commit()
        store.write((folder / "inbox" / f"{digest}.pgp").read_bytes().rpartition(b"\n")[0])
        assert signer
        return Verdict(signer[0].lower(), self.signed[digest], (), False)


@contextmanager
def unsealed(portal: Lincoln) -> Iterator[Unsealed]:
    """Makes the importer of this process open files that no one sealed. The opener still opens sealed ones."""
    nights, real = Unsealed(portal), importing.open_into

    def opened(store: Store, connection: Connection[Any], folder: Path, digest: str) -> Verdict:
        return (nights._opened if digest in nights.signed else real)(store, connection, folder, digest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "open_into", opened)
        yield nights
