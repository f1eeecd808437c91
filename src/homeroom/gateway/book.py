"""Senders and portals: who may send, and where each portal is. The gateway reads both from senders.json and portals.json."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SENDERS = "senders.json"
PORTALS = "portals.json"
NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")
HEX = re.compile(r"[0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{64}")


class BookOdd(ValueError):
    """An entry or a whole file is not valid. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Sender:
    """`keys` are OpenSSH public key lines. `portals` are slugs."""

    name: str
    keys: tuple[str, ...]
    portals: tuple[str, ...]
    expires: datetime | None = None
    revoked: datetime | None = None

    def is_barred(self, now: datetime) -> bool:
        return self.revoked is not None or (self.expires is not None and self.expires <= now)


@dataclass(frozen=True, slots=True)
class Portal:
    """`recipients` are the fingerprints and key ids, in lower case, that a file for this portal names. Those of an old key that still opens count, too.
    `certificate` and `receipts` are armored OpenPGP. `tls` is the inbox's certificate as PEM."""

    slug: str
    url: str
    recipients: tuple[str, ...]
    certificate: str
    receipts: str
    tls: str


def read_senders(gateway: Path) -> dict[str, Sender]:
    """Raises BookOdd."""
    return {entry.name: entry for entry in _read(gateway / SENDERS, "senders", _sender)}


def read_portals(gateway: Path) -> dict[str, Portal]:
    """Raises BookOdd."""
    return {entry.slug: entry for entry in _read(gateway / PORTALS, "portals", _portal)}


def _read[T](path: Path, word: str, entry: Callable[[dict[str, Any]], T]) -> list[T]:
    try:
        return [entry(values) for values in json.loads(path.read_text())[word]]
    except FileNotFoundError:
        return []
    except (KeyError, TypeError, ValueError) as odd:
        said = str(odd) if isinstance(odd, BookOdd) else type(odd).__name__
        raise BookOdd(f"{path} cannot be read ({said}); put back its last good copy.") from odd


def _sender(values: dict[str, Any]) -> Sender:
    return Sender(
        name=checked_name(values["name"]),
        keys=tuple(str(key) for key in values["keys"]),
        portals=tuple(str(slug) for slug in values["portals"]),
        expires=_moment(values["expires"]),
        revoked=_moment(values["revoked"]),
    )


def _portal(values: dict[str, Any]) -> Portal:
    return Portal(
        slug=checked_name(values["slug"]),
        url=str(values["url"]),
        recipients=checked_recipients(values["recipients"]),
        certificate=str(values["certificate"]),
        receipts=str(values["receipts"]),
        tls=str(values["tls"]),
    )


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BookOdd(f"{name!r} cannot be a name here; use 2 to 32 small letters, digits and hyphens.")
    return name


def checked_recipients(names: Iterable[str]) -> tuple[str, ...]:
    """Takes them as seal.keys.encryption_key_names returns them. Raises BookOdd."""
    recipients = tuple(sorted({str(name).lower() for name in names}))
    if not recipients or not all(HEX.fullmatch(name) for name in recipients):
        raise BookOdd("A portal is known by fingerprints and key ids; take them from its certificate.")
    return recipients


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
