"""A backup's description of itself: what it holds, how and for whom it opens, and which backup came before. The portal signs it, and digests chain it.

A manifest names tables, counts and digests, but no people. It stays in a tier after its segments are removed, so that the whole chain can be read.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VERSION = 2
READ = (1, VERSION)  # 1 has no ledger_head
NAME = "manifest"
LARGEST = 4 << 20  # bytes


class ManifestBroken(Exception):
    """The manifest is not what this portal signed. The message says which one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """`kind` is schema, table, sequences, files or keys. `rows` and `sum` are for tables. `plain` is the size in bytes before packing. `sha256` is of the
    sealed bytes."""

    name: str
    kind: str
    plain: int
    sealed: int
    sha256: str
    table: str = ""
    rows: int = 0
    sum: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`at` is the moment of the snapshot. `night` is the scheduled backup's number. A backup made by hand has the number of the one before it. `previous` is
    the digest of the manifest before, and empty for the first. `wrapped` is the sealed data key. `ledger_head` is the number and hash of the access log's
    newest link at that moment, and empty in a manifest of an earlier release."""

    portal: str
    number: int
    night: int
    at: datetime
    previous: str
    release: str
    postgres: str
    time_zone: str
    restore_key: bytes
    month: str
    wrapped: bytes
    folder: str
    segments: Sequence[Segment]
    ledger_head: str = ""

    @property
    def sealed_size(self) -> int:
        return sum(each.sealed for each in self.segments)

    @property
    def tables(self) -> list[Segment]:
        return [each for each in self.segments if each.kind == "table"]

    def segment(self, kind: str) -> Segment:
        return next(each for each in self.segments if each.kind == kind)

    def path(self, segment: Segment) -> str:
        return f"{self.folder}/{segment.name}"


def context_of(portal: str, number: int, segment: str) -> bytes:
    """Returns what each sealed part is bound to. A part of another backup, portal or place does not open here."""
    return f"homeroom backup {portal} {number} {segment}".encode()


def place_of(portal: str, number: int) -> str:
    """Returns the folder of backup `number`'s manifest in a store."""
    return f"{portal}/backups/{number:08d}"


def manifest_name(portal: str, number: int) -> str:
    return f"{place_of(portal, number)}/{NAME}"


def written(manifest: Manifest, key: Ed25519PrivateKey) -> bytes:
    """Returns two lines: the manifest as JSON, and the signer with the signature."""
    values = asdict(manifest)
    values |= {"version": VERSION, "at": manifest.at.isoformat()}
    values |= {name: b64encode(values[name]).decode() for name in ("restore_key", "wrapped")}
    line = json.dumps(values, sort_keys=True).encode()
    signer = key.public_key().public_bytes_raw()
    seal = {"signer": b64encode(signer).decode(), "signature": b64encode(key.sign(line)).decode()}
    return line + b"\n" + json.dumps(seal).encode() + b"\n"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def signer_of(content: bytes, where: str = "This") -> bytes:
    """Returns the signer that the manifest names, for a person to compare. It does not check the signature. `where` is as for read(). Raises ManifestBroken."""
    try:
        return b64decode(json.loads(content.split(b"\n")[1])["signer"])
    except (ValueError, LookupError, TypeError) as odd:
        raise ManifestBroken(f"{where} is no manifest of a backup.") from odd


def read(content: bytes, signers: Sequence[bytes], where: str) -> Manifest:
    """`signers` are the public halves that this portal signs, or signed, with. `where` is the name in the store, for the message. Raises ManifestBroken."""
    if len(content) > LARGEST or (signer := signer_of(content, where)) not in signers:
        raise ManifestBroken(f"{where} is not signed by this portal's key. It was swapped, or the key's name is wrong.")
    line, seal = content.split(b"\n")[:2]
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(b64decode(json.loads(seal)["signature"]), line)
    except (InvalidSignature, ValueError, LookupError) as odd:
        raise ManifestBroken(f"{where} was changed after it was signed.") from odd
    return _parsed(json.loads(line), where)


def _parsed(values: dict[str, Any], where: str) -> Manifest:
    if values.pop("version") not in READ:
        raise ManifestBroken(f"{where} was made by a newer Homeroom. Use that release.")
    values |= {"at": datetime.fromisoformat(values["at"]), "segments": tuple(Segment(**each) for each in values["segments"])}
    values |= {name: b64decode(values[name]) for name in ("restore_key", "wrapped")}
    try:
        ZoneInfo(values["time_zone"])
    except (KeyError, ValueError, OSError) as odd:
        raise ManifestBroken(f"{where} names a time zone that there is not: {values['time_zone']!r}.") from odd
    return Manifest(**values)
