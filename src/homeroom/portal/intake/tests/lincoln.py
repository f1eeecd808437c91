"""Lincoln's portal for the tests of intake: a folder, the opener, a database, and the district's computer that seals and sends."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from homeroom.formats.tolerances import Tolerance
from homeroom.judging.memory import Records
from homeroom.portal.intake import importer
from homeroom.portal.intake.importing import import_file, made_ready
from homeroom.portal.intake.tests.checked import Before, compared
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.opener_portal import KEY, opener_of, portal_folder
from homeroom.portal.place import Place
from homeroom.seal import keys
from homeroom.seal.sealing import verify_receipt
from homeroom.seal.tests.gpg import Gpg, certificate_of, computer
from tests.database import PORTAL_TOML, Server
from tests.turns import Lent, turn

RECEIPTS = keys.make_receipt_key("Lincoln Unified receipts")
CARL = "Carl Webb"
LONG_AGO = "20260901T000000"
# Stays the same until something is written in any database of the server.
MOMENT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
AS_MADE = f"""SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM person), tolerances,
        limits = '{{}}' AND NOT preview AND rollover_from IS NULL AND NOT EXISTS (SELECT FROM unread_column) AND NOT EXISTS (SELECT FROM erased_ids()),
        ({MOMENT}) FROM district"""


@dataclass
class Lincoln:
    folder: Path
    server: Server
    database: str
    gpg: Gpg
    now: datetime
    signed: datetime
    sent: list[str] = field(default_factory=list)  # digests
    known: tuple[Records, str] | None = None  # after the first file, and when
    compared: int = 0  # number of files compared with `homeroom check`

    def connect(self, login: str = "owner", **words: Any) -> psycopg.Connection[Any]:
        return Lent.connect(**self.server.words(login, self.database), **words)

    def ask(self, query: str, *values: Any) -> Any:
        """Returns the first row, read as owner. A row with one value is returned as that value."""
        with self.connect() as owner:
            row = owner.execute(query, values).fetchone()
        return row[0] if row and len(row) == 1 else row

    def seal(self, content: bytes, at: datetime | None = None, *words: str) -> bytes:
        """Seals as Carl with gpg. Each signature is a minute after the last, unless `at` is given."""
        if at is None:
            self.signed = at = self.signed + timedelta(minutes=1)
        clock = ("--faked-system-time", at.strftime("%Y%m%dT%H%M%S!"), "--ignore-time-conflict", "--ignore-valid-from")
        return self.gpg.seal(content, *clock, *words, "-se", to=certificate_of(KEY), signer=CARL)

    def deliver(self, sealed: bytes) -> str:
        digest = hashlib.sha256(sealed).hexdigest()
        inbox = self.folder / "inbox"
        (inbox / f"{digest}.pgp").write_bytes(sealed)
        (inbox / f"{digest}.json").write_text(json.dumps({"sender": "lincoln-it", "received": self.now.isoformat()}))
        self.sent.append(digest)
        return digest

    def send(self, export: Export | bytes, at: datetime | None = None) -> dict[str, Any]:
        """Sends a file and returns its receipt."""
        content = export if isinstance(export, bytes) else export.zip()
        before = self._before()
        receipt = self.import_one(self.deliver(self.seal(content, at)))
        if before:
            today = (at or self.signed).astimezone(ZoneInfo(Place.read(self.folder).time_zone)).date()
            self.compared += 1
            records = compared(before, content, today, receipt)
            self.known = (records, self.ask(MOMENT)) if receipt["state"] == "imported" and before.records is None else None
        return receipt

    def _before(self) -> Before | None:
        """Returns what `homeroom check` can know of the portal. None unless the portal is empty or has only one file that was just imported."""
        files, people, tolerances, is_as_made, moment = self.ask(AS_MADE)
        known, self.known = self.known, None
        records = known[0] if known and files == 1 and moment == known[1] else None
        if not is_as_made or (records is None and files + people):
            return None
        return Before(records, [Tolerance(each) for each in tolerances])

    def import_one(self, digest: str) -> dict[str, Any]:
        place = Place.read(self.folder)
        with made_ready(Lent.connect(**place.conninfo("intake"))) as connection:
            import_file(place, connection, digest, self.now)
        return self.receipt(digest)

    def receipt(self, digest: str) -> dict[str, Any]:
        """Returns the only receipt of this file in the box, and checks its signature."""
        found = self.receipts(digest)
        assert len(found) == 1, f"{len(found)} receipts of one file"
        return found[0]

    def receipts(self, digest: str) -> list[dict[str, Any]]:
        """Returns the receipts in the order in which they were written."""
        return [verify_receipt(text, certificate_of(RECEIPTS)) for text in self.texts(digest)]

    def texts(self, digest: str) -> list[str]:
        found = [json.loads(path.read_text()) for path in sorted((self.folder / "outbox").glob("*.json"), key=lambda path: int(path.stem))]
        return [entry["receipt"] for entry in found if entry["digest"] == digest]

    def last_receipt(self, digest: str) -> dict[str, Any]:
        """Returns the newest receipt of a file that was decided."""
        box = sorted((self.folder / "outbox").glob("*.json"), key=lambda path: int(path.stem))
        mine = [entry for path in box if (entry := json.loads(path.read_text()))["digest"] == digest]
        return verify_receipt(mine[-1]["receipt"], certificate_of(RECEIPTS))

    def work(self, digest: str) -> int:
        """Runs the importer for this file in this process."""
        return importer.main(self.folder, [digest])


@contextmanager
def lincoln(server: Server, template: str, gpg: Gpg) -> Iterator[Lincoln]:
    with portal_folder(KEY) as folder, turn(server, template) as name:
        text = PORTAL_TOML.format(sockets=server.cluster.sockets).replace("///homeroom?", f"///{name}?")
        (folder / "portal.toml").write_text(text.replace('slug = "lincoln"', f'slug = "{folder.name}"'))
        (folder / "secrets" / "intake").write_text(server.passwords["intake"])
        keys.write_secrets([RECEIPTS], folder / "secrets" / "receipts.pgp")
        now = datetime.now(UTC).replace(microsecond=0)
        with opener_of(folder):
            yield Lincoln(folder, server, name, gpg, now, now - timedelta(hours=20))
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def another(first: Lincoln) -> Iterator[Lincoln]:
    """Yields a portal with what `first` imported."""
    with lincoln(first.server, first.database, first.gpg) as made:
        for box in ("inbox", "outbox"):
            shutil.copytree(first.folder / box, made.folder / box, dirs_exist_ok=True)
        made.signed, made.sent, made.compared = first.signed, [*first.sent], first.compared
        made.known = (deepcopy(first.known[0]), made.ask(MOMENT)) if first.known else None
        yield made


@contextmanager
def carls_computer() -> Iterator[Gpg]:
    with computer(certificate_of(KEY)) as gpg:
        gpg.make_key(CARL, "--faked-system-time", LONG_AGO)
        yield gpg


def register(owner: psycopg.Connection[Any], gpg: Gpg, name: str = CARL) -> None:
    certificate = gpg.certificate(name)
    owner.execute(
        "INSERT INTO signer (fingerprint, sender, certificate) VALUES (%s, 'lincoln-it', %s)",
        [certificate.fingerprint.upper(), keys.written(certificate)],
    )
