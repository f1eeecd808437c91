"""The doctor's checks of connections: certificates and their dates, who answers at each address, and what the gateway knows about portals."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep, time
from urllib.parse import urlsplit

import asyncssh

from homeroom.gateway.book import PORTALS, Portal, read_portals
from homeroom.gateway.pins import certificate_in, expiry, fingerprint, line_to
from homeroom.gateway.register import host_key_line
from homeroom.gateway.settings import NOBODY_OUTSIDE, Settings, read_settings
from homeroom.ops.doctor.listening import is_behind_proxy
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.new import CLIENT
from homeroom.ops.host.port_owners import holder
from homeroom.ops.host.running import answers
from homeroom.ops.portal.handing import gateway_entry
from homeroom.portal.place import HTTPS, Place
from homeroom.portal.processes.layout import listen_address
from homeroom.seal.keys import read_certificate

SOON = timedelta(days=60)
PATIENCE = 10.0  # seconds
ANSWERED = 3.0  # seconds in which a server must identify itself
LATE = 900.0  # seconds, three times the gateway's longest wait between two tries


def lines(gateway: Path) -> Iterator[Finding]:
    installation = Installation(gateway.parent)
    settings = read_settings(installation.folder)
    yield door(installation, settings)
    if settings.is_closed:
        yield Finding("warn", "gateway: address", NOBODY_OUTSIDE.format(bound=settings.bound))
    yield dated("gateway: certificate for inboxes", expiry(certificate_in(installation.gateway / CLIENT)))
    yield waiting(installation)


def book(gateway: Path) -> Iterator[Finding]:
    """Checks the gateway's portals.json: whether each portal here is in it, and whether each entry is correct."""
    installation, known = Installation(gateway.parent), read_portals(gateway)
    for portal in installation.whole():
        if portal.name not in known:
            yield Finding("bad", f"gateway to {portal.name}", f"The gateway does not know this portal. {tell_again(portal.name)}")
    for entry in known.values():
        yield line(installation, entry)


def door(installation: Installation, settings: Settings) -> Finding:
    """Checks that the gateway's own host key answers, not only that some server does."""
    if not answers(f"sftp://{settings.here}:{settings.sftp_port}"):
        return Finding("bad", "gateway", "Does not answer. Start it with `homeroom gateway run` or `homeroom up`.")
    if _host_key(settings.here, settings.sftp_port) == host_key_line(installation.gateway).split()[:2]:
        return Finding("ok", "gateway", f"Answers on port {settings.sftp_port}, with its own host key.")
    told = f"Another server answers on port {settings.sftp_port}, with another host key: {who(settings.here, settings.sftp_port)}."
    return Finding("bad", "gateway", f"{told} Stop it, or choose another port with `homeroom gateway address --port`.")


def proxy(portal: Path) -> Iterator[Finding]:
    """Warns if a portal is behind a proxy that it wasn't told to trust. All visitors have the proxy's address then."""
    place = Place.read(portal)
    if place.trusted_proxy:
        yield Finding("ok", f"{portal.name}: proxy", f"Trusts {', '.join(map(str, place.trusted_proxy))} to say who asks.")
    elif is_behind_proxy(place):
        told = "All visitors have the proxy's address, so one visitor's wrong passwords slow everyone."
        yield Finding("warn", f"{portal.name}: proxy", f"{told} Run `homeroom portal proxy {portal.name} --trust 127.0.0.1`.")


def _host_key(host: str, port: int) -> list[str]:
    """Returns kind and key, as in known_hosts. Empty means that no SSH server answered."""

    async def asked() -> asyncssh.SSHKey | None:
        async with asyncio.timeout(ANSWERED):
            return await asyncssh.get_server_host_key(host, port, server_host_key_algs=["ssh-ed25519"], config=None)

    try:
        key = asyncio.run(asked())
    except (OSError, asyncssh.Error, TimeoutError):
        return []
    return key.export_public_key().decode().split()[:2] if key else []


def who(address: str, port: int) -> str:
    """Returns who listens there, such as "nginx (process 812)"."""
    found = holder(address, port)
    return found.told(port) if found else "it has ended since"


def waiting(installation: Installation) -> Finding:
    """Checks files that the gateway promised to deliver. If the portal runs, each is gone within seconds."""
    files = {path: path.stat().st_mtime for path in (installation.gateway / "spool").glob("*/*.pgp")}
    late = {path: at for path, at in files.items() if time() - at > LATE}
    if not late:
        return Finding("ok", "gateway: files", f"{len(files)} on their way." if files else "All were delivered.")
    senders, hours = ", ".join(sorted({path.parent.name for path in late})), (time() - min(late.values())) / 3600
    told = f"{len(late)} not delivered, the oldest for {hours:.1f} hours, from {senders}."
    return Finding("bad", "gateway: files", f"{told} Start their portal. If it runs, log/gateway.log says why it does not take them.")


