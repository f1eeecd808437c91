"""A sender is known twice: to the gateway by its SSH key, to the portal by the key that signs its exports."""

from datetime import UTC, datetime
from typing import Any

from homeroom.gateway import register
from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.installation import Installation
from homeroom.ops.owner import owner
from homeroom.ops.reach import open_way
from homeroom.seal.keys import Cert, read_certificate, written

ADD_SIGNER = """
    INSERT INTO signer (fingerprint, sender, certificate, expires_at)
        VALUES (%(fingerprint)s, %(sender)s, %(certificate)s, %(expires)s)
    ON CONFLICT (fingerprint) DO UPDATE
        SET certificate = excluded.certificate, expires_at = excluded.expires_at, revoked_at = NULL
        WHERE signer.sender = excluded.sender RETURNING fingerprint"""


def add_sender(
    installation: Installation, name: str, ssh_key: str, sign_key: str, portal: str, expires: datetime | None
) -> dict[str, Any]:
    """A sender that is known already may send for one more portal. Raises NotDone, BookOdd, NotACertificate."""
    path = installation.portal(portal)
    certificate = read_certificate(
        sign_key.encode("latin-1", "replace") if not sign_key.isascii() else sign_key.encode()
    )
    open_way(installation.folder)
    with owner(path) as connection:
        values = {
            "fingerprint": certificate.fingerprint.upper(),
            "sender": name,
            "certificate": written(certificate),
            "expires": signs_until(certificate, expires),
        }
        if connection.execute(ADD_SIGNER, values).fetchone() is None:
            raise NotDone("Another sender of this portal signs with this key. Each sender needs a key of its own.")
        at_gateway = _at_gateway(installation, name, ssh_key, portal, expires) if installation.has_gateway else {}
    return {"name": name, "portal": portal, "signer": certificate.fingerprint.upper(), **at_gateway}


def signs_until(certificate: Cert, expires: datetime | None) -> datetime | None:
    """The operator's day or the key's own end, whichever is first: the portal warns before it."""
    return min((end for end in (expires, certificate.expiration) if end), default=None)


def _at_gateway(
    installation: Installation, name: str, ssh_key: str, portal: str, expires: datetime | None
) -> dict[str, Any]:
    from homeroom.gateway.book import read_senders

    known = read_senders(installation.gateway).get(name)
    portals = [*(known.portals if known and not known.revoked else ()), portal]
    register.add_sender(installation.gateway, name, [ssh_key], list(dict.fromkeys(portals)), expires)
    settings = read_settings(installation.folder)
    return {
        "sftp_host": settings.sftp_host,
        "sftp_port": settings.sftp_port,
        "host_key": known_hosts_line(installation),
    }


def known_hosts_line(installation: Installation) -> str:
    """The gateway's address and host key. Raises NotDone."""
    settings = read_settings(installation.folder)
    host_key = register.host_key_line(installation.gateway)
    return f"[{settings.sftp_host}]:{settings.sftp_port} {' '.join(host_key.split()[:2])}"


def revoke_sender(installation: Installation, name: str) -> None:
    """At the gateway, and in each portal here that believed its signature. Raises NotDone, BookOdd."""
    open_way(installation.folder)
    gone = 0
    for portal in installation.whole():
        with owner(portal) as connection:
            changed = connection.execute(
                "UPDATE signer SET revoked_at = %s WHERE sender = %s AND revoked_at IS NULL", [datetime.now(UTC), name]
            )
            gone += changed.rowcount
    if installation.has_gateway:
        register.revoke_sender(installation.gateway, name)
    elif not gone:
        raise NotDone(f"There is no sender {name!r} here.")
