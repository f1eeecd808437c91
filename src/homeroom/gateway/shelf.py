"""incoming/ of one session: uploads under the names that the sender gave them. The names exist only in this memory."""

import asyncio
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asyncssh import SFTPFailure, SFTPFileAlreadyExists, SFTPNoSuchFile

from homeroom.gateway.admit import Admitted, Refused, admit, outside_of
from homeroom.gateway.draft import Draft, Spoilt
from homeroom.gateway.log import say, short
from homeroom.gateway.office import Office
from homeroom.gateway.reasons import Reason, Why
from homeroom.gateway.spool import Delivery
from homeroom.seal.envelope import Outside

UNFINISHED = (b".part", b".partial", b".tmp", b".temp", b".filepart")  # curl, rclone, scripts, WinSCP
STEP = 20  # bits, so that a sender's load is checked once per MiB


@dataclass(eq=False, slots=True)
class Upload:
    """`draft` is None once the file was accepted. The other values answer clients that check the file after the upload."""

    name: bytes
    draft: Draft | None
    is_open: bool = True
    size: int = 0
    digest: str = ""
    at: float = field(default_factory=time.time)

    @property
    def length(self) -> int:
        return self.draft.size if self.draft else self.size

    @property
    def is_unfinished(self) -> bool:
        return self.name.lower().endswith(UNFINISHED)


class Shelf:
    """One session's requests are handled one after the other. Two sessions of a sender see only their own names."""

    def __init__(self, office: Office, sender: str) -> None:
        self._office = office
        self._sender = sender
        self.names: dict[bytes, Upload] = {}
        self.refused: dict[bytes, Why] = {}  # for clients that hide the answer to close() and then ask for the size

    async def open(self, name: bytes, *, anew: bool, create: bool, exclusive: bool) -> Upload:
        """With `anew`, an upload with this name is replaced. Raises SFTPError."""
        there = self.names.get(name)
        if there is None and not create:
            raise SFTPNoSuchFile("There is no upload of this name in this session.")
        if there and exclusive:
            raise SFTPFileAlreadyExists("There is an upload of this name already.")
        if there and not anew:
            return self._resume(there)
        if why := self._office.bar(self._sender):
            raise Spoilt(why)
        self._check_load()
        if there and there.draft and not there.is_open:
            await self._forget(there)
        self.refused.pop(name, None)
        upload = Upload(name, self._office.spool.draft(self._sender))
        self.names[name] = upload
        return upload

    def _resume(self, there: Upload) -> Upload:
        if there.draft is None:
            raise SFTPFailure("This file was accepted and is on its way; send a new one from its beginning.")
        if there.is_open:
            raise SFTPFailure("This upload is still open; close it before going on with it.")
        there.is_open = True
        return there

    async def write(self, upload: Upload, offset: int, piece: bytes) -> None:
        """Raises Spoilt."""
        draft = _draft(upload)
        if (offset + len(piece)) >> STEP > draft.size >> STEP:
            self._check_load()
        await draft.write(offset, piece)

    def _check_load(self) -> None:
        if self._office.is_loaded(self._sender):
            raise Spoilt(Reason.TOO_MUCH_WAITING)

    async def close(self, upload: Upload) -> None:
        """The sender is done with the file. Raises Spoilt if it is refused."""
        upload.is_open = False
        draft = _draft(upload)
        if draft.spoilt:
            raise await self._turned_away(upload, None, draft.spoilt)
        if not upload.is_unfinished:
            await self._hand_in(upload)

    async def rename(self, old: bytes, new: bytes) -> None:
        """Renames an upload. A closed upload that had a temporary name is then done. Raises SFTPError."""
        upload = self.names.get(old)
        if upload is None:
            raise SFTPNoSuchFile("There is no upload of this name in this session.")
        replaced = self.names.pop(new, None) if new != old else None
        if replaced and not replaced.is_open:
            await self._forget(replaced)
        was_unfinished = upload.is_unfinished
        del self.names[old]
        upload.name = new
        self.names[new] = upload
        if was_unfinished and upload.draft and not upload.is_open and not upload.is_unfinished:
            await self._hand_in(upload)

    async def remove(self, name: bytes) -> None:
        """Raises SFTPError."""
        upload = self.names.get(name)
        if upload is None:
            raise SFTPNoSuchFile("There is no upload of this name in this session.")
        if upload.draft is None or upload.is_open:
            raise SFTPFailure("This file was accepted or is still open; it cannot be taken back here.")
        await self._forget(upload)

    async def drop(self, upload: Upload) -> None:
        """Removes an upload whose connection was lost before the sender closed it, since no one said that it was whole."""
        if upload.draft:
            say("upload broke off", sender=self._sender, size=upload.length)
            await self._forget(upload)

    async def leave(self) -> None:
        """Ends the session."""
        for upload in list(self.names.values()):
            if upload.draft and upload.is_unfinished and not upload.is_open and upload.length:
                self._office.refuse(self._sender, None, Reason.UNFINISHED)
            await self._forget(upload)

    async def _hand_in(self, upload: Upload) -> None:
        draft = _draft(upload)
        try:
            digest = await draft.digest()
        except Spoilt as spoilt:
            raise await self._turned_away(upload, None, spoilt.why) from spoilt
        verdict = await asyncio.to_thread(self._examine, draft)
        if isinstance(verdict, Refused):
            raise await self._turned_away(upload, digest, verdict.why)
        delivery = Delivery(self._sender, digest, verdict.portal, datetime.now(UTC), draft.size)
        await self._accept(upload, draft, delivery)
        say(
            "admitted", sender=self._sender, digest=short(digest), portal=verdict.portal, size=delivery.size,
            others=verdict.others, armoured=int(verdict.is_armoured),
        )  # fmt: skip

    async def _accept(self, upload: Upload, draft: Draft, delivery: Delivery) -> None:
        try:
            await asyncio.to_thread(self._office.spool.accept, draft, delivery)
        except Spoilt as spoilt:
            raise await self._turned_away(upload, delivery.digest, spoilt.why) from spoilt
        upload.size, upload.digest, upload.draft = draft.size, delivery.digest, None
        await self._discard(draft)
        self._office.bell(delivery.portal).set()

    def _examine(self, draft: Draft) -> Admitted | Refused:
        with closing(draft.reader()) as file:
            book = self._office.book
            return admit(book.senders.get(self._sender), book.portals, outside_of(file), datetime.now(UTC))

    async def _turned_away(self, upload: Upload, digest: str | None, why: Why) -> Spoilt:
        """Removes the file and writes the refusal down. A truncated file stays for the session, because it may be resumed."""
        if why is not Outside.TRUNCATED:
            await self._forget(upload)
            self.refused[upload.name] = why
        self._office.refuse(self._sender, digest, why)
        return Spoilt(why)

    async def _forget(self, upload: Upload) -> None:
        if self.names.get(upload.name) is upload:
            del self.names[upload.name]
        if upload.draft:
            draft, upload.draft = upload.draft, None
            await self._discard(draft)

    async def _discard(self, draft: Draft) -> None:
        self._office.spool.forget(self._sender, draft)
        await draft.drop()


def _draft(upload: Upload) -> Draft:
    if upload.draft is None:
        raise SFTPFailure("This upload is over.")
    return upload.draft
