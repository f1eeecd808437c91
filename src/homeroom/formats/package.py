"""Reads the export's ZIP in place. Nothing is unpacked to a disk, and no member may grow beyond its announced size.

zipfile reads the directory, and igzip reads the members, several times as fast. Every limit is checked on the announced sizes first and again on each
inflated block, because a hostile ZIP can announce anything.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from isal import igzip_lib, isal_zlib

from homeroom.formats.member_names import check_names, is_archive, is_junk, top_folder
from homeroom.formats.oneroster import TABLES
from homeroom.formats.reasons import Note, PackageRefused, Reason

LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, …, length of the name, length of the extra field
ENCRYPTED = 0x1 | 0x40 | 0x2000  # password, strong encryption, masked headers
READ_SIZE = 1 << 18
BLOCK_SIZE = 1 << 20
OURS = {"manifest.csv", *(table.file.lower() for table in TABLES.values())}
ARCHIVE_STARTS = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zX", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and counts. Deflate can reach 1,032:1, and an export reaches 10:1. Small members may repeat themselves, so there is a floor."""

    total: int = 20 << 30
    ratio: int = 200
    ratio_floor: int = 1 << 20
    members: int = 1000
    directory: int = 4 << 20

    def allows(self, size: int, packed: int) -> bool:
        return size <= self.total and size <= max(self.ratio_floor, packed * self.ratio)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the package. `name` is without the folder that may contain all files."""

    name: str
    size: int
    packed: int
    _crc: int
    _is_packed: bool
    _offset: int
    _file: BinaryIO = field(repr=False)
    _limits: Limits = field(repr=False)

    def blocks(self, size: int = BLOCK_SIZE) -> Iterator[bytes]:
        """Yields the content in blocks of at most `size` bytes, from the start at each call.

        Raises PackageRefused if it grows beyond the announced size or its checksum fails. Discard what was read until then.
        """
        grown, crc = 0, 0
        inflated = self._inflated(size) if self._is_packed else self._stored(size)
        for block in inflated:
            grown += len(block)
            if grown > self.size:
                raise PackageRefused(self._overgrown(inflated, grown), self.name)
            crc = isal_zlib.crc32(block, crc)
            yield block
        if grown != self.size or crc != self._crc:
            raise PackageRefused(Reason.DAMAGED, self.name)

    def _overgrown(self, rest: Iterator[bytes], grown: int) -> Reason:
        """Returns whether it is a ZIP bomb or only damaged. It counts up to a bomb's limit and keeps nothing."""
        while self._limits.allows(grown, self.packed):
            block = next(rest, None)
            if block is None:
                return Reason.DAMAGED
            grown += len(block)
        return Reason.EXPLODES

    def _stored(self, size: int) -> Iterator[bytes]:
        for at in range(0, self.packed, size):
            yield self._read(at, min(size, self.packed - at))

    def _inflated(self, size: int) -> Iterator[bytes]:
        inflater = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
        at, piece = 0, b""
        while not inflater.eof:
            if inflater.needs_input:
                piece = self._read(at, min(READ_SIZE, self.packed - at))
                at += len(piece)
            try:
                block = inflater.decompress(piece, size)
            except igzip_lib.IsalError:  # type: ignore[misc]  # the stub calls this class an instance
                raise PackageRefused(Reason.DAMAGED, self.name) from None
            piece = b""
            if block:
                yield block
        if at < self.packed or inflater.unused_data:
            raise PackageRefused(Reason.DAMAGED, self.name)

    def _read(self, at: int, size: int) -> bytes:
        """Seeks before each read, because two members may be read in turns."""
        self._file.seek(self._offset + at)
        piece = self._file.read(size)
        if not piece:
            raise PackageRefused(Reason.DAMAGED, self.name)
        return piece


@dataclass(frozen=True, slots=True)
class Package:
    """The members by lower-case name, and notes about what was accepted."""

    members: dict[str, Member]
    notes: tuple[Note, ...]

    def member(self, name: str) -> Member | None:
        return self.members.get(name.lower())


def open_package(file: BinaryIO, limits: Limits = Limits()) -> Package:
    """Opens the ZIP. `file` is anything that seeks and reads, and must stay open while members are read. Raises PackageRefused."""
    entries = _directory(file, limits)
    if len(entries) > limits.members:
        raise PackageRefused(Reason.MEMBERS_MANY)
    check_names([entry.orig_filename for entry in entries])
    entries = [entry for entry in entries if not entry.is_dir() and not is_junk(entry.filename)]
    _check_entries(entries, limits)
    folder = top_folder([entry.filename for entry in entries])
    members = _members(file, entries, folder, limits)
    _check_nesting(members.values())
    return Package(members, (Note(Reason.TOP_FOLDER),) if folder else ())


class _Bounded:
    """Stops zipfile from reading a gigabyte as if it were the directory."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._file, self._most = file, most

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise PackageRefused(Reason.MEMBERS_MANY)
        return self._file.read(size)


def _directory(file: BinaryIO, limits: Limits) -> list[ZipInfo]:
    file.seek(0)
    start = file.read(4)
    if not start:
        raise PackageRefused(Reason.EMPTY)
    if start not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise PackageRefused(Reason.NOT_A_ZIP)
    try:
        return ZipFile(_Bounded(file, limits.directory)).infolist()
    except (BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, OverflowError, EOFError, struct.error):
        raise PackageRefused(Reason.DAMAGED) from None


def _check_entries(entries: list[ZipInfo], limits: Limits) -> None:
    for entry in entries:
        if entry.flag_bits & ENCRYPTED:
            raise PackageRefused(Reason.ZIP_ENCRYPTED)
        if is_archive(entry.filename):
            raise PackageRefused(Reason.NESTED)
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise PackageRefused(Reason.COMPRESSION_UNKNOWN)
        if not limits.allows(entry.file_size, entry.compress_size):
            raise PackageRefused(Reason.EXPLODES)
    if not limits.allows(sum(e.file_size for e in entries), sum(e.compress_size for e in entries)):
        raise PackageRefused(Reason.EXPLODES)


def _members(file: BinaryIO, entries: list[ZipInfo], folder: str, limits: Limits) -> dict[str, Member]:
    members: dict[str, Member] = {}
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        offset = _content_offset(file, entry)
        if entry.header_offset < end:  # members share bytes, so one piece of data would be inflated many times
            raise PackageRefused(Reason.EXPLODES)
        end = offset + entry.compress_size
        name = entry.filename.removeprefix(folder)
        if name.lower() in members:
            raise PackageRefused(Reason.MEMBER_DOUBLED)
        is_packed = entry.compress_type == ZIP_DEFLATED
        members[name.lower()] = Member(
            name, entry.file_size, entry.compress_size, entry.CRC, is_packed, offset, file, limits
        )
    return members


def _content_offset(file: BinaryIO, entry: ZipInfo) -> int:
    if entry.header_offset < 0:  # the directory claims to start further on than it does
        raise PackageRefused(Reason.DAMAGED)
    file.seek(entry.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise PackageRefused(Reason.DAMAGED)
    _, name_size, extra_size = LOCAL_HEADER.unpack(header)
    return int(entry.header_offset + LOCAL_HEADER.size + name_size + extra_size)


def _check_nesting(members: Iterable[Member]) -> None:
    for member in members:
        try:
            start = next(member.blocks(8)) if member.size else b""
        except PackageRefused as odd:
            known = odd.file is not None and odd.file.lower() in OURS  # a stray file may have a child's name
            raise PackageRefused(odd.reason, odd.file if known else None) from None
        if start.startswith(ARCHIVE_STARTS):
            raise PackageRefused(Reason.NESTED)
