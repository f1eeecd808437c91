"""Certificates that an operator gives to a portal: its own for families' browsers, and that of a gateway on another host."""

import os
import ssl
from pathlib import Path

from homeroom.gateway.pins import fingerprint
from homeroom.ops.answers import NotDone
from homeroom.ops.portal.moving import write_words
from homeroom.portal.processes.owners import give


def put_pem(portal: Path, pem: Path) -> None:
    """Checks the key and the certificate before it keeps them. After that, families use https. Raises NotDone."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pem)
    except (OSError, ssl.SSLError) as odd:
        raise NotDone(f"{pem} does not hold a private key and the certificate that belongs to it, in PEM.") from odd
    path = portal / "secrets" / "front-tls.pem"
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem.read_bytes())
    fresh.replace(path)
    write_words(portal, {"secure": True})
    give(portal)


def put_gateway(portal: Path, certificate: Path) -> None:
    """Raises NotDone."""
    try:
        text = certificate.read_text()
        fingerprint(text)
    except (OSError, ValueError) as odd:
        raise NotDone(f"{certificate} is not what `homeroom gateway cert` prints.") from odd
    (portal / "cert" / "gateway.pem").write_text(text)
    give(portal)
