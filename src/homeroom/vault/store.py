"""One store of sealed bytes: a folder or an S3-compatible bucket, by its URL. Everything was sealed before it came here.

A name is written once and whole. If a store lacks something or can't be reached, the caller gets one sentence.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

PART = 8 << 20  # bytes in one request: S3 takes 10,000 parts, so 80 GB a segment
AT_ONCE = 2
CLIENT = {"connect_timeout": timedelta(seconds=10), "timeout": timedelta(minutes=5)}  # enough for 8 MiB at 30 KB/s
RETRIES = 6
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CODE = re.compile(r"<Code>(\w{1,60})</Code>")  # S3's name for the error
HALF_WRITTEN = re.compile(r"#\d+$")  # a file that a killed process leaves in a folder


class StoreFailed(Exception):
    """The store is unreachable or full, or refuses. The message says which store and what to do."""


class NotThere(Exception):
    """The store has nothing with that name."""


class AlreadyThere(Exception):
    """The name is taken. The content that was there stays."""


@dataclass(frozen=True, slots=True)
class Written:
    """The content that a store received: the number of bytes, and their SHA-256 in hex."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    size: int
    at: datetime


class Store:
    def __init__(self, url: str, words: Mapping[str, str] | None = None) -> None:
        """`url` is /a/folder, file:///a/folder or s3://bucket/prefix. Raises StoreFailed."""
        self.url = url
        self.folder = folder_of(url)
        self._store: ObjectStore = _local(self.folder) if self.folder else _s3(url, words or {})

    def add(self, name: str, pieces: Iterable[bytes]) -> Written:
        """Streams the pieces. A failure leaves nothing under the name. Raises StoreFailed, and anything that the pieces raise."""
        size, digest, what = 0, hashlib.sha256(), f"take {name}"
        with self._told(what):
            writer = obstore.open_writer(self._store, name, buffer_size=PART, max_concurrency=AT_ONCE)
        for piece in pieces:  # if they raise, the writer is dropped, and the store forgets what it had
            size += len(piece)
            digest.update(piece)
            with self._told(what):
                writer.write(piece)
        with self._told(what):
            writer.close()
        self._settle(name)
        return Written(size, digest.hexdigest())

    def add_once(self, name: str, content: bytes) -> None:
        """Raises AlreadyThere, StoreFailed."""
        with self._told(f"take {name}"):
            try:
                obstore.put(self._store, name, content, mode="create")
            except AlreadyExistsError as taken:
                raise AlreadyThere(f"{self.url} has {name} already.") from taken
        self._settle(name)

    def read(self, name: str) -> bytes:
        """Returns the whole content, which should be small. Raises NotThere, StoreFailed."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Raises NotThere, StoreFailed."""
        with self._told(f"give {name}"):
            for piece in obstore.get(self._store, name).stream(min_chunk_size=1 << 20):
                yield bytes(piece)

    def names(self, prefix: str) -> list[StoredFile]:
        """Returns everything below the prefix, sorted by name. Raises StoreFailed."""
        with self._told(f"list {prefix}"):
            found = [each for batch in obstore.list(self._store, prefix) for each in batch]
        return sorted((StoredFile(each["path"], each["size"], each["last_modified"]) for each in found), key=lambda each: each.name)

    def folders(self, prefix: str) -> set[str]:
        """Returns the folders one level below the prefix. It is one listing, however much they contain. Raises StoreFailed."""
        with self._told(f"list {prefix}"):
            return {str(each) for each in obstore.list_with_delimiter(self._store, prefix)["common_prefixes"]}

    def remove(self, names: Iterable[str]) -> None:
        """Removes the names. A name that is already gone is fine. Raises StoreFailed."""
        for name in names:
            with self._told(f"remove {name}"):
                try:
                    obstore.delete(self._store, name)
                except (NotFoundError, FileNotFoundError):
                    continue
            if self.folder:
                with suppress(OSError):  # the last file of a folder takes the folder along
                    (self.folder / name).parent.rmdir()

    def half_written(self, before: datetime) -> list[Path]:
        """Returns files that a process was writing when it was killed. Only a folder has them."""
        found = [path for path in self.folder.rglob("*#*") if HALF_WRITTEN.search(path.name)] if self.folder else []
        return [path for path in found if path.stat().st_mtime < before.timestamp()]

    def _settle(self, name: str) -> None:
        """Writes a folder's file from the host's memory to the disk before anyone relies on it."""
        if self.folder:
            for path in (self.folder / name, (self.folder / name).parent):
                descriptor = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, NotFoundError) as missing:
            if "NoSuchBucket" in str(missing):
                raise self._failed(what, missing) from missing
            raise NotThere(f"The store {self.url} does not have what it was asked for ({what}).") from missing
        except (BaseError, OSError) as no:
            raise self._failed(what, no) from no

    def _failed(self, what: str, no: Exception) -> StoreFailed:
        return StoreFailed(f"The store {self.url} did not {what}: {_why(no)} Look after the store, then run this again.")


def folder_of(url: str) -> Path | None:
    """Returns the folder that a URL names, or None for a store of another kind. Raises StoreFailed."""
    parts = urlsplit(url)
    if parts.scheme in ("", "file") and parts.path.startswith("/"):
        return Path(unquote(parts.path))
    if parts.scheme == "s3" and parts.netloc:
        return None
    raise StoreFailed(f"{url!r} is no store. Write a folder with its whole path, or s3://bucket/prefix.")


def _local(folder: Path) -> LocalStore:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as no:
        raise StoreFailed(f"The folder {folder} cannot be made: {no.strerror}. Make it for the vault's user.") from no
    return LocalStore(prefix=folder)


def _s3(url: str, words: Mapping[str, str]) -> S3Store:
    parts = urlsplit(url)
    client: dict[str, Any] = {**CLIENT, "allow_http": _may_be_plain(words.get("endpoint", ""))}
    if "root_certificate" in words:
        client["root_certificate"] = words["root_certificate"]
    config: Any = {key: words[key] for key in ("access_key_id", "secret_access_key", "session_token", "endpoint") if words.get(key)}
    # A bucket that locks objects accepts none without a checksum.
    config |= {"region": words.get("region", "us-east-1"), "client_options": client, "checksum_algorithm": "SHA256"}
    retries: Any = {"max_retries": RETRIES, "retry_timeout": timedelta(minutes=2)}
    return S3Store(parts.netloc, prefix=parts.path.strip("/") or None, retry_config=retries, **config)


def _may_be_plain(endpoint: str) -> bool:
    """Allows plain HTTP only on this host. Anyone who reads a signed request could send it again. Raises StoreFailed."""
    if not endpoint or endpoint.startswith("https://"):
        return False
    if urlsplit(endpoint).scheme != "http" or urlsplit(endpoint).hostname not in LOOPBACK:
        raise StoreFailed(f"The endpoint {endpoint!r} must begin with https://, since credentials are used there.")
    return True


def _why(no: Exception) -> str:
    """Returns words of our own. The library's messages contain addresses and answers of servers."""
    said = str(no)
    if "No space left" in said or "QuotaExceeded" in said or "InsufficientStorage" in said:
        return "it is full."
    if "NoSuchBucket" in said:
        return "there is no such bucket."
    if isinstance(no, PermissionError) or "Permission denied" in said or "AccessDenied" in said or "403 Forbidden" in said:
        return "it does not allow that to these credentials."
    if "timed out" in said or "onnect" in said or "error sending request" in said or "response body" in said:
        return "it is away or too slow."
    found = CODE.search(said)
    return f"{found[1] if found else type(no).__name__}."
