"""TLS of the inbox. Only the gateway can connect, because its certificate is pinned and no authority is trusted."""

import hashlib
import ssl
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class PinMissing(Exception):
    """A certificate or key of the inbox is missing or cannot be used. The message says what to do."""


def context_for(portal: Path) -> tuple[ssl.SSLContext, str]:
    """Returns the listener's TLS context and the SHA-256 of the only certificate that may connect. Raises PinMissing."""
    gateway, own = portal / "cert" / "gateway.pem", portal / "secrets" / "inbox-tls.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN  # the pinned certificate is its own authority
    try:
        pinned = gateway.read_text()
        context.load_verify_locations(cadata=pinned)
        context.load_cert_chain(own)
    except (OSError, ValueError) as odd:
        raise PinMissing(f"The inbox needs {gateway} and {own}; make them with `homeroom portal create`.") from odd
    return context, hashlib.sha256(ssl.PEM_cert_to_DER_cert(pinned)).hexdigest()


def only(pinned: str) -> Middleware:
    """Checks the certificate again on each request, in case someone weakens the listener's TLS."""

    @web.middleware
    async def look(request: web.Request, handler: Handler) -> web.StreamResponse:
        line = request.transport and request.transport.get_extra_info("ssl_object")
        shown = line.getpeercert(binary_form=True) if line else None
        if shown is None or hashlib.sha256(shown).hexdigest() != pinned:
            raise web.HTTPForbidden(text="This inbox answers its gateway only.")
        return await handler(request)

    return look
