"""The content of a sender's receipts/: the portal's signed receipts, and the gateway's own sentence for each refusal."""

import re
from datetime import UTC, datetime
from pathlib import Path

from homeroom.gateway.durable import TEMPORARY, make_folder, sync_folder, write_whole
from homeroom.gateway.log import say, short
from homeroom.gateway.reasons import Why, sentence
from homeroom.gateway.spool import REMEMBERED

NAME = re.compile(r"(\d{8}T\d{6}Z-(?:[0-9a-f]{12}|unfinished))(?:-(\d{1,3}))?\.(?:json\.asc|txt)")
MANY = 999  # outcomes of one file. No more are expected than held, imported and undone


class Mailbox:
    """Names consist of a time and the start of a digest. The sender's own name for a file may name a child."""

    def __init__(self, gateway: Path, sender: str) -> None:
        self._folder = gateway / "home" / sender / "receipts"

    def names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted((path.name for path in self._folder.iterdir() if NAME.fullmatch(path.name)), key=in_order)

    def path_of(self, name: str) -> Path | None:
        """Looks only for names of the form above, so that none leads out of the folder."""
        path = self._folder / name
        return path if NAME.fullmatch(name) and path.is_file() else None

    def put_receipt(self, received: datetime, digest: str, text: str) -> None:
        """Adds a receipt. A file's receipts can be held, then imported, then undone. Each stays as a separate file, and a text that is already here is not
        added again. Raises OSError."""
        self._put(f"{stamp(received)}-{short(digest)}", ".json.asc", text)

    def put_refusal(self, at: datetime, digest: str | None, why: Why) -> None:
        """Writes the refusal down, or only logs it if the disk is full. The session must give its answer in any case."""
        try:
            self._put(f"{stamp(at)}-{short(digest or 'unfinished')}", ".txt", f"refused: {why}\n{sentence(why)}\n")
        except OSError as failed:
            say("refusal could not be written down", reason=why, errno=failed.errno)

    def _put(self, stem: str, suffix: str, text: str) -> None:
        make_folder(self._folder)
        before = [name for name in self.names() if in_order(name)[0] == stem and name.endswith(suffix)]
        if any((self._folder / name).read_bytes() == text.encode() for name in before):
            return
        turn = in_order(before[-1])[1] + 1 if before else 1  # never reuses the number of an older one that was swept
        if turn > MANY:
            say("too many outcomes of one file", name=stem)
            return
        write_whole(self._folder / f"{stem}{f'-{turn}' if turn > 1 else ''}{suffix}", text.encode())

    def sweep(self, now: datetime) -> None:
        """Removes files older than 60 days, and those that a power failure left half written."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            is_old = now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > REMEMBERED
            if is_old or path.name.startswith(TEMPORARY):
                path.unlink(missing_ok=True)
        sync_folder(self._folder)

    def copies_of(self, digest: str) -> list[tuple[datetime, str]]:
        """Returns this file's receipts: the time it was received, and the signed text."""
        found = [name for name in self.names() if short(digest) in name and name.endswith(".asc")]
        return [(unstamped(name), (self._folder / name).read_text()) for name in found]


def in_order(name: str) -> tuple[str, int]:
    """Returns the time and digest, then the number of the outcome. Sorted as text, -10 and -2 would come before the first one."""
    found = NAME.fullmatch(name)
    return (found[1], int(found[2] or 1)) if found else (name, 1)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def unstamped(name: str) -> datetime:
    return datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def share_receipts(gateway: Path, digest: str, sender: str) -> None:
    """Gives a second sender of the same file its outcomes, too. The portal reports each only once."""
    for home in (gateway / "home").iterdir():
        if home.name != sender:
            for received, text in Mailbox(gateway, home.name).copies_of(digest):
                Mailbox(gateway, sender).put_receipt(received, digest, text)
