"""A start after any failure. The power may have failed between any two instructions."""

from datetime import UTC, datetime
from pathlib import Path

from homeroom.gateway.admit import Admitted, admit, outside_of
from homeroom.gateway.durable import TEMPORARY, remove, sync_folder
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.log import say, short
from homeroom.gateway.mailbox import Mailbox
from homeroom.gateway.spool import Delivery, Spool, Step
from homeroom.seal.envelope import Envelope, NotSealed


def recover(gateway: Path, spool: Spool, book: LiveBook) -> None:
    """Removes half-written files and takes up whole ones again, once. No one was promised anything for a draft."""
    for folder in (gateway / "journal", *(gateway / "home").glob("*/receipts")):
        _sweep(folder, f"{TEMPORARY}*")
    for folder in (gateway / "home").glob("*/incoming"):
        _sweep(folder, "*")
    for path in sorted((gateway / "spool").glob("*/*.pgp")):
        _settle(path, gateway, spool, book)
    for delivery in spool.waiting():
        if not spool.path_of(*delivery.key).exists():
            say("file gone", digest=short(delivery.digest), portal=delivery.portal)
            spool.end(delivery, Step.GONE)


def _sweep(folder: Path, pattern: str) -> None:
    leftovers = list(folder.glob(pattern))
    for path in leftovers:
        path.unlink(missing_ok=True)
    if leftovers:
        sync_folder(folder)


def _settle(path: Path, gateway: Path, spool: Spool, book: LiveBook) -> None:
    """Takes up a file without an open line. It was renamed but not yet noted, or noted as delivered but not yet removed.

    Sending it again is right in both cases, because the inbox recognizes a digest that it has.
    """
    sender, digest = path.parent.name, path.stem
    if spool.step_of(sender, digest) is Step.ADMITTED:
        return
    now = datetime.now(UTC)
    verdict = admit(book.senders.get(sender), book.portals, _outside_of(path), now)
    if isinstance(verdict, Admitted):
        seen = path.stat()
        received = datetime.fromtimestamp(seen.st_mtime, UTC)
        spool.adopt(Delivery(sender, digest, verdict.portal, received, seen.st_size))
        say("file taken up again", digest=short(digest), sender=sender, portal=verdict.portal)
    else:
        Mailbox(gateway, sender).put_refusal(now, digest, verdict.why)
        remove(path)
        say("refused", digest=short(digest), sender=sender, reason=verdict.why)


def _outside_of(path: Path) -> Envelope | NotSealed:
    with path.open("rb") as file:
        return outside_of(file)
