"""Exchanges certificates: a portal gives its certificate to districts and its entry to the gateway, and gets the gateway's certificate."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeroom.gateway.book import Portal
from homeroom.gateway.pins import certificate_in, make_pair
from homeroom.gateway.register import add_portal, portal_entry
from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.new import CLIENT
from homeroom.portal.intake.inbox.receipt_box import go_on_higher
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import inside_address
from homeroom.portal.processes.owners import give
from homeroom.seal.hybrid import make_opening_keys
from homeroom.seal.keys import (
    read_certificate,
    read_secrets,
    replace_key,
    spelled,
    still_opening,
    written,
)


def card_of(portal: Path) -> dict[str, Any]:
    text = (portal / "cert" / "portal.asc").read_text()
    certificate = read_certificate(text.encode())
    receipts = (portal / "cert" / "receipts.asc").read_text()
    hybrid = portal / "cert" / "hybrid.asc"
    return {
        "portal": portal.name,
        "fingerprint": certificate.fingerprint,
        "spelled": spelled(certificate.fingerprint),
        "expires": certificate.expiration and certificate.expiration.date().isoformat(),
        "certificate": text,
        "hybrid": hybrid.read_text() if hybrid.exists() else None,
        "receipts": receipts,
        "receipts_spelled": spelled(read_certificate(receipts.encode()).fingerprint),
    }


def printed(card: dict[str, Any], which: str) -> tuple[str, str]:
    """Returns a certificate, and the lines for the paper. Raises NotDone if the portal's keys are older than hybrid ones."""
    match which:
        case "hybrid" if not card["hybrid"]:
            slug = card["portal"]
            raise NotDone(f"{slug} has no hybrid certificate yet. `homeroom portal cert {slug} --renew` makes one with the next opening key.")
        case "hybrid":
            lines = "No fingerprint on paper: the other certificate names this one."
        case "receipts":
            lines = f"Fingerprint: {card['receipts_spelled']}"
        case _:
            lines = f"Fingerprint: {card['spelled']}\nGood until: {card['expires']}"
    return card[which], lines


def gateway_entry(portal: Path, *, is_elsewhere: bool = False) -> dict[str, Any]:
    """Returns a portal's entry in a gateway's portals.json. The gateway still accepts files for an older key while that key opens them.

    `is_elsewhere` means a gateway on another host, which reaches the portal by name. On this host the name may lead to a proxy, or to no address."""
    place = Place.read(portal)
    keys = still_opening(read_secrets(portal / "secrets" / "opening.pgp"), at=datetime.now(UTC))
    certificates = [written(key.extract_certificate()) for key in keys]
    receipts = (portal / "cert" / "receipts.asc").read_text()
    url = f"https://{place.host if is_elsewhere else inside_address(portal)}:{place.inbox_port}"
    inbox = certificate_in(portal / "secrets" / "inbox-tls.pem")
    return asdict(portal_entry(place.slug, url, certificates, receipts, inbox))


def renew(installation: Installation, portal: Path) -> Path:
    """Adds new opening keys. The old ones open files for 30 more days. Returns the path of the hand-over that the old key signed."""
    new, hybrid = make_opening_keys(Place.read(portal).name)
    statement = replace_key(portal / "secrets" / "opening.pgp", new, hybrid)
    for name, former, key in (("portal.asc", "former.asc", new), ("hybrid.asc", "former-hybrid.asc", hybrid)):
        certificate = portal / "cert" / name
        if certificate.exists():  # files sealed to it are accepted while its key opens them
            certificate.with_name(former).write_text(certificate.read_text())
        certificate.write_text(written(key.extract_certificate()))
    (portal / "cert" / "hand-over.asc").write_text(statement)
    give(portal)
    tell_gateway(installation, portal)
    return portal / "cert" / "hand-over.asc"


def tell_gateway(installation: Installation, portal: Path) -> None:
    if installation.has_gateway:
        add_portal(installation.gateway, Portal(**gateway_entry(portal)))


def join_gateway(installation: Installation, portal: Path) -> None:
    """Gives portal and gateway each other's certificate. If the gateway is on another host, the operator copies its certificate."""
    make_pair(portal / "secrets" / "inbox-tls.pem", f"Homeroom inbox of {portal.name}", "server")
    go_on_higher(portal)  # an earlier portal of this name may have had receipts
    if installation.has_gateway:
        (portal / "cert" / "gateway.pem").write_text(certificate_in(installation.gateway / CLIENT))
    give(portal)
    tell_gateway(installation, portal)
