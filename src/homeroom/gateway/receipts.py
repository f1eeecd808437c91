"""Fetches outcomes from each portal, checks their signatures, and puts them into the senders' receipts/."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from homeroom.gateway.book import Portal
from homeroom.gateway.log import say, short
from homeroom.gateway.office import Office
from homeroom.gateway.route import Unanswered, dial, read_answer
from homeroom.seal.keys import NotACertificate, read_certificate
from homeroom.seal.sealing import ReceiptForged, verify_receipt

FINAL_WITHIN = timedelta(hours=1)  # after that, an outcome is asked for less often
DAY = 86_400.0


async def collect(office: Office, slug: str) -> None:
    """Runs for as long as the portal is in the book."""
    settings = office.settings
    while slug in office.book.portals:
        try:
            while await _ask(office, office.book.portals[slug]):
                pass
            pause = settings.receipts_when_awaited if _is_awaiting(office, slug) else settings.receipts_otherwise
        except (Unanswered, ReceiptForged, NotACertificate, aiohttp.ClientError, OSError, TimeoutError) as odd:
            text = str(odd) if isinstance(odd, Unanswered | ReceiptForged | NotACertificate) else ""
            say("receipts not fetched", portal=slug, reason=type(odd).__name__, detail=text)
            pause = settings.receipts_otherwise
        await asyncio.sleep(pause)


def _is_awaiting(office: Office, slug: str) -> bool:
    return bool(office.spool.waiting(slug)) or office.spool.delivered_since(slug, datetime.now(UTC) - FINAL_WITHIN)


async def _ask(office: Office, portal: Portal) -> bool:
    """Returns whether there was a receipt, since there may be more. Raises Unanswered, ReceiptForged and aiohttp's errors."""
    after = office.spool.last_receipt(portal.slug)
    asked = {"after": str(after)}
    async with dial(office, portal) as line, line.get("/receipts", params=asked, allow_redirects=False) as answer:
        said = await read_answer(answer)
    found = said.get("receipts")
    if not isinstance(found, list):
        raise Unanswered("the answer holds no receipts")
    for entry in found:
        await asyncio.to_thread(_put, office, portal, entry)
    return bool(found)


def _put(office: Office, portal: Portal, entry: Any) -> None:
    """Writes the receipt first and counts it afterwards. A receipt that is fetched twice is written once."""
    number, digest, sender, text = _checked(entry, office.spool.last_receipt(portal.slug))
    content = verify_receipt(text, read_certificate(portal.receipts.encode()))
    if content.get("digest") != digest or content.get("portal") != portal.slug:
        raise ReceiptForged("The receipt is signed for another file or portal than it was handed out for.")
    received = _received(content)
    for name in _owners(office, portal.slug, digest, sender):
        office.mailbox(name).put_receipt(received, digest, text)
        say("receipt", portal=portal.slug, sender=name, digest=short(digest), state=_word(content.get("state")))
    office.spool.note_receipt(portal.slug, number)


def _checked(entry: Any, last: int) -> tuple[int, str, str, str]:
    kinds = {"number": int, "digest": str, "sender": str, "receipt": str}
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), kind) for key, kind in kinds.items()):
        raise Unanswered("a receipt lacks its number, digest, sender or text")
    if entry["number"] <= last:
        raise Unanswered("a receipt's number is not a new one")
    return entry["number"], entry["digest"], entry["sender"], entry["receipt"]


def _received(content: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(content["received"])
    except (KeyError, TypeError, ValueError) as odd:
        raise ReceiptForged("The receipt does not say when its file was received.") from odd
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _owners(office: Office, slug: str, digest: str, sender: str) -> set[str]:
    """Returns who sent this file, by the gateway's journal. The portal's word counts only for one of its own senders."""
    owners = office.spool.senders_of(slug, digest)
    entry = office.book.senders.get(sender)
    return owners | ({sender} if entry and slug in entry.portals else set())


def _word(state: Any) -> str:
    return state if state in ("imported", "held", "refused", "rejected", "undone") else "other"


async def sweep(office: Office) -> None:
    """Removes receipts older than 60 days, once a day."""
    while True:
        homes = office.gateway / "home"
        for home in list(homes.iterdir()) if homes.is_dir() else []:
            await asyncio.to_thread(office.mailbox(home.name).sweep, datetime.now(UTC))
        await asyncio.sleep(DAY)
