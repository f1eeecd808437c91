"""The box of receipts. Numbers have no gaps or duplicates, whichever process is killed while it writes."""

import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.portal.intake.inbox import receipt_box


def put(portal: Path, number: int) -> int:
    return receipt_box.put(portal, f"{number:064x}", "lincoln-office", f"text {number}")


def test_numbers_grow_one_by_one(tmp_path: Path) -> None:
    assert [put(tmp_path, number) for number in range(3)] == [1, 2, 3]
    assert [entry["receipt"] for entry in receipt_box.after(tmp_path, 0)] == ["text 0", "text 1", "text 2"]
    assert [entry["number"] for entry in receipt_box.after(tmp_path, 1)] == [2, 3]


def test_answer_holds_a_hundred_at_most_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for number in range(120):
        put(tmp_path, number)
    first = receipt_box.after(tmp_path, 0)
    rest = receipt_box.after(tmp_path, first[-1]["number"])
    assert [entry["number"] for entry in first + rest] == list(range(1, 121))
    assert len(first) == 100


def test_large_receipts_come_in_several_answers(tmp_path: Path) -> None:
    for _ in range(3):
        receipt_box.put(tmp_path, "0" * 64, "lincoln-office", "x" * (5 << 20))
    seen: list[int] = []
    while found := receipt_box.after(tmp_path, seen[-1] if seen else 0):
        assert len(found) == 1
        seen += [entry["number"] for entry in found]
    assert seen == [1, 2, 3]


def _put_many(portal: Path) -> None:
    for number in range(40):
        put(portal, number)


def test_two_imports_at_the_same_time_never_share_a_number(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    writers = [context.Process(target=_put_many, args=(tmp_path,)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    names = sorted(int(path.stem) for path in (tmp_path / "outbox").glob("*.json"))
    assert names == list(range(1, 81))


def _die_at(portal: Path, call: str, nth: int) -> None:
    honest, count = getattr(os, call), 0

    def dying(*args: object, **words: object) -> object:
        nonlocal count
        count += 1
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(*args, **words)

    setattr(os, call, dying)
    put(portal, 7)


@pytest.mark.parametrize(("call", "nth"), [("fsync", 1), ("link", 1), ("unlink", 1), ("fsync", 2)])
def test_killed_while_writing_a_receipt_is_there_whole_or_not_at_all(tmp_path: Path, call: str, nth: int) -> None:
    put(tmp_path, 1)
    writer = multiprocessing.get_context("forkserver").Process(target=_die_at, args=(tmp_path, call, nth))
    writer.start()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    found = [entry["receipt"] for entry in receipt_box.after(tmp_path, 0)]
    assert found in (["text 1"], ["text 1", "text 7"])
    assert put(tmp_path, 2) == len(found) + 1


def test_receipts_are_readable_for_the_group_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        put(tmp_path, 1)
    finally:
        os.umask(before)
    assert (tmp_path / "outbox" / "1.json").stat().st_mode & 0o777 == 0o640


def test_old_receipts_go_and_no_number_is_given_twice(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path, number)
    assert receipt_box.forget(tmp_path, datetime.now(UTC) - timedelta(days=60)) == 0
    assert receipt_box.forget(tmp_path, datetime.now(UTC) + timedelta(days=1)) == 2
    assert [entry["number"] for entry in receipt_box.after(tmp_path, 0)] == [3]
    assert put(tmp_path, 4) == 4


def test_after_a_restore_the_next_receipt_has_a_higher_number_than_any_that_the_gateway_can_know(tmp_path: Path) -> None:
    put(tmp_path, 1)
    receipt_box.go_on_higher(tmp_path)
    number = put(tmp_path, 2)
    assert number > 1_000_000_000
    assert [(entry["number"], entry["receipt"]) for entry in receipt_box.after(tmp_path, 0)] == [(1, "text 1"), (number, "text 2")]
    receipt_box.forget(tmp_path, datetime.now(UTC) + timedelta(days=1))
    assert put(tmp_path, 3) == number + 1
