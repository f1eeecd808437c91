"""Admitted files that wait for their portal. A file is synced, renamed and noted in the journal before delivery is promised."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from homeroom.gateway.draft import Draft, Spoilt
from homeroom.gateway.durable import make_folder, remove, sync_folder
from homeroom.gateway.journal import Journal, Line, read_journal
from homeroom.gateway.log import say, short
from homeroom.gateway.reasons import Reason, Why

REMEMBERED = timedelta(days=60)
LINES = 20_000  # after this many, the journal starts over with the lines that still count

type Key = tuple[str, str]


class Step(StrEnum):
    ADMITTED = "admitted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    GONE = "gone"  # admitted, and no longer on the disk, because the portal had it and the journal had no room for the line


@dataclass(frozen=True, slots=True)
class Delivery:
    sender: str
    digest: str
    portal: str
    received: datetime
    size: int

    @property
    def key(self) -> Key:
        return self.sender, self.digest


class Spool:
    """Belongs to one process. Its methods block on the disk and may be called from any thread."""

    def __init__(self, gateway: Path) -> None:
        self.gateway = gateway
        self._lock = threading.Lock()
        self._waiting: dict[Key, Delivery] = {}
        self._ended: dict[Key, Line] = {}
        self._drafts: dict[str, set[Draft]] = {}
        self._receipts: dict[str, int] = {}
        lines, unreadable = read_journal(gateway / "journal" / "journal")
        if unreadable:
            say("journal had unreadable lines", lines=unreadable)
        for line in lines:
            self._replay(line)
        self._journal = Journal(gateway / "journal" / "journal", self._worth_keeping())
        self._lines = 0

    def _replay(self, line: Line) -> None:
        if line["step"] == "receipt":
            self._receipts[line["portal"]] = line["number"]
            return
        key = (line["sender"], line["digest"])
        self._waiting.pop(key, None)
        self._ended.pop(key, None)
        if line["step"] == Step.ADMITTED:
            received = datetime.fromisoformat(line["received"])
            self._waiting[key] = Delivery(*key, line["portal"], received, line["size"])
        else:
            self._ended[key] = line

    def _worth_keeping(self) -> Iterator[Line]:
        oldest = (datetime.now(UTC) - REMEMBERED).isoformat()
        yield from ({"step": "receipt", "portal": slug, "number": n} for slug, n in self._receipts.items())
        yield from (line for line in self._ended.values() if line["at"] > oldest)
        yield from (_admitted(delivery) for delivery in self._waiting.values())

    def _note(self, line: Line) -> None:
        self._journal.add(line)
        self._replay(line)
        self._lines += 1
        if self._lines > LINES:
            self._shorten()

    def _shorten(self) -> None:
        self._lines = 0
        try:
            self._journal.start_over(self._worth_keeping())
        except OSError as failed:  # the longer journal stays in use
            say("journal could not be shortened", errno=failed.errno)

    def path_of(self, sender: str, digest: str) -> Path:
        return self.gateway / "spool" / sender / f"{digest}.pgp"

    def draft(self, sender: str) -> Draft:
        """Raises Spoilt if the disk takes no new file."""
        folder = self.gateway / "home" / sender / "incoming"
        try:
            make_folder(folder)
            draft = Draft(folder)
        except OSError as failed:
            raise Spoilt(Reason.NO_ROOM) from failed
        self._drafts.setdefault(sender, set()).add(draft)
        return draft

    def forget(self, sender: str, draft: Draft) -> None:
        self._drafts.get(sender, set()).discard(draft)

    def load_of(self, sender: str) -> tuple[int, int]:
        """Returns the number of files and bytes that this sender has here, waiting or on their way in."""
        sizes = [delivery.size for delivery in list(self._waiting.values()) if delivery.sender == sender]
        sizes += [draft.size for draft in list(self._drafts.get(sender, ()))]
        return len(sizes), sum(sizes)

    def accept(self, draft: Draft, delivery: Delivery) -> None:
        """Promises delivery once this returns. Raises Spoilt, and then nothing is left."""
        try:
            draft.sync()
            with self._lock:
                if delivery.key not in self._waiting:  # if it was sent twice, one copy is already waiting
                    self._keep(draft.path, delivery)
        except OSError as failed:
            raise Spoilt(Reason.NO_ROOM) from failed

    def _keep(self, draft: Path, delivery: Delivery) -> None:
        path = self.path_of(*delivery.key)
        make_folder(path.parent)
        draft.replace(path)
        try:
            sync_folder(path.parent)
            self._note(_admitted(delivery))
        except OSError:
            remove(path)
            raise

    def adopt(self, delivery: Delivery) -> None:
        """Adds a file that is in its place but whose line was not written before the power failed."""
        with self._lock:
            self._note(_admitted(delivery))

    def end(self, delivery: Delivery, step: Step, why: Why | None = None) -> None:
        """Removes the copy, because the portal has it or never will. The line is written first, because an extra copy does no harm."""
        line = _line(delivery, step) | {"at": datetime.now(UTC).isoformat(), "reason": why}
        with self._lock:
            try:
                self._note(line)
            except OSError as failed:  # on a full disk, removing the copy makes room, and the next start understands why it is absent
                say("journal has no room", digest=short(delivery.digest), errno=failed.errno)
                self._replay(line)
            remove(self.path_of(*delivery.key))

    def waiting(self, portal: str | None = None) -> list[Delivery]:
        """Returns the oldest first, so that exports arrive in the order in which they were sent."""
        with self._lock:
            found = [one for one in self._waiting.values() if portal in (None, one.portal)]
        return sorted(found, key=lambda one: one.received)

    def step_of(self, sender: str, digest: str) -> Step | None:
        if (sender, digest) in self._waiting:
            return Step.ADMITTED
        ended = self._ended.get((sender, digest))
        return Step(ended["step"]) if ended else None

    def senders_of(self, portal: str, digest: str) -> set[str]:
        """Returns who sent this file to this portal, as far as the journal remembers."""
        waiting = [_admitted(one) for one in self.waiting(portal)]
        with self._lock:
            lines = waiting + list(self._ended.values())
        return {line["sender"] for line in lines if (line["portal"], line["digest"]) == (portal, digest)}

    def delivered_since(self, portal: str, moment: datetime) -> bool:
        with self._lock:
            return any(line["portal"] == portal and line["at"] > moment.isoformat() for line in self._ended.values())

    def last_receipt(self, portal: str) -> int:
        return self._receipts.get(portal, 0)

    def note_receipt(self, portal: str, number: int) -> None:
        """Raises OSError. The receipt is then asked for again."""
        with self._lock:
            self._note({"step": "receipt", "portal": portal, "number": number})

    def close(self) -> None:
        with self._lock:
            self._journal.close()


def _line(delivery: Delivery, step: Step) -> dict[str, str | int | None]:
    return {"step": step, "sender": delivery.sender, "digest": delivery.digest, "portal": delivery.portal}


def _admitted(delivery: Delivery) -> Line:
    return _line(delivery, Step.ADMITTED) | {"received": delivery.received.isoformat(), "size": delivery.size}
