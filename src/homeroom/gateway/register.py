"""The operator's changes to the book: add a sender or a portal, or revoke a sender. The running gateway notices them by itself."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncssh

from homeroom.gateway.book import (
    PORTALS,
    SENDERS,
    BookOdd,
    Portal,
    Sender,
    checked_name,
    checked_recipients,
    read_portals,
    read_senders,
)
from homeroom.gateway.durable import write_whole
from homeroom.gateway.keys import checked_key
from homeroom.seal.keys import encryption_key_names, read_certificate
from homeroom.seal.whole import alone


def add_sender(
    gateway: Path, name: str, keys: list[str], portals: list[str], expires: datetime | None = None, *, is_same_computer: bool = False
) -> Sender:
    """Replaces a sender of this name, even a revoked one. `keys` are OpenSSH public key lines. With `is_same_computer`, another sender may have the same key.
    Each then sends for its own portals, and the name at sign-in decides. Raises BookOdd."""
    with alone(gateway):  # two operators must not lose each other's entry
        known = read_portals(gateway)
        for slug in portals:
            if slug not in known:
                raise BookOdd(f"There is no portal {slug!r} here; it must be one of: {', '.join(known) or 'none yet'}.")
        if not portals or not keys:
            raise BookOdd("A sender needs at least one public key and one portal.")
        others = read_senders(gateway)
        registered = {key for each in others.values() if not each.revoked for key in each.keys}
        sender = Sender(checked_name(name), tuple(checked_key(key, registered) for key in keys), tuple(portals), expires)
        if not is_same_computer:
            _refuse_shared_key(sender, others)
        _write_senders(gateway, others | {name: sender})
    return sender


def _refuse_shared_key(sender: Sender, others: Mapping[str, Sender]) -> None:
    """Refuses a key of another sender. A key given by mistake would let one district's computer read another's receipts."""
    if names := with_the_same_key(sender, others):
        raise BookOdd(
            f"This key already belongs to the sender {names[0]!r}. If one computer sends for both, say --same-computer. Otherwise ask for another key."
        )


def with_the_same_key(sender: Sender, others: Mapping[str, Sender]) -> list[str]:
    return [each.name for each in others.values() if each.name != sender.name and not each.revoked and set(each.keys) & set(sender.keys)]


def revoke_sender(gateway: Path, name: str, now: datetime | None = None) -> Sender:
    """Revokes a sender from now on. Live sessions are cut and waiting files are removed. Raises BookOdd."""
    with alone(gateway):  # two operators must not lose each other's entry
        senders = read_senders(gateway)
        if name not in senders:
            raise BookOdd(f"There is no sender {name!r}; `homeroom sender list` shows them.")
        revoked = replace(senders[name], revoked=senders[name].revoked or now or datetime.now(UTC))
        _write_senders(gateway, senders | {name: revoked})
    return revoked


def portal_entry(slug: str, url: str, certificates: list[str], receipts: str, tls: str) -> Portal:
    """`certificates` are armored, newest first. Older ones stay while their keys still open files."""
    recipients = [name for text in certificates for name in encryption_key_names(read_certificate(text.encode()))]
    return Portal(slug, url, tuple(recipients), certificates[0], receipts, tls)


def add_portal(gateway: Path, portal: Portal) -> Portal:
    """Adds a portal, or replaces the one with this slug. A new certificate is pinned in the same way. Raises BookOdd."""
    address = urlsplit(portal.url)
    if address.scheme != "https" or not address.hostname:
        raise BookOdd(f"A portal's inbox has an address like https://portal.example.org:8443, not {portal.url!r}.")
    whole = replace(portal, slug=checked_name(portal.slug), recipients=checked_recipients(portal.recipients))
    with alone(gateway):  # two operators must not lose each other's entry
        portals = read_portals(gateway)
        _refuse_shared_recipient(whole, portals)
        _write_portals(gateway, portals | {whole.slug: whole})
    return whole


def senders_for(gateway: Path, slug: str) -> tuple[list[str], list[str]]:
    """Returns the names of senders that may send only for this portal, and of those that may send for others, too. Raises BookOdd."""
    found = [each for each in read_senders(gateway).values() if slug in each.portals]
    return [each.name for each in found if set(each.portals) == {slug}], [each.name for each in found if set(each.portals) != {slug}]


def forget_portal(gateway: Path, slug: str) -> None:
    """Removes the portal from the book. A sender that may send for no other portal is removed, too, with its receipts and waiting files. Raises BookOdd."""
    with alone(gateway):  # two operators must not lose each other's entry
        senders, portals = read_senders(gateway), read_portals(gateway)
        left = {name: replace(each, portals=tuple(other for other in each.portals if other != slug)) for name, each in senders.items()}
        kept = {name: each for name, each in left.items() if each.portals}
        if kept != senders:
            _write_senders(gateway, kept)
        if slug in portals:
            _write_portals(gateway, {name: each for name, each in portals.items() if name != slug})
        for folder in (*gateway.glob("home/*"), *gateway.glob("spool/*")):
            if folder.name not in kept:
                shutil.rmtree(folder)


def _write_portals(gateway: Path, portals: Mapping[str, Portal]) -> None:
    write_whole(gateway / PORTALS, json.dumps({"portals": [asdict(entry) for entry in portals.values()]}, indent=1).encode())


def _refuse_shared_recipient(portal: Portal, others: Mapping[str, Portal]) -> None:
    for other in others.values():
        if other.slug != portal.slug and set(other.recipients) & set(portal.recipients):
            raise BookOdd(f"The portal {other.slug!r} has the same certificate; each portal needs one of its own.")


def _write_senders(gateway: Path, senders: Mapping[str, Sender]) -> None:
    entries = [
        {
            "name": sender.name,
            "keys": sender.keys,
            "portals": sender.portals,
            "expires": sender.expires and sender.expires.isoformat(),
            "revoked": sender.revoked and sender.revoked.isoformat(),
        }
        for sender in senders.values()
    ]
    write_whole(gateway / SENDERS, json.dumps({"senders": entries}, indent=1).encode())


def host_key_line(gateway: Path) -> str:
    """Returns the gateway's public host key, for a sender's known_hosts."""
    return asyncssh.read_private_key(gateway / "host_key").export_public_key().decode().strip()
