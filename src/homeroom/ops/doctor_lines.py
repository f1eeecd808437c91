"""The doctor looks at the lines: certificates and their dates, and whether each address answers."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from homeroom.gateway.pins import certificate_in, expiry, line_to
from homeroom.gateway.settings import NOBODY_OUTSIDE, read_settings
from homeroom.ops.finding import Finding
from homeroom.ops.installation import Installation
from homeroom.ops.new import CLIENT
from homeroom.ops.running import answers
from homeroom.portal.place import Place
from homeroom.seal.keys import read_certificate

SOON = timedelta(days=60)
PATIENCE = 10.0  # seconds


def gateway(installation: Installation) -> Iterator[Finding]:
    settings = read_settings(installation.folder)
    if answers(f"sftp://{settings.here}:{settings.sftp_port}"):
        yield Finding("ok", "gateway", f"Answers on port {settings.sftp_port}.")
    else:
        yield Finding("bad", "gateway", "Does not answer. Start it with `homeroom gateway run` or `homeroom up`.")
    if settings.is_closed:
        yield Finding("warn", "gateway: address", NOBODY_OUTSIDE.format(bound=settings.bound))
    yield dated("gateway: certificate for inboxes", expiry(certificate_in(installation.gateway / CLIENT)))
    for portal in installation.whole():
        yield line(installation, portal)


def line(installation: Installation, portal: Path) -> Finding:
    """The handshake a file would begin with: each side must know the other's certificate by heart."""
    place, what = Place.read(portal), f"gateway to {portal.name}"
    try:
        context = line_to(certificate_in(place.folder / "secrets" / "inbox-tls.pem"), installation.gateway / CLIENT)
        with (
            socket.create_connection(("127.0.0.1", place.inbox_port), timeout=3) as plain,
            context.wrap_socket(plain, server_hostname="inbox") as sealed,
        ):
            sealed.sendall(b"GET /receipts?after=0 HTTP/1.0\r\n\r\n")
            answer = sealed.recv(64).split(b"\r\n")[0].decode("ascii", "replace")
    except (OSError, ssl.SSLError) as away:
        if isinstance(away, ConnectionRefusedError):
            return Finding("bad", what, "The inbox does not answer. Start the portal.")
        return Finding("bad", what, f"No line ({type(away).__name__}). Carry the certificates over again.")
    return Finding("ok" if " 200 " in f"{answer} " else "bad", what, f"The inbox knows the gateway ({answer}).")


def certificates(portal: Path) -> Iterator[Finding]:
    for name, told in (("portal.asc", "certificate to seal to"), ("receipts.asc", "certificate of receipts")):
        certificate = read_certificate((portal / "cert" / name).read_bytes())
        yield dated(f"{portal.name}: {told}", certificate.expiration)
    for name in ("inbox-tls.pem", "front-tls.pem"):
        path = portal / "secrets" / name
        if path.exists():
            yield dated(f"{portal.name}: {name}", expiry(certificate_in(path)))


def dated(what: str, end: datetime | None) -> Finding:
    if end is None:
        return Finding("ok", what, "Never ends.")
    left = end - datetime.now(UTC)
    day = f"{end:%b} {end.day}, {end.year}"
    if left <= timedelta(0):
        return Finding("bad", what, f"Ended on {day}. Make a new one and hand it over.")
    if left < SOON:
        return Finding("warn", what, f"Ends on {day}, in {left.days} days. Make a new one and hand it over.")
    return Finding("ok", what, f"Good until {day}.")


def answering(portal: Path) -> Iterator[Finding]:
    place = Place.read(portal)
    scheme = "https" if (portal / "secrets" / "front-tls.pem").exists() else "http"
    for told, path in (("sign-in", "/sign-in"), ("pages", "/")):
        is_there = _answers_soon(f"{scheme}://127.0.0.1:{place.port}{path}")
        sentence = (
            f"Answer on port {place.port}." if is_there else "Do not answer. Start the portal, or see its log folder."
        )
        yield Finding("ok" if is_there else "bad", f"{portal.name}: {told}", sentence)


def _answers_soon(address: str) -> bool:
    """Within PATIENCE: who has just lost the database answers once that it is away, and comes back."""
    until = monotonic() + PATIENCE
    while not answers(address):
        if monotonic() > until:
            return False
        sleep(0.5)
    return True
