"""Tests what a person can do who has the stores, or everything on the portal's host."""

import base64
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from homeroom.seal.opening.wrapped import WrapBroken, open_with, opened
from homeroom.seal.wrapping import Pair, make_pair
from homeroom.vault import restore
from homeroom.vault.manifest import context_of
from homeroom.vault.restore import RestoreFailed
from homeroom.vault.tests.safe import MONTH, Safe

TEXTS = """SELECT n.nspname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = 'public' AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('text'::regtype, 'varchar'::regtype,
        'uuid'::regtype, 'date'::regtype)"""
WORD = re.compile(r"[a-z _-]+")  # one of Homeroom's own codes, such as `student`, which table names contain, too
SHORTEST = 5  # characters. Shorter words occur in any bytes by chance


def words_of(safe: Safe) -> set[bytes]:
    """Returns every name, id, address and date of people in the database, as UTF-8."""
    people = ("person", "tie", "account", "restriction", "demographic", "contact", "registration", "mail_address", "challenge", "alias", "session")
    with safe.connect() as owner:
        columns = [(table, column) for _, table, column in owner.execute(TEXTS) if table in people]
        found = {str(value) for table, column in columns for (value,) in owner.execute(f'SELECT DISTINCT "{column}" FROM "{table}"') if value is not None}
    return {word.encode() for word in found if len(word) >= SHORTEST and not WORD.fullmatch(word)}


def spelled(word: bytes) -> Iterator[bytes]:
    """Yields the word as it is, and its base64 forms for the three possible offsets."""
    yield word
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + word).rstrip(b"=")
        yield coded[(0, 2, 3)[before] : -1]


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yields everything that zlib can unpack, from any position."""
    at = content.find(b"\x78")
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[at : at + 65536])
        at = content.find(b"\x78", at + 1)


def lying_in(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes()
            yield str(path).encode()


def names_in(folder: Path, words: set[bytes]) -> set[bytes]:
    return {word for content in lying_in(folder) for each in (content, *unpacked(content)) for word in words if any(w in each for w in spelled(word))}


def test_someone_with_the_whole_store_can_read_no_name(safe: Safe) -> None:
    safe.take()
    words = words_of(safe)
    assert {b"Castillo", b"Larsen", b"Okafor"} <= words and len(words) > 80
    assert names_in(safe.store.folder or Path(), words) == set()


def test_the_search_would_find_a_name_in_each_spelling(tmp_path: Path) -> None:
    for place, content in enumerate((b"..Castillo..", base64.b64encode(b"a Castillo b"), b"##" + zlib.compress(b"Jo Castillo " * 3))):
        folder = tmp_path / str(place)
        folder.mkdir()
        (folder / "f").write_bytes(content)
        assert names_in(folder, {b"Castillo"}) == {b"Castillo"}


def test_the_restore_key_alone_opens_nothing(safe: Safe) -> None:
    manifest = safe.take().manifest
    with pytest.raises(RestoreFailed, match=rf"erasure key of {MONTH}"):
        restore.data_key(manifest, safe.restore, make_pair())
    with pytest.raises(WrapBroken):
        open_with(safe.restore, manifest.wrapped, context_of("lincoln", 1, "restore"))


def test_the_erasure_key_alone_opens_nothing(safe: Safe) -> None:
    manifest = safe.take().manifest
    with pytest.raises(RestoreFailed, match="these shares are of another key"):
        restore.data_key(manifest, make_pair(), safe.erasure)


def test_all_that_the_portals_host_holds_opens_no_backup(safe: Safe) -> None:
    """Public halves, the signing key and the manifest's content do not open the data key or a segment."""
    taken = safe.take()
    held = [safe.restore.public, safe.erasure.public, safe.drill.public, safe.signing.private_bytes_raw(), taken.manifest.wrapped, taken.drill]
    for secret in (each[:32] for each in held):
        with pytest.raises(RestoreFailed):
            restore.data_key(taken.manifest, Pair(secret, safe.restore.public), Pair(secret, safe.erasure.public))
    with pytest.raises(RestoreFailed):
        restore.drill_key(taken.drill, Pair(safe.signing.private_bytes_raw(), safe.drill.public), taken.manifest)


def test_the_drills_key_opens_that_nights_backup_and_no_other(safe: Safe) -> None:
    first, second = safe.take(), safe.take()
    assert restore.drill_key(first.drill, safe.drill, first.manifest) == safe.key(first)
    with pytest.raises(RestoreFailed):
        restore.drill_key(first.drill, safe.drill, second.manifest)


def test_a_segment_opens_in_its_own_place_alone(safe: Safe) -> None:
    taken = safe.take()
    person = next(each for each in taken.manifest.tables if each.table == "public.person")
    content = safe.store.read(taken.manifest.path(person))
    assert b"".join(opened(safe.key(taken), [content], context_of("lincoln", 1, person.name)))
    for portal, number, name in (("harbor", 1, person.name), ("lincoln", 2, person.name), ("lincoln", 1, "table-public-tie")):
        with pytest.raises(WrapBroken):
            b"".join(opened(safe.key(taken), [content], context_of(portal, number, name)))