def line(installation: Installation, entry: Portal) -> Finding:
    """Checks this portal's entry in portals.json, and tries the handshake that each file begins with. In it, each end must already know the other's
    certificate."""
    what, portal = f"gateway to {entry.slug}", installation.folder / "portals" / entry.slug
    if portal in installation.whole() and (odd := outdated(entry, Portal(**gateway_entry(portal)))):
        return Finding("bad", what, f"The gateway has another {odd} of this portal than it has now. {tell_again(entry.slug)}")
    address = urlsplit(entry.url)
    host, port = address.hostname or "", address.port or HTTPS
    try:
        with (
            socket.create_connection((host, port), timeout=3) as plain,
            line_to(entry.tls, installation.gateway / CLIENT).wrap_socket(plain, server_hostname="inbox") as sealed,
        ):
            sealed.sendall(b"GET /receipts?after=0 HTTP/1.0\r\n\r\n")
            answer = sealed.recv(64).split(b"\r\n")[0].decode("ascii", "replace")
    except (OSError, ssl.SSLError) as away:
        return Finding("bad", what, _why_no_line(installation, entry.slug, away, f"{host}:{port}"))
    return Finding("ok" if " 200 " in f"{answer} " else "bad", what, f"The inbox knows the gateway ({answer}).")


def outdated(had: Portal, now: Portal) -> str:
    """Returns the first value in portals.json that differs from what the portal has now, or "". Extra recipients, of an older key, are fine."""
    names = {"url": "address", "tls": "certificate of the inbox", "certificate": "certificate to seal to", "receipts": "certificate of receipts"}
    odd = [told for word, told in names.items() if getattr(had, word) != getattr(now, word)]
    return next(iter(odd), "" if set(now.recipients) <= set(had.recipients) else "key to seal to")


def tell_again(slug: str) -> str:
    return f"Run `homeroom portal cert {slug} --for-gateway > {slug}.json`, then `homeroom gateway add-portal {slug}.json`."


def _why_no_line(installation: Installation, slug: str, away: Exception, at: str) -> str:
    if slug not in installation.slugs():
        gone = f"This folder has no such portal, and none answers at {at}"
        return f"{gone} ({type(away).__name__}). If it no longer exists, take it out of {installation.gateway / PORTALS}."
    if isinstance(away, ConnectionRefusedError):
        return "The inbox does not answer. Start the portal."
    place = Place.read(installation.folder / "portals" / slug)
    if stranger := _stranger(place, place.inbox_port):
        return stranger
    return f"No line to {at} ({type(away).__name__}). Carry the certificates over again."


def certificates(portal: Path) -> Iterator[Finding]:
    for name, told in (("portal.asc", "certificate to seal to"), ("hybrid.asc", "hybrid certificate"), ("receipts.asc", "certificate of receipts")):
        path = portal / "cert" / name
        if path.exists() or name != "hybrid.asc":
            yield dated(f"{portal.name}: {told}", read_certificate(path.read_bytes()).expiration)
        else:
            renewing = f"None yet: exports are sealed with X25519 alone. `homeroom portal cert {portal.name} --renew` makes one."
            yield Finding("ok", f"{portal.name}: {told}", renewing)
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
    place, pem = Place.read(portal), portal / "secrets" / "front-tls.pem"
    scheme = "https" if pem.exists() else "http"
    stranger = _stranger(place, place.port, pem)
    for told, path in (("sign-in", "/sign-in"), ("pages", "/")):
        is_there = not stranger and _answers_soon(f"{scheme}://127.0.0.1:{place.port}{path}")
        away = stranger or "Do not answer. Start the portal, or see its log folder."
        yield Finding("ok" if is_there else "bad", f"{portal.name}: {told}", f"Answer on port {place.port}." if is_there else away)


def _stranger(place: Place, port: int, pem: Path | None = None) -> str:
    """Returns a sentence if another program answers on the portal's port. With TLS the certificate shows it, otherwise the process."""
    address = listen_address(place.folder)
    found = holder(address, port)
    if found is None or found.folder == place.folder.parents[1]:
        return ""
    if pem and pem.exists():
        here = "127.0.0.1" if address in ("0.0.0.0", "::") else address  # noqa: S104  compared, not bound
        is_ours = _fingerprint_at(here, port) == fingerprint(certificate_in(pem))
    else:
        is_ours = not found.pid  # this user can't see whose process it is
    return "" if is_ours else f"Port {port} answers, but not for this portal: {found.told(port)} listens there. Stop it, then start the portal."


def _fingerprint_at(host: str, port: int) -> str:
    """Returns the fingerprint of the certificate that answers. Empty means that no TLS server answered."""
    try:
        return fingerprint(ssl.get_server_certificate((host, port), timeout=ANSWERED))
    except (OSError, ssl.SSLError):
        return ""


def _answers_soon(address: str) -> bool:
    """Tries for PATIENCE seconds. A process that just lost the database fails once and then recovers."""
    until = monotonic() + PATIENCE
    while not answers(address):
        if monotonic() > until:
            return False
        sleep(0.5)
    return True
