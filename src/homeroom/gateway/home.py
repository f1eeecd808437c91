"""The virtual home of a sender: incoming/ to write to and receipts/ to read. No request names a path on the disk."""

import os
import posixpath
import stat
import time
from collections.abc import AsyncIterator
from typing import Any, BinaryIO, Never, cast, override

from asyncssh import (
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPName,
    SFTPNoSuchFile,
    SFTPPermissionDenied,
    SFTPServer,
    SSHServerChannel,
)

from homeroom.gateway.draft import Spoilt
from homeroom.gateway.log import short
from homeroom.gateway.mailbox import stamp
from homeroom.gateway.office import Office
from homeroom.gateway.shelf import Shelf, Upload

INCOMING, RECEIPTS = b"incoming", b"receipts"
FOLDERS = ((), (INCOMING,), (RECEIPTS,))

type Parts = tuple[bytes, ...]
type Opened = Upload | BinaryIO


class Home(SFTPServer):
    """Replaces every method of the base class that touches the disk. tests/test_home.py checks this."""

    def __init__(self, channel: SSHServerChannel[bytes], office: Office, sender: str) -> None:
        super().__init__(channel)
        self._office = office
        self._sender = sender
        self._shelf = Shelf(office, sender)
        self._appending: set[Upload] = set()
        self.is_lost = False  # set when the session ends, because the client did not close what is closed after that

    @override
    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> Opened:
        folder, name = _place(path)
        if folder == RECEIPTS:
            return self._receipt(name, pflags)
        if not pflags & FXF_WRITE:
            raise SFTPPermissionDenied("Files in incoming/ cannot be read back.")
        upload = await self._shelf.open(
            name,
            anew=bool(pflags & FXF_TRUNC),
            create=bool(pflags & FXF_CREAT),
            exclusive=bool(pflags & FXF_EXCL),
        )
        if pflags & FXF_APPEND:
            self._appending.add(upload)
        return upload

    def _receipt(self, name: bytes, pflags: int) -> BinaryIO:
        if pflags & (FXF_WRITE | FXF_APPEND | FXF_CREAT | FXF_TRUNC):
            raise SFTPPermissionDenied("receipts/ can only be read.")
        path = self._office.mailbox(self._sender).path_of(name.decode("ascii", "replace"))
        if path is None:
            raise SFTPNoSuchFile("There is no such receipt.")
        return path.open("rb")

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        if isinstance(file_obj, Upload):
            raise SFTPPermissionDenied("Files in incoming/ cannot be read back.")
        return os.pread(_file(file_obj).fileno(), size, offset)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        upload = _upload(file_obj)
        await self._shelf.write(upload, upload.length if upload in self._appending else offset, data)
        return len(data)

    async def close(self, file_obj: object) -> None:
        if not isinstance(file_obj, Upload):
            _file(file_obj).close()
            return
        self._appending.discard(file_obj)
        if self.is_lost:
            await self._shelf.drop(file_obj)
        else:
            await self._shelf.close(file_obj)

    async def exit(self) -> None:
        await self._shelf.leave()
        if not self.channel.is_closing():
            self.channel.exit(0)  # scp treats an end without a status as a failure

    async def fsync(self, file_obj: object) -> None:
        """Does nothing. Only close() promises that a file is stored."""

    async def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        if isinstance(file_obj, Upload) and file_obj.draft and attrs.size is not None:
            await file_obj.draft.cut(attrs.size)

    @override
    async def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Ignores the times and modes that clients set after an upload."""
        self._attributes(_parts(path))

    lsetstat = setstat

    def fstat(self, file_obj: object) -> SFTPAttrs:
        if isinstance(file_obj, Upload):
            return _file_attributes(file_obj.length, file_obj.at, 0o200)
        seen = os.fstat(_file(file_obj).fileno())
        return _file_attributes(seen.st_size, seen.st_mtime, 0o400)

    def stat(self, path: bytes) -> SFTPAttrs:
        return self._attributes(_parts(path))

    lstat = stat

    def _attributes(self, parts: Parts) -> SFTPAttrs:
        if parts in FOLDERS:
            return SFTPAttrs(permissions=stat.S_IFDIR | 0o700, uid=0, gid=0, size=0, atime=0, mtime=int(time.time()))
        folder, name = _place(b"/" + b"/".join(parts))
        found = dict(self._receipts() if folder == RECEIPTS else self._incoming())
        if folder == INCOMING and name in self._shelf.refused:
            raise Spoilt(self._shelf.refused[name])
        if name not in found:
            raise SFTPNoSuchFile("There is no such file here.")
        return found[name]

    def _incoming(self) -> list[tuple[bytes, SFTPAttrs]]:
        mine = self._shelf.names
        named = {upload.digest for upload in mine.values()}
        return [(name, _file_attributes(one.length, one.at, 0o200)) for name, one in mine.items()] + [
            (
                f"{stamp(waiting.received)}-{short(waiting.digest)}.pgp".encode(),
                _file_attributes(waiting.size, waiting.received.timestamp(), 0o200),
            )
            for waiting in self._office.spool.waiting()
            if waiting.sender == self._sender and waiting.digest not in named
        ]

    def _receipts(self) -> list[tuple[bytes, SFTPAttrs]]:
        mailbox = self._office.mailbox(self._sender)
        paths = [path for name in mailbox.names() if (path := mailbox.path_of(name))]
        seen = [(path.name.encode(), path.stat()) for path in paths]
        return [(name, _file_attributes(one.st_size, one.st_mtime, 0o400)) for name, one in seen]

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        parts = _parts(path)
        if parts not in FOLDERS:
            raise SFTPNoSuchFile("There are only incoming/ and receipts/ here.")
        for dots in (b".", b".."):
            yield SFTPName(dots, attrs=self._attributes(()))
        for name, attributes in self._inside(parts):
            yield SFTPName(name, attrs=attributes)

    def _inside(self, parts: Parts) -> list[tuple[bytes, SFTPAttrs]]:
        if parts == (INCOMING,):
            return self._incoming()
        if parts == (RECEIPTS,):
            return self._receipts()
        return [(name, self._attributes((name,))) for name in (INCOMING, RECEIPTS)]

    def realpath(self, path: bytes) -> bytes:
        return b"/" + b"/".join(_parts(path))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        (old_folder, old), (new_folder, new) = _place(oldpath), _place(newpath)
        if old_folder != INCOMING or new_folder != INCOMING:
            raise SFTPPermissionDenied("Uploads can be renamed within incoming/ only.")
        await self._shelf.rename(old, new)

    posix_rename = rename

    async def remove(self, path: bytes) -> None:
        folder, name = _place(path)
        if folder != INCOMING:
            raise SFTPPermissionDenied("receipts/ can only be read; receipts go by themselves after 60 days.")
        await self._shelf.remove(name)

    def _refuse(self, *_: Any, **__: Any) -> Never:
        raise SFTPPermissionDenied("Only plain uploads to incoming/ and reading from receipts/ are possible here.")

    mkdir = rmdir = readlink = symlink = link = statvfs = fstatvfs = lock = unlock = open56 = _refuse
    map_path = reverse_map_path = _refuse

    @override
    def format_user(self, uid: int | None) -> str:
        return self._sender

    @override
    def format_group(self, gid: int | None) -> str:
        return "homeroom"


def _parts(path: bytes) -> Parts:
    whole = posixpath.normpath(posixpath.join(b"/", path))
    return tuple(part for part in whole.split(b"/") if part)


def _place(path: bytes) -> tuple[bytes, bytes]:
    """Returns the folder and the name. A name without a folder is for incoming/, since some scripts never change folders."""
    parts = _parts(path)
    if len(parts) == 1 and parts not in FOLDERS:
        return INCOMING, parts[0]
    if len(parts) != 2 or parts[:1] not in FOLDERS:
        raise SFTPPermissionDenied("Files go into incoming/, one by one; folders cannot be made or sent.")
    return parts[0], parts[1]


def _file_attributes(size: int, at: float, mode: int) -> SFTPAttrs:
    return SFTPAttrs(permissions=stat.S_IFREG | mode, uid=0, gid=0, size=size, atime=int(at), mtime=int(at))


def _upload(file_obj: object) -> Upload:
    if not isinstance(file_obj, Upload):
        raise SFTPPermissionDenied("receipts/ can only be read.")
    return file_obj


def _file(file_obj: object) -> BinaryIO:
    return cast(BinaryIO, file_obj)  # open() returned this for a receipt
