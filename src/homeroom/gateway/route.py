"""Sends files from the spool to the portal's inbox, over TLS with certificates that both know in advance."""

import asyncio
import hashlib
import json
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from homeroom.gateway.book import Portal
from homeroom.gateway.log import say, short
from homeroom.gateway.mailbox import share_receipts
from homeroom.gateway.office import Office
from homeroom.gateway.pins import line_to
from homeroom.gateway.reasons import Reason
from homeroom.gateway.spool import Delivery, Step

PATIENCE = aiohttp.ClientTimeout(total=None, connect=20, sock_connect=20, sock_read=300)  # a slow disk needs this long to sync 1 GiB
LONGEST_ANSWER = 16 << 20
GARBLED = 422  # the inbox's sum differs from the gateway's


class Unanswered(Exception):
    """The portal did not confirm that it has the file, so the file is sent again."""


class Damaged(Exception):
    """The gateway's own copy no longer matches its digest, because the disk failed."""


def dial(office: Office, portal: Portal) -> aiohttp.ClientSession:
    """Raises ssl.SSLError, OSError if certificates can't be used."""
    context = line_to(portal.tls, office.gateway / "tls" / "client.pem")
    connector = aiohttp.TCPConnector(ssl=context, force_close=True)
    return aiohttp.ClientSession(portal.url.rstrip("/"), connector=connector, timeout=PATIENCE)


async def carry(office: Office, slug: str) -> None:
    """Sends everything for one portal, oldest first, and retries for as long as it takes. Nothing goes to another portal."""
    bell = office.bell(slug)
    pause = office.settings.first_retry
    while True:
        bell.clear()
        try:
            await _carry_all(office, slug)
            pause = office.settings.first_retry
        except (Unanswered, aiohttp.ClientError, OSError, TimeoutError) as away:
            say("portal not reached", portal=slug, reason=type(away).__name__, detail=_detail(away), pause=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, office.settings.longest_retry)
            continue
        await bell.wait()


def _detail(away: Exception) -> str:
    """Returns a code or a certificate's fault. Whole messages may contain addresses, which add nothing."""
    if isinstance(away, aiohttp.ClientConnectorCertificateError):
        return str(away.certificate_error)[:200]
    if isinstance(away, ssl.SSLError):
        return str(away.reason)
    return str(away)[:200] if isinstance(away, Unanswered) else ""


async def _carry_all(office: Office, slug: str) -> None:
    while waiting := office.spool.waiting(slug):
        delivery = waiting[0]
        if why := _no_longer(office, delivery):
            await asyncio.to_thread(_refuse, office, delivery, why)
            continue
        portal = office.book.portals.get(slug)
        if portal is None:
            raise Unanswered("the portal is not in the book")
        try:
            async with dial(office, portal) as session:
                await _post(office, session, delivery)
        except (Damaged, FileNotFoundError):
            await asyncio.to_thread(_refuse, office, delivery, Reason.NO_ROOM)
            continue
        await asyncio.to_thread(office.spool.end, delivery, Step.DELIVERED)
        await asyncio.to_thread(share_receipts, office.gateway, delivery.digest, delivery.sender)
        say("delivered", sender=delivery.sender, digest=short(delivery.digest), portal=slug)


def _no_longer(office: Office, delivery: Delivery) -> Reason | None:
    sender = office.book.senders.get(delivery.sender)
    if sender is None or sender.revoked or delivery.portal not in sender.portals:
        return Reason.WITHDRAWN
    age = datetime.now(UTC) - delivery.received
    return Reason.PORTAL_AWAY if age.total_seconds() > office.settings.give_up_after else None


def _refuse(office: Office, delivery: Delivery, why: Reason) -> None:
    office.refuse(delivery.sender, delivery.digest, why)
    office.spool.end(delivery, Step.REFUSED, why)


async def _post(office: Office, session: aiohttp.ClientSession, delivery: Delivery) -> None:
    path = office.spool.path_of(*delivery.key)
    headers = {
        "X-Sender": delivery.sender,
        "X-Received": delivery.received.isoformat(),
        "Content-Type": "application/octet-stream",
    }
    with path.open("rb") as file:
        async with session.post(
            f"/sealed/{delivery.digest}", data=file, headers=headers, allow_redirects=False
        ) as answer:
            if answer.status == GARBLED and await asyncio.to_thread(_is_spoilt, path, delivery.digest):
                raise Damaged
            said = await read_answer(answer)
    if said.get("digest") != delivery.digest:
        raise Unanswered("the answer names another digest")


async def read_answer(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Raises Unanswered."""
    if answer.status != 200:
        raise Unanswered(f"answer {answer.status}")
    try:
        said = json.loads(await answer.content.read(LONGEST_ANSWER))
    except ValueError as odd:
        raise Unanswered("the answer is not JSON") from odd
    if not isinstance(said, dict):
        raise Unanswered("the answer is not an object")
    return said


def _is_spoilt(path: Path, digest: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() != digest
