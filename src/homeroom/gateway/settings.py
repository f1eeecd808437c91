"""The gateway's settings from homeroom.toml, checked. Absent or odd values stop the start."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


class SettingsOdd(Exception):
    """The message says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Values are seconds, files and bytes. Only host and port have no default. `sftp_host` is the name that districts send to. `listen` is the address that
    the gateway binds. An earlier release had only sftp_host, for both."""

    sftp_host: str
    sftp_port: int
    listen: str = ""
    first_retry: float = 1.0
    longest_retry: float = 300.0
    give_up_after: float = 7 * 86_400.0
    receipts_when_awaited: float = 1.0
    receipts_otherwise: float = 15.0
    files_a_sender: int = 100
    bytes_a_sender: int = 4 << 30
    sessions: int = 200
    sessions_a_sender: int = 10
    startups_begin: int = 100  # startups have not signed in: gateway.startups says what the four numbers mean
    startups_rate: int = 30
    startups_full: int = 200
    startups_an_address: int = 50
    handshake_seconds: float = 10.0
    sign_in_seconds: float = 20.0

    @property
    def bound(self) -> str:
        return self.listen or self.sftp_host

    @property
    def here(self) -> str:
        """Returns the address at which this computer reaches the gateway."""
        return "127.0.0.1" if self.bound in ("0.0.0.0", "::") else self.bound  # noqa: S104  compared, not bound

    @property
    def is_closed(self) -> bool:
        """Returns whether it listens to this computer only."""
        return self.bound == "localhost" or self.bound == "::1" or self.bound.startswith("127.")


NOBODY_OUTSIDE = "The gateway listens on {bound}, so no one outside this computer can send yet. Choose an address with `homeroom gateway address --listen`."


def read_settings(folder: Path) -> Settings:
    """Reads FOLDER/homeroom.toml. Raises SettingsOdd."""
    path = folder / "homeroom.toml"
    try:
        table = tomllib.loads(path.read_text()).get("gateway", {})
    except OSError as missing:
        raise SettingsOdd(f"There is no {path}; make a folder with `homeroom new`.") from missing
    except tomllib.TOMLDecodeError as odd:
        raise SettingsOdd(f"{path} is not TOML: {odd}.") from odd
    for field in fields(Settings):
        _check(table, field.name, field.type)
    return Settings(**{name: value for name, value in table.items() if name in Settings.__dataclass_fields__})


def _check(table: dict[str, Any], name: str, kind: Any) -> None:
    value = table.get(name)
    if value is None and name in ("sftp_host", "sftp_port"):
        raise SettingsOdd(f"homeroom.toml must say {name} under [gateway].")
    allowed = (int, float) if kind is float else (kind,)
    if value is not None and (not isinstance(value, allowed) or (kind is not str and value <= 0)):
        raise SettingsOdd(f"{name} under [gateway] in homeroom.toml cannot be {value!r}.")
