"""What a portal hands over: its certificate to districts, its entry to the gateway; and what it gets."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from homeroom.gateway.pins import certificate_in, make_pair
from homeroom.gateway.register import add_portal, portal_entry
from homeroom.ops.installation import Installation
from homeroom.ops.new import CLIENT
from homeroom.portal.place import Place
from homeroom.portal.processes.owners import give
from homeroom.seal.keys import read_certificate, spelled


def card_of(portal: Path) -> dict[str, Any]:
    text = (portal / "cert" / "portal.asc").read_text()
    certificate = read_certificate(text.encode())
    return {
        "portal": portal.name,
        "fingerprint": certificate.fingerprint,
        "spelled": spelled(certificate.fingerprint),
        "expires": certificate.expiration and certificate.expiration.date().isoformat(),
        "certificate": text,
        "receipts": (portal / "cert" / "receipts.asc").read_text(),
    }


def gateway_entry(portal: Path) -> dict[str, Any]:
    """A portal's entry in portals.json of a gateway."""
    place = Place.read(portal)
    certificates = [(portal / "cert" / "portal.asc").read_text()]
    receipts = (portal / "cert" / "receipts.asc").read_text()
    url = f"https://{place.host}:{place.inbox_port}"
    return asdict(
        portal_entry(place.slug, url, certificates, receipts, certificate_in(portal / "secrets" / "inbox-tls.pem"))
    )


def join_gateway(installation: Installation, portal: Path) -> None:
    """Portal and gateway learn each other's certificate by heart; of a gateway elsewhere the operator carries it."""
    make_pair(portal / "secrets" / "inbox-tls.pem", f"Homeroom inbox of {portal.name}", "server")
    if installation.has_gateway:
        (portal / "cert" / "gateway.pem").write_text(certificate_in(installation.gateway / CLIENT))
    give(portal)
    if installation.has_gateway:
        from homeroom.gateway.book import Portal

        add_portal(installation.gateway, Portal(**json.loads(json.dumps(gateway_entry(portal)))))
