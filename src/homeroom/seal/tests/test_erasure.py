"""Erasure keys. A month gets one once, a destroyed one stays destroyed, and the card shows no secret."""

import errno
import json
import multiprocessing
import os
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.seal import erasure
from homeroom.seal.erasure import (
    add_months,
    destroy,
    months_from,
    pair_for,
    public_for,
    read_card,
    read_keys,
    write_card,
)
from homeroom.seal.opening.wrapped import open_with
from homeroom.seal.wrapping import KeyOdd, seal_for

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
TWO = ["2026-11", "2026-12"]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    add_months(tmp_path / "lincoln.json", TWO)
    return tmp_path / "lincoln.json"


def refused(call: object, *words: object) -> str:
    with pytest.raises(KeyOdd) as told:
        call(*words)  # type: ignore[operator]
    return str(told.value)


def test_data_sealed_for_a_month_of_the_card_opens_only_with_that_months_key(keys: Path) -> None:
    write_card(keys, keys.with_name("card.json"))
    card = read_card(keys.with_name("card.json"))
    sealed = seal_for(public_for(card, "2026-11"), b"a data key", b"here")
    assert open_with(pair_for(keys, "2026-11"), sealed, b"here") == b"a data key"
    with pytest.raises(Exception, match="does not open it"):
        open_with(pair_for(keys, "2026-12"), sealed, b"here")


def test_months_go_over_the_years_end() -> None:
    assert months_from("2026-11", 4) == ["2026-11", "2026-12", "2027-01", "2027-02"]


def test_a_month_that_is_there_is_never_made_anew(keys: Path) -> None:
    before = read_keys(keys)
    assert add_months(keys, months_from("2026-11", 3)) == ["2027-01"]
    assert {month: read_keys(keys)[month] for month in TWO} == before


def test_a_destroyed_month_is_never_made_anew(keys: Path) -> None:
    destroy(keys, ["2026-11"], NOW)
    assert add_months(keys, TWO) == []
    told = refused(pair_for, keys, "2026-11")
    assert "of 2026-11 was destroyed" in told and "2026-12-01 09:30 UTC" in told


def test_a_destroyed_months_secret_is_in_neither_the_file_nor_its_old_blocks(keys: Path) -> None:
    pair = read_keys(keys)["2026-11"]
    before = keys.with_name("hard link")
    os.link(keys, before)  # keeps the old file's blocks in reach
    assert destroy(keys, ["2026-11"], NOW) == ["2026-11"]
    for path in (keys, before):
        assert b64encode(pair.secret) not in path.read_bytes()
    entry = json.loads(keys.read_text())["2026-11"]
    assert b64decode(entry["public"]) == pair.public and entry["destroyed"] == "2026-12-01 09:30 UTC"
    assert list(read_keys(keys)) == ["2026-12"]


def test_a_destruction_that_was_killed_finishes_when_run_again(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = read_keys(keys)["2026-11"]
    with monkeypatch.context() as killed:
        killed.setattr(erasure, "write_whole", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            destroy(keys, ["2026-11"], NOW)
    assert b64encode(pair.secret) not in keys.read_bytes()
    assert pair_for(keys, "2026-12")  # the others are unchanged
    assert destroy(keys, ["2026-11"], NOW) == ["2026-11"]
    assert list(read_keys(keys)) == ["2026-12"]


def test_destroying_twice_changes_nothing(keys: Path) -> None:
    destroy(keys, ["2026-11"], NOW)
    before = keys.read_bytes()
    assert destroy(keys, ["2026-11"], NOW.replace(year=2027)) == []
    assert keys.read_bytes() == before


def test_no_month_is_destroyed_if_one_is_unknown(keys: Path) -> None:
    assert "Nothing was destroyed" in refused(destroy, keys, ["2026-11", "2031-01"], NOW)
    assert list(read_keys(keys)) == TWO


def test_the_card_has_no_destroyed_month_and_no_secret(keys: Path) -> None:
    secrets = [pair.secret for pair in read_keys(keys).values()]
    destroy(keys, ["2026-11"], NOW)
    card = keys.with_name("card.json")
    assert write_card(keys, card) == ["2026-12"]
    assert not any(b64encode(secret) in card.read_bytes() for secret in secrets)
    assert "none for 2026-11" in refused(public_for, read_card(card), "2026-11")


def test_a_card_is_never_written_over_a_key_file(keys: Path) -> None:
    before = keys.read_bytes()
    assert "no card" in refused(write_card, keys, keys)
    assert keys.read_bytes() == before


def test_the_file_is_its_owners_alone_and_the_card_everybodys(keys: Path) -> None:
    write_card(keys, keys.with_name("card.json"))
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.with_name("card.json").stat().st_mode & 0o777 == 0o644
    destroy(keys, ["2026-11"], NOW)
    assert keys.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in keys.parent.iterdir()) == ["card.json", "lincoln.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}x", b'{"2026-13": {}}', b'{"2026-11": {"public": "AA=="}}', b'{"2026-11": "x"}', b"\xff"])
def test_an_invalid_key_file_is_refused_with_a_message_and_left_unchanged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lincoln.json"
    path.write_bytes(content)
    for call, words in ((read_keys, ()), (add_months, (TWO,)), (destroy, (["2026-11"], NOW))):
        assert "other host" in refused(call, path, *words)
    assert path.read_bytes() == content


def test_a_damaged_key_says_of_which_month(keys: Path) -> None:
    entries = json.loads(keys.read_text())
    entries["2026-12"]["secret"] = "AAAA"
    keys.write_text(json.dumps(entries))
    assert "erasure key of 2026-12" in refused(read_keys, keys)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert os.strerror(errno.ENOENT) in refused(read_card, tmp_path / "erasure.json")


def test_two_processes_that_add_months_at_the_same_time_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "lincoln.json"
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=add_months, args=(path, months_from(first, 40))) for first in ("2026-11", "2036-01")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(read_keys(path)) == 80
