"""A portal's place: its folder, portal.toml read and checked, and the paths of its other files."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from homeroom.portal.addresses import Network, network

LOGINS = ("owner", "app", "door", "intake", "jobs", "sealer", "watcher", "forwarder", "dump")
HTTPS = 443
REMOVING = "removing"  # marks a portal's folder until all of it is gone
PEERS = ("owner", "dump")  # sign in as local peers and have no password


class PlaceOdd(Exception):
    """portal.toml is missing or has an impossible value. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    folder: Path
    slug: str
    name: str
    time_zone: str
    phone: str
    host: str
    port: int
    inbox_port: int
    database_url: str
    is_secure: bool
    trusted_proxy: tuple[Network, ...] = ()  # it says who asks
    proxy_protocol: bool = False  # it says so in front of each connection, and not in a header
    school_networks: tuple[Network, ...] = ()  # many people share one address there
    events_syslog: str = ""  # the district's syslog server for security events, host or host:port
    events_file: bool = False  # also write them to events/events.jsonl
    is_drill: bool = False  # a made-up district in which people practice an incident
    old_cookies_until: date | None = None  # through this day, cookies of a release before their names had a prefix are read

    @classmethod
    def read(cls, folder: Path) -> "Place":
        """Reads the portal in this folder. Raises PlaceOdd."""
        values = _values(folder)
        place = cls(
            folder=folder.resolve(),
            slug=_text(values, "slug"),
            name=_text(values, "name"),
            time_zone=_text(values, "time_zone"),
            phone=_text(values, "phone"),
            host=_text(values, "host"),
            port=_port(values, "port"),
            inbox_port=_port(values, "inbox_port"),
            database_url=_text(values, "database"),
            is_secure=bool(values.get("secure", False)),
            trusted_proxy=_networks(values, "trusted_proxy"),
            proxy_protocol=bool(values.get("proxy_protocol", False)),
            school_networks=_networks(values, "school_networks"),
            events_syslog=_host(values, "events_syslog"),
            events_file=bool(values.get("events_file", False)),
            is_drill=bool(values.get("drill", False)),
            old_cookies_until=_day(values, "old_cookies_until"),
        )
        if place.time_zone not in available_timezones():
            raise PlaceOdd(
                f"time_zone in portal.toml is {place.time_zone!r}, which is no time zone; write one like America/Los_Angeles."
            )
        return place

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def hosts(self) -> list[str]:
        return [self.host] if self.is_secure else [self.host, "localhost", "127.0.0.1"]

    @property
    def address(self) -> str:
        """Returns what families type. Behind a proxy that ends TLS the port is the proxy's, and is left out."""
        if not self.is_secure:
            return f"http://{self.host}:{self.port}"
        is_own = (self.folder / "secrets" / "front-tls.pem").exists()
        return f"https://{self.host}" + (f":{self.port}" if is_own and self.port != HTTPS else "")

    @property
    def origins(self) -> list[str]:
        scheme = "https" if self.is_secure else "http"
        return [f"{scheme}://{host}:{self.port}" for host in self.hosts] + [f"{scheme}://{host}" for host in self.hosts]

    def cookie(self, name: str = "", *, path: str = "/") -> str:
        """Returns the name of a cookie of this portal. With TLS it has the prefix with which browsers take the cookie only from this host, over TLS
        (RFC 6265bis 4.1.3). Only __Secure- allows a path of its own."""
        return self._prefixed(f"homeroom-{self.slug}{name}", path)

    @property
    def language_cookie(self) -> str:
        """Returns the name of the cookie that a page sets. The front reads it too while pages are away."""
        return self._prefixed("homeroom-language", "/")

    def _prefixed(self, name: str, path: str) -> str:
        if not self.is_secure:
            return name
        return f"{'__Host-' if path == '/' else '__Secure-'}{name}"

    def password(self, login: str) -> str | None:
        """Returns the login's password, or None for the two that sign in as local peers. Raises PlaceOdd."""
        if login in PEERS:
            return None
        try:
            return (self.folder / "secrets" / login).read_text().strip()
        except OSError as unreadable:
            raise PlaceOdd(f"The secret of the login {login} cannot be read by this process.") from unreadable

    def factors_key(self) -> bytes:
        """Returns the key that seals second factors. Only the door reads it. Raises PlaceOdd."""
        try:
            return bytes.fromhex((self.folder / "secrets" / "factors").read_text())
        except (OSError, ValueError) as unreadable:
            raise PlaceOdd("secrets/factors cannot be read by this process. Run `homeroom portal upgrade`.") from unreadable

    def addresses_key(self) -> bytes | None:
        """Returns the key of the hashes under which security events know addresses. Only the front reads it. None before `portal upgrade` made it."""
        try:
            return bytes.fromhex((self.folder / "secrets" / "addresses").read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as unreadable:
            raise PlaceOdd("secrets/addresses cannot be read by this process. Run `homeroom portal upgrade`.") from unreadable

    def notes_key(self) -> bytes:
        """Returns the key that names the vault's notes. Only the jobs process reads it. Raises PlaceOdd."""
        try:
            return bytes.fromhex((self.folder / "secrets" / "notes").read_text())
        except (OSError, ValueError) as unreadable:
            raise PlaceOdd("secrets/notes cannot be read by this process. Run `homeroom portal upgrade`.") from unreadable

    def database(self, login: str, password: str | None) -> dict[str, Any]:
        """Returns Django's NAME, USER, PASSWORD, HOST, PORT for this login. Only the address of portal.toml's URL is used."""
        url = urlsplit(self.database_url)
        socket = dict(parse_qsl(url.query)).get("host", "")
        return {
            "NAME": url.path.lstrip("/"),
            "USER": login,
            "PASSWORD": password or "",
            "HOST": socket or unquote(url.hostname or ""),
            "PORT": str(url.port or dict(parse_qsl(url.query)).get("port", "5432")),
        }

    def database_options(self) -> dict[str, Any]:
        """Returns extra connection options of the URL, such as sslmode."""
        query = parse_qsl(urlsplit(self.database_url).query)
        return {key: value for key, value in query if key not in ("host", "port")}

    def conninfo(self, login: str) -> dict[str, Any]:
        """Returns the same for psycopg.connect(**…), for processes without Django."""
        words = self.database(login, self.password(login))
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        return {names[key]: value for key, value in words.items() if value} | self.database_options()


def _values(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / "portal.toml").read_text())
    except OSError as missing:
        raise PlaceOdd(f"HOMEROOM_PORTAL must name a portal's folder with a portal.toml in it, not {str(folder)!r}.") from missing
    except tomllib.TOMLDecodeError as broken:
        raise PlaceOdd(f"{folder / 'portal.toml'} is not TOML: {broken}.") from broken


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PlaceOdd(f"portal.toml must say {key}.")
    return value


