"""A filter of breached passwords is made from any list, the same each time, and a portal refuses what is in it."""

import os
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.answers import NotDone
from homeroom.ops.portal.breached_lists import build, digests_of
from homeroom.portal.door.breached import Filter, FilterOdd, is_breached
from homeroom.portal.door.passwords import common_passwords


def made(folder: Path, *lists: bytes) -> Filter:
    for number, text in enumerate(lists):
        (folder / f"{number}.txt").write_bytes(text)
    build([folder / f"{number}.txt" for number in range(len(lists))], folder / "breached.filter", lambda *_: None)
    return Filter.read(folder / "breached.filter")


def test_every_entry_of_a_list_is_found_in_any_case(tmp_path: Path) -> None:
    found = made(tmp_path, "".join(f"Breached {number}\r\n" for number in range(3_000)).encode())
    assert found.entries == 6_000
    assert all(found.has_any([word]) for number in range(3_000) for word in (f"Breached {number}", f"breached {number}"))


def test_none_of_two_hundred_thousand_other_passwords_is_found(tmp_path: Path) -> None:
    found = made(tmp_path, "".join(f"breached {number}\n" for number in range(20_000)).encode())
    assert not found.has_any(f"another {number}" for number in range(200_000))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=8, max_size=40), min_size=1, max_size=30))
def test_any_characters_may_be_in_a_password(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    found = made(tmp_path_factory.mktemp("lists"), "".join(f"{word}\n" for word in ["not a hash of any kind", *words]).encode())
    assert all(found.has_any([word]) for word in words)


def test_a_list_of_hashes_is_read_as_it_is_published(tmp_path: Path) -> None:
    hashes = "".join(f"{sha1(word.encode()).hexdigest().upper()}:{number}\n" for number, word in enumerate(["violet otter", "Grüne Löffel"]))  # noqa: S324  as the list is published
    found = made(tmp_path, hashes.encode())
    assert found.has_any(["violet otter"]) and found.has_any(["Grüne Löffel"]) and not found.has_any(["VIOLET OTTER"])


def test_the_same_lists_make_the_same_file_and_several_lists_make_one(tmp_path: Path) -> None:
    one = made(tmp_path, b"violet otter\n", b"green spoon\nsmall\n").path.read_bytes()
    again = made(tmp_path, b"violet otter\n", b"green spoon\nsmall\n")
    assert again.path.read_bytes() == one and again.entries == 2 and again.has_any(["violet otter"]) and again.has_any(["green spoon"])


@pytest.mark.parametrize(("text", "said"), [
    (b"", "is empty"), (b"short\nwords\n", "No line has 8 characters"),
    (("a" * 40 + "\n").encode() * 100 + b"violet otter\n", "Line 101 of .* is no SHA-1"),
])  # fmt: skip
def test_an_invalid_list_is_reported_and_leaves_the_filter_unchanged(tmp_path: Path, text: bytes, said: str) -> None:
    before = made(tmp_path, b"violet otter\n").path.read_bytes()
    with pytest.raises(NotDone, match=said):
        made(tmp_path, text)
    assert (tmp_path / "breached.filter").read_bytes() == before


def test_a_disk_without_room_leaves_the_filter_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made(tmp_path, b"violet otter\n").path.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        made(tmp_path, b"green spoon\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.txt", "breached.filter"] and (tmp_path / "breached.filter").read_bytes() == before


@pytest.mark.parametrize("change", [lambda whole: whole[:-1], lambda whole: whole + b"x", lambda whole: b"x" + whole, lambda _: b""])
def test_a_filter_with_a_part_missing_is_not_used(tmp_path: Path, change: object) -> None:
    found = made(tmp_path, b"violet otter\n")
    found.path.write_bytes(change(found.path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(FilterOdd):
        is_breached({"violet otter"}, tmp_path)


def test_a_portal_refuses_its_own_list_and_homerooms(tmp_path: Path) -> None:
    assert not is_breached({"violet otter"}, tmp_path)
    made(tmp_path, b"violet otter\n")
    assert is_breached({"violet otter"}, tmp_path) and is_breached({"qazwsxedcrfvtgb"}, tmp_path) and not is_breached({"green spoon"}, tmp_path)


def test_homerooms_list_has_the_common_ones_and_passwords_of_fifteen_characters(tmp_path: Path) -> None:
    long = ("1qaz2wsx3edc4rfv", "qazwsxedcrfvtgb", "12345678900987654321")
    common = {word for word in common_passwords() if len(word) >= 8}
    assert sum(is_breached({word}, tmp_path) for word in common) > 0.9 * len(common)
    assert [word for word in long if not is_breached({word}, tmp_path)] == []


def test_lines_too_short_for_any_account_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"seven77\neight888\n")
    assert len([*digests_of(tmp_path / "list")]) == 1
