"""Senders. The gateway knows a sender by its SSH key, and the portal knows it by the key that signs its exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from homeroom.gateway import register
from homeroom.gateway.book import Sender, read_senders
from homeroom.gateway.keys import checked_key
from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.mounts import open_way
from homeroom.ops.host.owner import owner
from homeroom.seal.keys import RSA_BITS, Cert, is_short, read_certificate, written

ADD_SIGNER = """
    INSERT INTO signer (fingerprint, sender, certificate, expires_at)
        VALUES (%(fingerprint)s, %(sender)s, %(certificate)s, %(expires)s)
    ON CONFLICT (fingerprint) DO UPDATE
        SET certificate = excluded.certificate, expires_at = excluded.expires_at, revoked_at = NULL
        WHERE signer.sender = excluded.sender RETURNING fingerprint"""

SIGNERS = "SELECT sender, fingerprint, expires_at, revoked_at IS NOT NULL FROM signer ORDER BY sender, expires_at DESC NULLS FIRST"


def add_sender(
    installation: Installation, name: str, ssh_key: str, sign_key: str, portal: str, expires: datetime | None, *, is_same_computer: bool = False
) -> dict[str, Any]:
    """Adds a sender. A known sender may send for one more portal, with the key it has. With `is_same_computer`, so may a computer that is another sender,
    too.

    Raises NotDone, BookOdd, NotACertificate."""
    path = installation.portal(portal)
    certificate = certificate_of(sign_key)
    if expires and expires <= datetime.now(UTC):
        raise NotDone(f"{expires:%Y-%m-%d} is over. Name a later day with --expires, or leave it out.")
    ends = still_good(signs_until(certificate, expires))
    open_way(installation.folder)
    with owner(path) as connection:
        _write_signer(connection, name, certificate, ends)
        at_gateway = _at_gateway(installation, name, ssh_key, portal, expires, is_same_computer) if installation.has_gateway else {}
    return {"name": name, "portal": portal, "signer": certificate.fingerprint.upper(), **at_gateway}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key whose signature a portal trusts or trusted. `ends` is None if it never ends."""

    sender: str
    portal: str
    fingerprint: str
    ends: datetime | None
    is_revoked: bool

    def counts(self, now: datetime) -> bool:
        return not self.is_revoked and (self.ends is None or self.ends > now)


def signing_keys(portal: Path) -> list[SigningKey]:
    """Returns the keys in the portal's database. For each sender, the one that ends last comes first."""
    with owner(portal) as connection:
        return keys_in(connection, portal.name)


def keys_in(connection: Connection[Any], slug: str) -> list[SigningKey]:
    return [SigningKey(sender, slug, *rest) for sender, *rest in connection.execute(SIGNERS)]


def listed(installation: Installation, now: datetime, tell: Callable[[str, int, int], object]) -> list[dict[str, Any]]:
    """Returns name, portals, state, expires and keys of each sender. Senders that only a portal here knows are included. Raises NotDone, BookOdd."""
    open_way(installation.folder)
    keys: list[SigningKey] = []
    for done, portal in enumerate(portals := installation.whole()):
        tell(portal.name, done, len(portals))
        keys += signing_keys(portal)
    known = read_senders(installation.gateway) if installation.has_gateway else {}
    rows = []
    for name in dict.fromkeys([*known, *(key.sender for key in keys)]):
        own, entry = [key for key in keys if key.sender == name], known.get(name)
        rows.append({
            "name": name,
            "portals": ", ".join(entry.portals if entry else dict.fromkeys(key.portal for key in own)),
            "state": _state(entry, own, now),
            "expires": entry.expires.date().isoformat() if entry and entry.expires else None,
            "keys": [{"portal": key.portal, "fingerprint": key.fingerprint, "state": _state_of(key, now), "ends": _day(key.ends)} for key in own],
        })  # fmt: skip
    return rows


def _state(entry: Sender | None, keys: list[SigningKey], now: datetime) -> str:
    if (entry and entry.revoked) or (keys and all(key.is_revoked for key in keys)):
        return "revoked"
    if (entry and entry.is_barred(now)) or (keys and not any(key.counts(now) for key in keys)):
        return "expired"
    return "may send"


