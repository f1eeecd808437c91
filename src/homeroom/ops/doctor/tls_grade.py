"""Grades TLS by real handshakes: versions, suites, the certificate's days and chain, and the header that tells browsers to stay with TLS."""

import http.client
import re
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from homeroom.ops.host.finding import Finding

PATIENCE = 3.0  # seconds for a connection, and for each answer
SOON = timedelta(days=21)
A_YEAR = 31_536_000  # seconds
# Suites without forward secrecy, without authentication, or with RC4, 3DES or SHA-1
WEAK = "kRSA:aNULL:eNULL:3DES:RC4:SHA1:@SECLEVEL=0"
MAX_AGE = re.compile(r"\bmax-age=\"?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the handshakes showed. An empty text means that there is nothing to say. None means that it could not be tried."""

    version: str
    suite: str
    ends: datetime
    old: str | None  # a version before 1.2 that was accepted
    weak: str | None  # a weak suite that was accepted
    chain: str  # why a browser would not trust the certificate
    hsts: str  # the value of Strict-Transport-Security


class NoTLS(Exception):
    """No TLS server answered. The message says why."""


def graded(what: str, host: str, port: int, name: str, *, now: datetime | None = None) -> Iterator[Finding]:
    try:
        seen = seen_at(host, port, name)
    except NoTLS as away:
        yield Finding("unknown", f"{what}: TLS", f"{away} Start the portal, then run this again.")
        return
    yield from judged(what, name, seen, now or datetime.now(UTC))


def judged(what: str, name: str, seen: Seen, now: datetime) -> Iterator[Finding]:
    yield _refused(f"{what}: TLS version", seen.old, f"Speaks {seen.version} and refuses what is older than TLS 1.2.", "Allow TLS 1.2 and 1.3 only.")
    yield _refused(f"{what}: TLS suites", seen.weak, f"Uses {seen.suite} and refuses weak suites.", "Allow only suites with ECDHE and AES-GCM or ChaCha20.")
    yield _days(f"{what}: certificate", seen.ends, now)
    if seen.chain:
        told = f"A browser doesn't trust it for {name}: {seen.chain}. Get one from an authority that browsers know, with the whole chain in the file."
        yield Finding("warn", f"{what}: chain", told)
    else:
        yield Finding("ok", f"{what}: chain", f"This computer trusts it for {name}.")
    yield _stays(f"{what}: HSTS", seen.hsts)


def _refused(what: str, accepted: str | None, good: str, todo: str) -> Finding:
    if accepted is None:
        return Finding("unknown", what, "This computer's OpenSSL can't offer what should be refused, so no one tried it. Try it from another computer.")
    return Finding("bad", what, f"Accepts {accepted}. {todo}") if accepted else Finding("ok", what, good)


def _days(what: str, ends: datetime, now: datetime) -> Finding:
    day, todo = f"{ends:%b} {ends.day}, {ends.year}", "Get a new one and give it to the portal with `homeroom portal tls`, or to the proxy."
    if ends <= now:
        return Finding("bad", what, f"Ended on {day}. {todo}")
    if ends - now < SOON:
        return Finding("warn", what, f"Ends on {day}, in {(ends - now).days} days. {todo}")
    return Finding("ok", what, f"Good until {day}.")


def _stays(what: str, value: str) -> Finding:
    age = MAX_AGE.search(value)
    if age and int(age[1]) >= A_YEAR and "includesubdomains" in value.lower():
        return Finding("ok", what, f"Says {value!r}.")
    had = f"Says only {value!r}." if value else "The header Strict-Transport-Security is missing."
    return Finding("warn", what, f"{had} Send 'max-age={A_YEAR}; includeSubDomains', as a portal with `secure` does.")


def seen_at(host: str, port: int, name: str) -> Seen:
    """Raises NoTLS."""
    try:
        with _shaken(host, port, name, _context()) as line:
            der = line.getpeercert(binary_form=True) or b""
            version, suite = line.version() or "", (line.cipher() or ("",))[0]
    except OSError as away:
        raise NoTLS(f"Port {port} at {host} doesn't answer with TLS ({type(away).__name__}).") from away
    ends = x509.load_der_x509_certificate(der).not_valid_after_utc
    old = _accepted(host, port, name, "ALL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_1)
    weak = _accepted(host, port, name, WEAK, ssl.TLSVersion.TLSv1_2)
    return Seen(version, suite, ends, old, weak, _distrust(host, port, name), _hsts(host, port, name))


def _context() -> ssl.SSLContext:
    """Checks no certificate, because what it says is a finding of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _shaken(host: str, port: int, name: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Raises OSError."""
    plain = socket.create_connection((host, port), timeout=PATIENCE)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except OSError:
        plain.close()
        raise


def _accepted(host: str, port: int, name: str, suites: str, newest: ssl.TLSVersion) -> str | None:
    """Returns version and suite if the server accepts such a handshake. None means that this computer can't offer it."""
    context = _context()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python warns about the versions that this offers on purpose
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
            context.set_ciphers(suites)
        with _shaken(host, port, name, context) as line:
            return f"{line.version()} with {(line.cipher() or ('',))[0]}"
    except ssl.SSLError as refused:
        return None if refused.reason in ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH") else ""
    except OSError:  # some servers close the connection
        return ""


def _distrust(host: str, port: int, name: str) -> str:
    try:
        _shaken(host, port, name, ssl.create_default_context()).close()
    except ssl.SSLCertVerificationError as odd:
        return odd.verify_message
    except OSError as away:
        return type(away).__name__
    return ""


def _hsts(host: str, port: int, name: str) -> str:
    try:
        with _shaken(host, port, name, _context()) as line:
            line.sendall(f"GET /sign-in HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(line)
            answer.begin()
            return answer.getheader("Strict-Transport-Security") or ""
    except (OSError, http.client.HTTPException):
        return ""
