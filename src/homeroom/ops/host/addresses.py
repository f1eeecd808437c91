"""Checks of addresses that an operator enters: this computer's, an email address, and that of the operator's own PostgreSQL. portal.toml keeps its address."""

import re
from email.headerregistry import Address
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from homeroom.ops.answers import NotDone
from homeroom.portal.processes.cluster import DATABASE

SAFE = ("verify-full", "verify-ca")  # "require" takes any certificate
HOST = re.compile(r"[A-Za-z0-9.:-]+")
HERE = ("localhost", "127.0.0.1", "::1")


def check_host(host: str) -> None:
    """Checks the name or address that other computers use to reach this one. Raises NotDone."""
    if not HOST.fullmatch(host):
        raise NotDone(f"{host!r} is no name or address of a computer. Write one like import.example.org.")


def checked_address(url: str) -> None:
    """Checks that no password crosses a network unencrypted. Raises NotDone."""
    parts = urlsplit(url)
    words = dict(parse_qsl(parts.query))
    if parts.scheme not in ("postgresql", "postgres"):
        raise NotDone(
            "--database is an address like postgresql://postgres@db.example.org/postgres?sslmode=verify-full."
        )
    if parts.password:
        raise NotDone("Leave the password out of --database; put it into the environment as PGPASSWORD.")
    is_local = parts.hostname in HERE or words.get("host", "").startswith("/") or not parts.hostname
    if not is_local and words.get("sslmode") not in SAFE:
        raise NotDone("A database on another host needs TLS with a certificate that is checked: add ?sslmode=verify-full to --database.")


def database_address(url: str) -> str:
    """Returns the address of the portal's own database on that server, without a username or password."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else host
    where = f"{place}:{parts.port}" if parts.port else place
    return urlunsplit(("postgresql", where, f"/{DATABASE}", urlencode(parse_qsl(parts.query)), ""))


def checked_mail(text: str) -> str:
    """Returns an email address. Refuses characters that would begin another header in an email. Raises NotDone."""
    try:
        return Address(addr_spec=text).addr_spec if text else ""
    except (ValueError, IndexError) as odd:
        raise NotDone("Write one e-mail address, such as it@lincoln.example.") from odd
