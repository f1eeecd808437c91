"""The parts that the running gateway shares: its folder, settings, book and spool, and a bell for each portal."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from homeroom.gateway.admit import bar
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.log import say
from homeroom.gateway.mailbox import Mailbox
from homeroom.gateway.reasons import Reason, Why
from homeroom.gateway.settings import Settings
from homeroom.gateway.spool import Spool


@dataclass(slots=True)
class Office:
    gateway: Path
    settings: Settings
    book: LiveBook
    spool: Spool
    bells: dict[str, asyncio.Event] = field(default_factory=dict)

    def bell(self, portal: str) -> asyncio.Event:
        """Returns the event that is set when a file for this portal arrives."""
        return self.bells.setdefault(portal, asyncio.Event())

    def mailbox(self, sender: str) -> Mailbox:
        return Mailbox(self.gateway, sender)

    def bar(self, sender: str) -> Reason | None:
        return bar(self.book.senders.get(sender), datetime.now(UTC))

    def is_loaded(self, sender: str) -> bool:
        files, size = self.spool.load_of(sender)
        return files >= self.settings.files_a_sender or size >= self.settings.bytes_a_sender

    def refuse(self, sender: str, digest: str | None, why: Why) -> None:
        """Writes the refusal to the sender's receipts before anyone is notified. A sender who is no longer in the book can't read it and has no folder."""
        if sender in self.book.senders:
            self.mailbox(sender).put_refusal(datetime.now(UTC), digest, why)
        say("refused", sender=sender, digest=digest and digest[:12], reason=why)
