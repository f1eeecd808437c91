"""Stores receipts for the gateway as outbox/<number>.json. Intake writes them and the inbox reads them. Numbers only grow."""

import json
import os
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST = 100  # receipts per answer
LARGEST = 8 << 20  # bytes per answer


def put(portal: Path, digest: str, sender: str, text: str) -> int:
    """Returns the receipt's number. The receipt is on the disk when this returns, whole or not at all. Two writers never get the same number."""
    box = portal / "outbox"
    box.mkdir(mode=0o750, exist_ok=True)
    fresh = box / f".{secrets.token_hex(8)}"
    try:
        _write(fresh, {"digest": digest, "sender": sender, "receipt": text})
        number = _link(fresh, box)
    finally:
        fresh.unlink(missing_ok=True)
    _sync(box)
    return number


def _write(path: Path, entry: dict[str, str]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w") as file:
        os.fchmod(file.fileno(), 0o640)  # sets the mode despite the umask, because the inbox reads it as a group member
        json.dump(entry, file)
        file.flush()
        os.fsync(file.fileno())


def _link(fresh: Path, box: Path) -> int:
    """Takes the next free number. A link fails if the file exists, so no one else has the number."""
    number = max(_numbers(box), default=0) + 1
    while True:
        try:
            (box / f"{number}.json").hardlink_to(fresh)
        except FileExistsError:
            number += 1
        else:
            return number


def after(portal: Path, number: int) -> list[dict[str, Any]]:
    """Returns the receipts after this number, in order, as many as fit in one answer."""
    box = portal / "outbox"
    found: list[dict[str, Any]] = []
    size = 0
    for one in sorted(each for each in _numbers(box) if each > number)[:MOST]:
        text = (box / f"{one}.json").read_text()
        if not text:  # an empty file from go_on_higher()
            continue
        size += len(text)
        if found and size > LARGEST:
            break
        found.append({"number": one, **json.loads(text)})
    return found


def go_on_higher(portal: Path) -> None:
    """Makes the next receipt's number higher than any the gateway has fetched. A restored box may have lost the newest numbers."""
    box = portal / "outbox"
    box.mkdir(mode=0o750, exist_ok=True)
    (box / f"{max(int(time.time()), max(_numbers(box), default=0) + 1)}.json").touch(0o640)


def forget(portal: Path, before: datetime) -> int:
    """Deletes old receipts and returns how many. The last one always stays, so that no number is used twice."""
    box = portal / "outbox"
    old = [
        box / f"{one}.json"
        for one in sorted(_numbers(box))[:-1]
        if datetime.fromtimestamp((box / f"{one}.json").stat().st_mtime, UTC) < before
    ]
    for path in old:
        path.unlink(missing_ok=True)
    if old:
        _sync(box)
    return len(old)


def _numbers(box: Path) -> Iterator[int]:
    if box.is_dir():
        yield from (int(path.stem) for path in box.glob("*.json") if path.stem.isdecimal())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