def _port(values: dict[str, Any], key: str) -> int:
    value = values.get(key)
    if not isinstance(value, int) or not 0 < value < 65536:
        raise PlaceOdd(f"{key} in portal.toml must be a port number between 1 and 65535.")
    return value


HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


def _host(values: dict[str, Any], name: str) -> str:
    host = str(values.get(name, ""))
    if host and not is_host(host):
        raise PlaceOdd(f"{name} in portal.toml must be a host, or a host, a colon and a port.")
    return host


def is_host(text: str) -> bool:
    """Says whether it is a host, or a host, a colon and a port."""
    return HOST.fullmatch(text) is not None and int(text.partition(":")[2] or 1) in range(1, 1 << 16)


def _day(values: dict[str, Any], key: str) -> date | None:
    try:
        return date.fromisoformat(str(values[key])) if key in values else None
    except ValueError as odd:
        raise PlaceOdd(f"{key} in portal.toml must be a day such as 2027-01-30.") from odd


def _networks(values: dict[str, Any], key: str) -> tuple[Network, ...]:
    listed = values.get(key, [])
    try:
        return tuple(network(each) for each in listed)
    except (AttributeError, TypeError, ValueError) as odd:
        raise PlaceOdd(f'{key} in portal.toml must be a list of addresses or networks, such as ["127.0.0.1", "203.0.113.0/24"].') from odd
