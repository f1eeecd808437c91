"""Sends an email through the district's SMTP relay, which [mail] in portal.toml names. Without [mail] no email is sent."""

import smtplib
import ssl
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from homeroom.portal.place import Place, PlaceOdd

PORTS = {"starttls": 587, "tls": 465, "none": 25}
PATIENCE = 30.0  # seconds per answer
TAKEN, TAKEN_FOR_ANOTHER, GO_ON = 250, 251, 354


@dataclass(frozen=True, slots=True)
class Relay:
    host: str
    port: int
    security: str  # starttls, tls or none
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_in_clear(self) -> bool:
        """Whether a network carries emails, and the codes in them, without TLS."""
        return self.security == "none" and not _is_loopback(self.host)


def begun_mail(place: Place, relay: Relay, to: str, subject: str, number: str) -> EmailMessage:
    """Returns an email without its text. `number` makes its Message-ID, which is the same when it is sent again."""
    mail = EmailMessage()
    mail["From"] = Address(f"Homeroom, {place.name}", addr_spec=relay.sender)
    mail["To"] = to
    mail["Subject"] = f"{place.name}: {subject}"
    mail["Date"] = localtime()
    mail["Message-ID"] = f"<homeroom-{number}.{place.slug}@{relay.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


class Unsent(Exception):
    """The relay doesn't have the email, which may be tried again. The message is a code or a kind of error, never the relay's own words."""


class RefusedForGood(Unsent):
    """The relay refuses this address or this text for good (5xx)."""


class Unknown(Exception):
    """The relay got the email and did not answer, so no one can tell whether it has it."""


def read_relay(place: Place) -> Relay | None:
    """Returns None if portal.toml has no [mail]. Raises PlaceOdd."""
    words = tomllib.loads((place.folder / "portal.toml").read_text()).get("mail")
    return None if words is None else relay_of(words, "[mail] in portal.toml", place.folder / "secrets" / "relay")


def relay_of(words: Any, where: str, password: Path) -> Relay:
    """`where` is the place that error messages name. `password` is the file that contains only the password. Raises PlaceOdd."""
    if not isinstance(words, dict) or not all(_is_word(words.get(key)) for key in ("relay", "from")):
        raise PlaceOdd(f'{where} must say relay = "smtp.example.org" and from = "homeroom@example.org".')
    security = words.get("security", "starttls")
    if security not in PORTS:
        raise PlaceOdd(f"security: {where} must have one of {', '.join(PORTS)}.")
    host, _, port = words["relay"].partition(":")
    if port and not port.isdecimal():
        raise PlaceOdd(f"relay: {where} must have a name, or a name, a colon and a port.")
    relay = Relay(host, int(port or PORTS[security]), security, words["from"], words.get("user", ""), _password(words, where, password))
    if relay.user and relay.is_in_clear:
        raise PlaceOdd(f'{where} would send the relay\'s password in the clear. Say security = "starttls".')
    return relay


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable() and " " not in value


def _password(words: dict[str, Any], where: str, path: Path) -> str:
    if not words.get("user"):
        return ""
    try:
        return path.read_text().strip()
    except OSError as unreadable:
        raise PlaceOdd(f"{where} names a user: put its password, alone, into {path.parent.name}/{path.name}.") from unreadable


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hand_over(relay: Relay, to: str, mail: EmailMessage, about_to: Callable[[], object]) -> None:
    """Sends the email. Calls `about_to` just before the moment after which the email can't be taken back. Raises Unsent, Unknown."""
    line = opened(relay)
    try:
        give(line, relay, to, mail, about_to)
    except BaseException:
        line.close()  # after 354 a QUIT would become part of the email
        raise
    with suppress(smtplib.SMTPException, OSError):  # the relay has the email, so an error while closing changes nothing
        line.quit()


def opened(relay: Relay) -> smtplib.SMTP:
    """Returns a connection for several emails. Raises Unsent."""
    try:
        return connect(relay)
    except (smtplib.SMTPException, OSError) as trouble:
        raise Unsent(type(trouble).__name__) from trouble


def give(line: smtplib.SMTP, relay: Relay, to: str, mail: EmailMessage, about_to: Callable[[], object]) -> None:
    """Sends the email on a connection. After an error the caller closes it. Raises RefusedForGood, Unsent, Unknown."""
    is_given = False
    try:
        _expect(line.mail(relay.sender), TAKEN)
        _expect(line.rcpt(to), TAKEN, TAKEN_FOR_ANOTHER, is_final=True)
        _expect(line.docmd("DATA"), GO_ON)
        about_to()
        is_given = True
        line.send(_stuffed(mail.as_bytes(policy=SMTP)) + b".\r\n")
        _expect(line.getreply(), TAKEN, is_final=True)
    except (smtplib.SMTPException, OSError) as trouble:
        raise (Unknown if is_given else Unsent)(type(trouble).__name__) from trouble


def connect(relay: Relay) -> smtplib.SMTP:
    """Connects, starts TLS and signs in. Raises smtplib.SMTPException, OSError."""
    context = ssl.create_default_context()
    if relay.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=PATIENCE, context=context)
    else:
        line = smtplib.SMTP(relay.host, relay.port, timeout=PATIENCE)
    try:
        if relay.security == "starttls":
            line.starttls(context=context)
        line.ehlo_or_helo_if_needed()
        if relay.user:
            line.login(relay.user, relay.password)
    except BaseException:
        line.close()
        raise
    return line


def _expect(answer: tuple[int, bytes], *codes: int, is_final: bool = False) -> None:
    """A different answer is a clear no: the relay doesn't have the email, whatever it said before. `is_final`: a 5xx is about this email and not about the
    relay. Raises Unsent, RefusedForGood."""
    if answer[0] not in codes:
        raise (RefusedForGood if is_final and answer[0] // 100 == 5 else Unsent)(str(answer[0]))


def _stuffed(words: bytes) -> bytes:
    """Doubles a period at the start of a line (RFC 5321, 4.5.2)."""
    lines = words.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
