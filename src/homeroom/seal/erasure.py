"""Erasure keys: one X-Wing pair per calendar month, in a file on the vault's host. Their public halves are the card of a portal.

Without a month's secret, no backup of that month opens, wherever its copies are. So a destroyed secret is never made again.
"""

import binascii
import json
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from homeroom.seal.whole import alone, write_whole
from homeroom.seal.wrapping import SECRET, KeyOdd, Pair, make_pair, private_handle, public_handle

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
Entries = dict[str, dict[str, str]]  # by month: secret and public, or public and destroyed


def month_of(moment: datetime) -> str:
    """Returns the month of an aware moment, in its own zone."""
    return f"{moment:%Y-%m}"


def months_from(first: str, count: int) -> list[str]:
    """`first` is a month such as 2026-11."""
    start = int(first[:4]) * 12 + int(first[5:]) - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(start, start + count)]


def read_keys(path: Path) -> dict[str, Pair]:
    """Returns the keys of the months that can be opened. Raises KeyOdd."""
    entries = _entries(path)
    return {month: _pair(path, month, entry) for month, entry in entries.items() if "secret" in entry}


def destroyed_in(path: Path) -> dict[str, str]:
    """Returns when each destroyed month was destroyed. Raises KeyOdd."""
    return {month: entry["destroyed"] for month, entry in _entries(path).items() if "destroyed" in entry}


def pair_for(path: Path, month: str) -> Pair:
    """Raises KeyOdd."""
    if (gone := destroyed_in(path).get(month)) is not None:
        raise KeyOdd(f"The erasure key of {month} was destroyed on {gone}. No backup of that month can be opened.")
    keys = read_keys(path)
    if month not in keys:
        raise KeyOdd(f"{path} has no erasure key of {month}. Name the key file of the host that the backup came from.")
    return keys[month]


def add_months(path: Path, months: Sequence[str]) -> list[str]:
    """Makes the pairs of the months that are not in the file, destroyed or not. Returns the new months. Raises KeyOdd."""
    with alone(path.parent):  # two runs at the same time would keep the secrets of only one
        entries = _entries(path) if path.exists() else {}
        added = [month for month in months if month not in entries]
        for month in added:
            pair = make_pair()
            entries[month] = {"secret": b64encode(pair.secret).decode(), "public": b64encode(pair.public).decode()}
        if added:
            write_whole(path, _written(entries))
    return added


def destroy(path: Path, months: Sequence[str], at: datetime) -> list[str]:
    """Removes the secrets of these months for good. Returns the months that had one. The public halves stay. Raises KeyOdd."""
    with alone(path.parent):  # two runs at the same time would keep the secrets of only one
        entries = _entries(path)
        if unknown := [month for month in months if month not in entries]:
            raise KeyOdd(f"{path} has no erasure key of {', '.join(unknown)}. Nothing was destroyed.")
        gone = [month for month in months if "secret" in entries[month]]
        # Overwrite in place first. A new file leaves the old one's blocks on the disk, and after a kill no later run would overwrite them.
        _overwrite(path, [entries[month].pop("secret") for month in gone])
        for month in gone:
            entries[month]["destroyed"] = f"{at:%Y-%m-%d %H:%M %Z}"
        if gone:
            write_whole(path, _written(entries))
    return gone


def write_card(keys: Path, card: Path) -> list[str]:
    """Writes the public halves of the months that can be opened, and returns these months. Destroyed months are left out, because no one could open what a
    portal with a wrong clock sealed for one. Raises KeyOdd, also if the file to overwrite is not a card."""
    if card.exists():
        read_card(card)
    pairs = read_keys(keys)
    halves = {month: b64encode(pair.public).decode() for month, pair in sorted(pairs.items())}
    write_whole(card, (json.dumps(halves, indent=1) + "\n").encode(), 0o644)
    return list(halves)


def read_card(path: Path) -> dict[str, bytes]:
    """Raises KeyOdd."""
    found = _json(path)
    if not all(MONTH.fullmatch(month) and isinstance(half, str) for month, half in found.items()):
        raise KeyOdd(f"{path} is no card of erasure keys. Write it anew with `homeroom keys erasure make … --card`.")
    halves = {month: _bytes(path, str(half)) for month, half in found.items()}
    for half in halves.values():
        public_handle(half)
    return halves


def public_for(card: Mapping[str, bytes], month: str) -> bytes:
    """Raises KeyOdd."""
    if month not in card:
        raise KeyOdd(
            f"The card of erasure keys has none for {month}. Make more months on the vault's host with `homeroom keys erasure make`, "
            "and bring the new card to the portal."
        )
    return card[month]


def _written(entries: Entries) -> bytes:
    return (json.dumps(dict(sorted(entries.items())), indent=1) + "\n").encode()


def _entries(path: Path) -> Entries:
    found = _json(path)
    for month, entry in found.items():
        is_whole = isinstance(entry, dict) and "public" in entry and ("secret" in entry) != ("destroyed" in entry)
        if not MONTH.fullmatch(month) or not is_whole or not all(isinstance(value, str) for value in entry.values()):
            raise KeyOdd(f"{path} is no file of erasure keys. Take it from the vault's other host, and look what wrote into this one.")
    return found


def _json(path: Path) -> Entries:
    try:
        found = json.loads(path.read_bytes())
    except OSError as missing:
        raise KeyOdd(f"{path} cannot be read: {missing.strerror}.") from missing
    except ValueError as odd:
        raise KeyOdd(f"{path} is no file of erasure keys: it is not JSON. Take it from the vault's other host.") from odd
    if not isinstance(found, dict):
        raise KeyOdd(f"{path} is no file of erasure keys. Take it from the vault's other host.")
    return found


def _pair(path: Path, month: str, entry: Mapping[str, str]) -> Pair:
    pair = Pair(_bytes(path, entry["secret"]), _bytes(path, entry["public"]))
    try:
        private_handle(pair)
    except KeyOdd as odd:
        raise KeyOdd(f"The erasure key of {month} in {path} is damaged. Take the file from the vault's other host.") from odd
    return pair


def _bytes(path: Path, text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as odd:
        raise KeyOdd(f"{path} holds something that is no key. Take it anew from where it was made.") from odd


def _overwrite(path: Path, secrets: Sequence[str]) -> None:
    """Overwrites the secrets in place with the same number of characters. A disk that moves blocks, or a snapshot, may still have them. See
    docs/vault-keys.md."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        for secret in secrets:
            if (at := content.find(secret.encode())) >= 0:
                file.seek(at)
                file.write(b64encode(bytes(SECRET)))
        file.flush()
        os.fsync(file.fileno())