def _state_of(key: SigningKey, now: datetime) -> str:
    return "revoked" if key.is_revoked else "good" if key.counts(now) else "ended"


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def renew_signer(installation: Installation, name: str, sign_key: str, portal: str) -> SigningKey:
    """Makes the portal trust this signing key of the sender, or trust it for longer. The sender's other keys work until their end. Raises NotDone,
    NotACertificate."""
    path, certificate = installation.portal(portal), certificate_of(sign_key)
    known = read_senders(installation.gateway).get(name) if installation.has_gateway else None
    ends = still_good(signs_until(certificate, known.expires if known else None))
    open_way(installation.folder)
    with owner(path) as connection:
        if not any(each.sender == name and not each.is_revoked for each in keys_in(connection, portal)):
            raise NotDone(f"{name!r} does not send for {portal}. Let it send with `homeroom sender add`.")
        _write_signer(connection, name, certificate, ends)
    return SigningKey(name, portal, certificate.fingerprint.upper(), ends, is_revoked=False)


def certificate_of(sign_key: str) -> Cert:
    """Raises NotACertificate."""
    return read_certificate(sign_key.encode("latin-1", "replace") if not sign_key.isascii() else sign_key.encode())


def _write_signer(connection: Connection[Any], name: str, certificate: Cert, ends: datetime | None) -> None:
    """A short key that is registered already keeps working. Raises NotDone."""
    known = connection.execute("SELECT FROM signer WHERE fingerprint = %s", [certificate.fingerprint.upper()]).fetchone()
    if known is None and is_short(certificate):
        raise NotDone(f"This key is RSA with fewer than {RSA_BITS} bits. Make a new one: gpg --quick-generate-key NAME ed25519 sign 1y")
    values = {"fingerprint": certificate.fingerprint.upper(), "sender": name, "certificate": written(certificate), "expires": ends}
    if connection.execute(ADD_SIGNER, values).fetchone() is None:
        raise NotDone("Another sender of this portal signs with this key. Each sender needs a key of its own.")


def still_good(ends: datetime | None) -> datetime | None:
    """Raises NotDone."""
    if ends and ends <= datetime.now(UTC):
        raise NotDone(f"This key ended on {ends:%Y-%m-%d}. Ask for one that is still good: docs/renewing.md.")
    return ends


def signs_until(certificate: Cert, expires: datetime | None) -> datetime | None:
    """Returns the operator's day or the key's own end, whichever is first, because the portal warns before it."""
    return min((end for end in (expires, certificate.expiration) if end), default=None)


def _at_gateway(
    installation: Installation, name: str, ssh_key: str, portal: str, expires: datetime | None, is_same_computer: bool
) -> dict[str, Any]:
    known = read_senders(installation.gateway).get(name)
    before = known if known and not known.revoked else None
    if before and checked_key(ssh_key, before.keys) not in before.keys:  # that computer could no longer sign in
        told = f"{name!r} sends for {', '.join(before.portals)} with another SSH key. Give that one, or choose another name for this sender."
        raise NotDone(f"{told} If the computer has a new key, run `homeroom sender revoke {name}` first.")
    portals = [*(before.portals if before else ()), portal]
    register.add_sender(installation.gateway, name, [ssh_key], list(dict.fromkeys(portals)), expires, is_same_computer=is_same_computer)
    settings = read_settings(installation.folder)
    return {
        "sftp_host": settings.sftp_host,
        "sftp_port": settings.sftp_port,
        "host_key": known_hosts_line(installation),
    }


def known_hosts_line(installation: Installation) -> str:
    """Returns the gateway's address and host key. Raises NotDone."""
    settings = read_settings(installation.folder)
    host_key = register.host_key_line(installation.gateway)
    return f"[{settings.sftp_host}]:{settings.sftp_port} {' '.join(host_key.split()[:2])}"


def revoke_sender(installation: Installation, name: str) -> list[str]:
    """Revokes the sender at the gateway and in each portal here that trusted its signature. Returns other senders with the same SSH key. Raises NotDone,
    BookOdd."""
    open_way(installation.folder)
    gone = 0
    for portal in installation.whole():
        with owner(portal) as connection:
            changed = connection.execute(
                "UPDATE signer SET revoked_at = %s WHERE sender = %s AND revoked_at IS NULL", [datetime.now(UTC), name]
            )
            gone += changed.rowcount
    if installation.has_gateway:
        return register.with_the_same_key(register.revoke_sender(installation.gateway, name), read_senders(installation.gateway))
    if not gone:
        raise NotDone(f"There is no sender {name!r} here.")
    return []
