"""Addresses that an operator names: of this computer for others, and of somebody else's PostgreSQL, of which portal.toml keeps a part."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from homeroom.ops.answers import NotDone
from homeroom.portal.processes.cluster import DATABASE

SAFE = ("verify-full", "verify-ca", "require")
HOST = re.compile(r"[A-Za-z0-9.:-]+")
HERE = ("localhost", "127.0.0.1", "::1")


def check_host(host: str) -> None:
    """What others type to reach this computer. Raises NotDone."""
    if not HOST.fullmatch(host):
        raise NotDone(f"{host!r} is no name or address of a computer. Write one like import.example.org.")


def checked_address(url: str) -> None:
    """Passwords cross no network in the clear. Raises NotDone."""
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
        raise NotDone("A database on another host is reached by TLS only: add ?sslmode=verify-full to --database.")


def database_address(url: str) -> str:
    """The portal's own database on that server, with nobody's name in it."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else host
    where = f"{place}:{parts.port}" if parts.port else place
    return urlunsplit(("postgresql", where, f"/{DATABASE}", urlencode(parse_qsl(parts.query)), ""))
