"""The settings that the data sheet reads when it is made: of the district in the database, of portal.toml and backup.toml, and of the program itself.

The value of each is a text. One that can't be read isn't in the answer, and then a claim that needs it stops the sheet.
"""

import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from homeroom.portal.addresses import Network
from homeroom.portal.data_sheet.yearly import contact_in, review_in

CHOICES = ("teachers_see_school", "registering", "registering_students", "code_approves", "letters_by_child", "tutors", "preferred_names", "leaving_days")
READ_CHOICES = f"SELECT {', '.join(f'{choice}::text' for choice in CHOICES)} FROM district"  # for the logins that may read the table
OUR_OWN = {"'none'", "'self'"}
STORES = ("store", "archive", "offsite")


class SheetPlace(Protocol):
    """What the sheet reads of portal.place.Place, which pages don't import."""

    @property
    def folder(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def is_secure(self) -> bool: ...
    @property
    def trusted_proxy(self) -> tuple[Network, ...]: ...
    @property
    def events_syslog(self) -> str: ...
    def database(self, login: str, password: str | None) -> dict[str, Any]: ...


def read_now(place: SheetPlace, choices: Mapping[str, str]) -> dict[str, str]:
    """`choices` are the district's settings of CHOICES, as far as they are known. A file that can't be read leaves its settings out."""
    return {**choices, **_program(), **_of_place(place), **_of_file(place), **_backups(place)}


def _program() -> dict[str, str]:
    found = {"version": version("homeroom")}
    sources = {source for listed in settings.SECURE_CSP.values() for source in listed}
    if settings.SECURE_CSP.get("default-src") == ["'none'"] and sources <= OUR_OWN:
        found["no other origin"] = "; ".join(f"{rule} {' '.join(listed)}" for rule, listed in settings.SECURE_CSP.items())
    return found


def _of_place(place: SheetPlace) -> dict[str, str]:
    database = place.database("owner", None)["HOST"]
    others = [str(each) for each in place.trusted_proxy if not each.is_loopback]
    return {
        "secure": "yes" if place.is_secure else "no",
        "proxies": ", ".join(others),
        "security events": place.events_syslog,
        "database": "" if is_here(database) else database,
    }


def _of_file(place: SheetPlace) -> dict[str, str]:
    """Reads the file at each request, so that a command needs no restart."""
    words = _toml(place, "portal.toml")
    if words is None:
        return {}
    relay = str((words.get("mail") or {}).get("relay", "")).partition(":")[0]
    contact, review = contact_in(words), review_in(words)
    return {
        "mail relay": "" if is_here(relay) else relay,
        **({"security contact": f"{contact.email}, {contact.phone}"} if contact else {}),
        **({"yearly review": f"{review.signed_on:%Y-%m-%d}"} if review else {}),
    }


def _backups(place: SheetPlace) -> dict[str, str]:
    if not (place.folder / "backup.toml").exists():
        return {"backup stores": ""}
    words = _toml(place, "backup.toml")
    if words is None:
        return {}
    return {"backup stores": ", ".join(f"{name}: {shown_store(str(words.get(name, '')))}" for name in STORES), "backups": "set up"}


def shown_store(url: str) -> str:
    """Returns a store's address without a user, a password or a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme and parts.scheme != "file" else "a folder"


def is_here(host: str) -> bool:
    """Whether the name is a socket's folder, or of this computer."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _toml(place: SheetPlace, name: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads((place.folder / name).read_text())
    except (OSError, ValueError):
        return None
