"""A store that is full, unreachable or slow gives one sentence, no half backup and nothing left running. The next run succeeds."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from homeroom.vault import store as stores
from homeroom.vault.keeping import copied
from homeroom.vault.store import NotThere, Store, StoreFailed, Written
from homeroom.vault.tests.s3 import S3, s3
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_snapshot import sums
from homeroom.vault.tests.test_thieves import names_in, words_of
from tests.disk import disk, grow, needs_mount
from tests.ports import free_port


def readers() -> set[str]:
    found = set()
    for each in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            found.add(each.name())
    return found & {"psql", "pg_dump"}


def sessions_of_dump(safe: Safe) -> int:
    with safe.school.server.connect("postgres", "postgres") as admin:
        row = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'dump' AND datname = %s", [safe.school.database]).fetchone()
    return int(row[0]) if row else 0


def assert_nothing_stays(safe: Safe, store: Store) -> None:
    """The caller still holds the error, and with it everything that was in progress."""
    assert readers() == set()
    until = time.monotonic() + 10
    while sessions_of_dump(safe):
        assert time.monotonic() < until, "a connection of dump stays"
        time.sleep(0.1)
    assert [name for name in (each.name for each in store.names("")) if name.endswith("/manifest")] == []


def with_a_large_table(safe: Safe) -> None:
    """Adds a table so large and so hard to pack that a separate process reads it and waits for the store."""
    safe.school.change("CREATE TABLE large (n integer, word text)")
    safe.school.change("INSERT INTO large SELECT n, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, 600_000) n")


@needs_mount
def test_a_store_that_is_full_is_one_sentence_and_no_backup(own_safe: Safe) -> None:
    with_a_large_table(own_safe)
    with disk(own_safe.folder / "disk", "1m") as folder:
        own_safe.store = store = Store(str(folder))
        with pytest.raises(StoreFailed, match=r"it is full\. Look after the store, then run this again\.$") as told:
            own_safe.take()
        assert_nothing_stays(own_safe, store)
        assert told.value.__cause__ is not None
        assert names_in(folder, words_of(own_safe)) == set()
        grow(folder, "64m")
        taken = own_safe.take()
        assert own_safe.chain().troubles == []
        with own_safe.restored(taken) as again:
            assert sums(again) == sums(own_safe.school)


@needs_mount
def test_an_archive_that_is_full_has_no_backup_and_gets_it_once_there_is_room(safe: Safe) -> None:
    taken = safe.take()
    with disk(safe.folder / "disk", "100k") as folder:
        archive = Store(str(folder))
        with pytest.raises(StoreFailed, match="it is full"):
            copied(safe.store, archive, "lincoln", safe.signers)
        assert safe.chain(archive).links == []
        grow(folder, "64m")
        assert copied(safe.store, archive, "lincoln", safe.signers).backups == [1]
        with safe.restored(taken, archive):
            pass


class Breaking(Store):
    """Takes a number of parts, and then fails."""

    left = 0

    def add(self, name: str, pieces: object) -> Written:  # type: ignore[override]
        if type(self).left == 0:
            raise StoreFailed("It broke.")
        type(self).left -= 1
        return super().add(name, pieces)  # type: ignore[arg-type]


@pytest.mark.parametrize("parts", [0, 1, 2, 40, -2, -1])
def test_wherever_the_store_fails_there_is_no_backup_and_the_next_run_makes_one(safe: Safe, tmp_path: Path, parts: int) -> None:
    whole = safe.take()
    safe.last, safe.store = None, Breaking(str(tmp_path / "breaking"))
    Breaking.left = parts % len(whole.manifest.segments)
    with pytest.raises(StoreFailed, match="It broke"):
        safe.take()
    assert_nothing_stays(safe, safe.store)
    Breaking.left = 1000
    taken = safe.take()
    assert safe.chain().troubles == [] and safe.chain().newest == taken.manifest


def test_a_store_that_fails_while_a_process_reads_ends_that_process(own_safe: Safe) -> None:
    with_a_large_table(own_safe)

    class Choking(Store):
        def add(self, name: str, pieces: Iterator[bytes]) -> Written:  # type: ignore[override]
            if name.endswith("table-public-large"):
                next(pieces)
                assert readers() == {"psql"}
                raise StoreFailed("It broke.")
            return super().add(name, pieces)

    choking = Choking(str(own_safe.folder / "choking"))
    with pytest.raises(StoreFailed, match="It broke") as told:
        own_safe.take(choking)
    assert_nothing_stays(own_safe, choking)
    assert told.traceback


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens the waits. Production waits for minutes."""
    monkeypatch.setattr(stores, "CLIENT", {"connect_timeout": timedelta(seconds=1), "timeout": timedelta(seconds=2)})
    monkeypatch.setattr(stores, "RETRIES", 1)


