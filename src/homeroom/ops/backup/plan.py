"""The backup settings of a portal (backup.toml) and of its vault (vault.toml): schedule, tiers and credentials. Also the portal's state.json."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter

from homeroom.ops.answers import NotDone
from homeroom.seal.whole import write_whole
from homeroom.vault.keeping import Tier, tiers
from homeroom.vault.store import Store, StoreFailed, folder_of

AHEAD = 100  # numbers to skip, so that a new backup never has the number of one that was lost with the host
TIERS = ("store", "archive", "offsite")
DAILY = "15 1 * * *"  # 1:15 a.m. in the district's time zone


@dataclass(frozen=True, slots=True)
class Plan:
    """The backup settings of a portal. `urls` has the address of each tier."""

    portal: Path
    schedule: str
    urls: Mapping[str, str]

    @classmethod
    def read(cls, portal: Path) -> "Plan":
        """Raises NotDone."""
        path = portal / "backup.toml"
        if not path.exists():
            raise NotDone(f"{portal.name} has no backups yet. Set them up with `homeroom backup set-up {portal.name}`.")
        words = _toml(path)
        return cls(portal, checked_schedule(str(words.get("schedule", DAILY))), {name: _url(words, name, path) for name in TIERS})

    def store_to_add(self) -> Store:
        """Returns the backup store with credentials that can only write."""
        return Store(self.urls["store"], _credentials(self.portal / "secrets" / "store-add.toml"))

    def store_to_read(self, tier: str) -> Store:
        return Store(self.urls[tier], _credentials(self.portal / "secrets" / "store-read.toml", tier))


@dataclass(frozen=True, slots=True)
class Vault:
    """The vault of one portal, on the vault's host. `signers` are the public halves of the keys that sign its manifests, newest last. `settled` has the
    tier and number of each backup accepted as lost."""

    folder: Path
    portal: str
    urls: Mapping[str, str]
    signers: tuple[bytes, ...]
    contract_ended: date | None
    settled: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def read(cls, folder: Path) -> "Vault":
        """Raises NotDone."""
        path = folder / "vault.toml"
        words = _toml(path)
        ended = str(words.get("contract_ended", ""))
        try:
            signers = tuple(bytes.fromhex(each) for each in words["signers"])
            over = date.fromisoformat(ended) if ended else None
            settled = frozenset((tier, number) for tier, span in (each.split() for each in words.get("settled", ())) for number in _span(span))
        except (AttributeError, KeyError, TypeError, ValueError) as odd:
            told = "must say signers, as hexadecimal words, and contract_ended, if at all, as 2027-06-30, and settled as a list such as [\"archive 17-19\"]"
            raise NotDone(f"{path} {told}.") from odd
        return cls(folder, folder.name, {name: _url(words, name, path) for name in TIERS}, signers, over, settled)

    def tiers(self) -> list[Tier]:
        return tiers(*(Store(self.urls[name], _credentials(self.folder / "stores.toml", name)) for name in TIERS))

    def words(self) -> dict[str, Any]:
        """Returns the values of vault.toml."""
        ended = {"contract_ended": self.contract_ended.isoformat()} if self.contract_ended else {}
        settled = {"settled": [f"{tier} {span}" for tier in TIERS for span in _spans(self.settled_in(tier))]} if self.settled else {}
        return {"signers": [each.hex() for each in self.signers], **ended, **settled, **self.urls}

    def settled_in(self, tier: str) -> frozenset[int]:
        return frozenset(number for where, number in self.settled if where == tier)

    @property
    def keys(self) -> Path:
        return self.folder / f"{self.portal}.json"


def _span(words: str) -> range:
    """Reads a number such as 17 or a range such as 17-19. Raises ValueError."""
    first, _, last = words.partition("-")
    return range(int(first), int(last or first) + 1)


def _spans(numbers: Iterable[int]) -> list[str]:
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return [f"{first}-{last}" if last > first else str(first) for first, last in found]


def vault_folders(installation: Path) -> list[Path]:
    return [path.parent for path in sorted(installation.glob("vault/*/vault.toml"))]


def has_backups(installation: Path) -> bool:
    """Returns whether this host makes or keeps backups."""
    return any(installation.glob("portals/*/backup.toml")) or bool(vault_folders(installation))


def vault_of(installation: Path, slug: str) -> Vault:
    """Raises NotDone."""
    if not (installation / "vault" / slug / "vault.toml").exists():
        raise NotDone(f"This host is no vault of {slug!r}: there is no {installation / 'vault' / slug / 'vault.toml'}.")
    return Vault.read(installation / "vault" / slug)


def checked_schedule(words: str) -> str:
    """Raises NotDone."""
    if not croniter.is_valid(words):
        raise NotDone(f"{words!r} is no schedule. Write five words as cron has them, such as {DAILY!r} for 1:15 each night.")
    return words


def checked_url(url: str) -> str:
    """Raises NotDone."""
    try:
        folder_of(url)
    except StoreFailed as odd:
        raise NotDone(str(odd)) from odd
    return url


def last_due(schedule: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Returns the last scheduled time before `now`, in UTC."""
    found: datetime = croniter(schedule, now.astimezone(zone), ret_type=datetime, max_years_between_matches=5).get_prev()
    return found.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class State:
    """The portal's own record of its chain. `number` is the last one used. `night`, `day` and `at` (the time) belong to the last finished backup.
    `previous` is the digest of its manifest."""

    number: int = 0
    night: int = 0
    day: str = ""
    previous: str = ""
    at: str = ""

    @classmethod
    def read(cls, portal: Path) -> "State":
        """Raises NotDone."""
        path = portal / "backup" / "state.json"
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return cls()
        except (ValueError, TypeError) as odd:
            raise NotDone(f"{path} is spoiled. Write into it what `homeroom backup list {portal.name}` says of the newest backup.") from odd

    def write(self, portal: Path) -> None:
        words = {"number": self.number, "night": self.night, "day": self.day, "previous": self.previous, "at": self.at}
        write_whole(portal / "backup" / "state.json", json.dumps(words).encode())

    def night_of(self, moment: datetime, zone: ZoneInfo) -> tuple[int, str]:
        """Returns night and day. The first backup of a day in the district's time zone gets a new night. A second one on that day keeps it."""
        day = moment.astimezone(zone).date().isoformat()
        return (self.night if day == self.day else self.night + 1), day


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as odd:
        raise NotDone(f"{path} cannot be read as TOML. Set it right, or make it anew.") from odd


def _url(words: Mapping[str, Any], name: str, path: Path) -> str:
    url = words.get(name)
    if not isinstance(url, str) or not url:
        raise NotDone(f"{path} must say {name}, the address of that tier: a folder with its whole path, or s3://bucket/prefix.")
    return checked_url(url)


def _credentials(path: Path, section: str = "") -> dict[str, str]:
    """Returns {} if there is no file, as for folders, where the file system controls access. Raises NotDone."""
    if not path.exists():
        return {}
    words = _toml(path)
    found = words.get(section, {}) if section else words
    return {key: str(value) for key, value in found.items()}
