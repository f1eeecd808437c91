"""Trouble that isn't the file's fault. The file waits and is imported when the trouble is over, or its receipt says so in the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.portal.intake.delivery import MOST_ATTEMPTS
from homeroom.portal.intake.importer import AWAY, DONE, FAILED
from homeroom.portal.intake.opening import store
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from tests.disk import disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path, "4k") as folder:
        yield folder


def test_a_full_disk_keeps_the_file_waiting(
    settled: Lincoln, export: Export, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = store.FOLDER
    digest = settled.deliver(settled.seal(export.zip()))
    monkeypatch.setattr(store, "FOLDER", str(small_disk))
    for _ in range(MOST_ATTEMPTS + 2):
        assert settled.work(digest) == AWAY
    assert settled.ask("SELECT state FROM delivery WHERE digest = %s", digest) == "arrived"
    monkeypatch.setattr(store, "FOLDER", usual)
    assert settled.work(digest) == DONE
    assert settled.receipt(digest)["state"] == "imported"


def test_pages_that_hold_a_table_keep_it_waiting(settled: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["score"] = "10"
    digest = settled.deliver(settled.seal(export.zip()))
    with settled.connect("postgres", autocommit=True) as admin:
        admin.execute("ALTER ROLE intake SET lock_timeout = '100ms'")
    with settled.connect() as owner:
        owner.execute("LOCK TABLE result IN ACCESS EXCLUSIVE MODE")
        assert settled.work(digest) == AWAY
    with settled.connect("postgres", autocommit=True) as admin:
        admin.execute("ALTER ROLE intake SET lock_timeout = '30s'")
    assert settled.work(digest) == DONE
    assert settled.ask("SELECT attempts FROM delivery WHERE digest = %s", digest) == 1


def test_a_file_that_keeps_failing_is_finally_refused_and_the_receipt_says_whose_fault_it_is(settled: Lincoln, export: Export) -> None:
    with settled.connect() as owner:
        owner.execute("ALTER TABLE person ADD CONSTRAINT odd CHECK (given_name <> 'Antonina')")
    export.row("users", "nina")["givenName"] = "Antonina"
    digest = settled.deliver(settled.seal(export.zip()))
    assert [settled.work(digest) for _ in range(MOST_ATTEMPTS)] == [FAILED] * MOST_ATTEMPTS
    assert settled.work(digest) == DONE
    receipt = settled.receipt(digest)
    assert (receipt["state"], receipt["reason"]) == ("refused", "import-failed")
    assert "fault in Homeroom" in receipt["sentence"]


def test_the_log_says_where_it_failed_and_never_with_what(
    settled: Lincoln, export: Export, caplog: pytest.LogCaptureFixture
) -> None:
    with settled.connect() as owner:
        owner.execute("ALTER TABLE person ADD CONSTRAINT odd CHECK (given_name <> 'Canary')")
    export.row("users", "nina")["givenName"] = "Canary"
    assert settled.work(settled.deliver(settled.seal(export.zip()))) == FAILED
    assert "CheckViolation 23514" in caplog.text
    assert "Canary" not in caplog.text