def test_a_store_that_is_away_twice_and_then_back_has_a_whole_chain(safe: Safe, hasty: None) -> None:
    port = free_port()
    words = {"access_key_id": "nobody", "secret_access_key": "nobody", "endpoint": f"http://127.0.0.1:{port}"}
    for _ in range(2):
        away = Store("s3://store/district", words)
        for tried in (lambda store=away: safe.take(store), lambda store=away: copied(store, safe.store, "lincoln", safe.signers)):
            with pytest.raises(StoreFailed, match=r"^The store s3://store/district did not .*: it is away or too slow\. Look after the store, then run"):
                tried()
        assert readers() == set() and sessions_of_dump(safe) == 0
    with s3(port) as server:
        bucket = server.bucket("store", days=0)
        safe.store = Store(f"s3://{bucket}/district", server.words("keeps"))
        taken = safe.take()
        assert safe.chain().troubles == [] and safe.chain().newest == taken.manifest


def test_a_store_that_goes_away_between_two_parts_is_one_sentence_too(safe: Safe, hasty: None) -> None:
    running: list[S3] = []

    def leave(told: str, done: int, steps: int) -> None:
        if done == 5:
            server.__exit__(None, None, None)

    server = s3()
    running.append(server.__enter__())
    store = Store(f"s3://{running[0].bucket('store', days=0)}/district", running[0].words("keeps"))
    with pytest.raises(StoreFailed, match="it is away or too slow"):
        safe.take(store, tell=leave)
    assert readers() == set() and sessions_of_dump(safe) == 0


LARGE = 1_000_000  # bytes that are announced and never sent in full
HEAD = "HTTP/1.1 {}\r\nContent-Length: {}\r\nETag: \"1\"\r\nLast-Modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n{}\r\n"


@contextmanager
def server_that(answers: Callable[[socket.socket], None]) -> Iterator[str]:
    """Yields the server's endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                answers(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def dribble(connection: socket.socket) -> None:
    asked = re.search(rb"range: bytes=([0-9]+)-", connection.recv(65536), re.IGNORECASE)
    at = int(asked[1]) if asked else 0  # the client asked to continue where it stopped
    ranged = f"Content-Range: bytes {at}-{LARGE - 1}/{LARGE}\r\n" if asked else ""
    connection.sendall(HEAD.format("206 Partial Content" if asked else "200 OK", LARGE - at, ranged).encode())
    for _ in range(60):
        time.sleep(0.2)
        connection.sendall(b"x")


def say_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.parametrize("answers", [dribble, say_nothing])
def test_a_server_that_dribbles_or_says_nothing_ends_with_one_sentence(hasty: None, answers: Callable[[socket.socket], None]) -> None:
    with server_that(answers) as endpoint:
        store = Store("s3://store/district", {"access_key_id": "nobody", "secret_access_key": "nobody", "endpoint": endpoint})
        tries: list[Callable[[], object]] = [lambda: store.read("lincoln/x"), lambda: store.names("lincoln/")]
        if answers is say_nothing:
            tries.append(lambda: store.add("lincoln/x", [bytes(1 << 20)]))
        for tried in tries:
            began = time.monotonic()
            with pytest.raises(StoreFailed, match="it is away or too slow") as told:
                tried()
            assert time.monotonic() - began < 30 and endpoint not in str(told.value)


@pytest.mark.parametrize("url", ["/proc/1/nothing", "s3:///x", "https://x", "relative/folder", ""])
def test_an_invalid_store_gets_a_one_sentence_message(url: str) -> None:
    with pytest.raises(StoreFailed, match=r"is no store\. Write a folder|cannot be made"):
        Store(url)


def test_a_folder_that_cannot_be_written_to_is_reported_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFailed, match="cannot be made"):
        Store(str(tmp_path / "file" / "store"))


def test_a_folder_store_also_reports_a_missing_name_as_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        Store(str(tmp_path)).read("lincoln/x")
