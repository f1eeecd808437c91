"""Three shares of a restore key. Any two make it, one reveals nothing, and each mistyped share gives one sentence."""

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.seal.opening.shares import joined, opens, pair_of
from homeroom.seal.opening.wrapped import open_with
from homeroom.seal.shares import ReadShare, ShareOdd, read_share, split
from homeroom.seal.wrapping import KeyOdd, Pair, make_pair, seal_for


@pytest.fixture(scope="module")
def pair() -> Pair:
    return make_pair()


@pytest.fixture(scope="module")
def shares(pair: Pair) -> tuple[ReadShare, ...]:
    return split(pair.secret)


def text(share: ReadShare) -> str:
    return " ".join(share.words)


def refused(*typed: str) -> str:
    with pytest.raises(ShareOdd) as told:
        joined([read_share(each) for each in typed])
    return str(told.value)


def test_any_two_of_three_shares_open_what_was_sealed_for_the_key(pair: Pair, shares: tuple[ReadShare, ...]) -> None:
    sealed = seal_for(pair.public, b"the key of a backup", b"here")
    for two in combinations(shares, 2):
        for order in (two, two[::-1]):
            assert open_with(pair_of(order, pair.public), sealed, b"here") == b"the key of a backup"
    assert joined(shares) == pair.secret


@settings(max_examples=25)
@given(secret=st.binary(min_size=32, max_size=32))
def test_every_secret_survives_its_shares(secret: bytes) -> None:
    first, second, third = split(secret)
    assert joined([first, second]) == joined([third, first]) == joined([second, third]) == secret
    assert {len(each.words) for each in (first, second, third)} == {33}
    assert [each.number for each in (first, second, third)] == [1, 2, 3]


def test_one_share_is_not_enough(shares: tuple[ReadShare, ...]) -> None:
    assert re.findall(r"\d", refused(text(shares[0]))) == ["2", "1"], "two are needed, and there is one"


def test_the_same_share_twice_is_one_share(shares: tuple[ReadShare, ...]) -> None:
    assert "share 2 twice" in refused(text(shares[1]), text(shares[1]))


def test_shares_of_two_sets_do_not_go_together(pair: Pair, shares: tuple[ReadShare, ...]) -> None:
    """Not even if both are of one key."""
    assert "different sets" in refused(text(shares[0]), text(split(pair.secret)[1]))


def test_a_word_that_is_not_in_the_list_is_named_by_its_number_and_not_repeated(shares: tuple[ReadShare, ...]) -> None:
    words = list(shares[0].words)
    words[6] = "hunter2"
    told = refused(" ".join(words), text(shares[1]))
    assert told.startswith("Word 7 ") and "hunter2" not in told


def test_another_word_from_the_list_is_noticed_in_any_position(shares: tuple[ReadShare, ...]) -> None:
    words = list(shares[0].words)
    for at, word in enumerate(words):
        other = "academic" if word != "academic" else "zero"
        assert "another than" in refused(" ".join([*words[:at], other, *words[at + 1 :]]))


def test_two_words_that_changed_places_are_noticed(shares: tuple[ReadShare, ...]) -> None:
    words = list(shares[0].words)
    at = next(at for at in range(10, 30) if words[at] != words[at + 1])
    words[at], words[at + 1] = words[at + 1], words[at]
    assert "changed places" in refused(" ".join(words))


def test_a_share_with_a_word_too_few_says_how_many_there_are(shares: tuple[ReadShare, ...]) -> None:
    assert re.findall(r"\d+", refused(" ".join(shares[0].words[:-1]))) == ["33", "32"]
    assert re.findall(r"\d+", refused("")) == ["33", "0"]


def test_a_share_of_something_else_is_not_taken() -> None:
    from shamir_mnemonic import generate_mnemonics

    assert "something else" in refused(generate_mnemonics(1, [(3, 5)], b"x" * 32)[0][0])


def test_a_share_can_be_typed_as_on_the_sheet_or_with_four_characters_per_word(shares: tuple[ReadShare, ...]) -> None:
    numbered = "\n".join(f"{number}. {word}" for number, word in enumerate(shares[0].words, 1))
    short = " ".join(word[:4].upper() for word in shares[0].words)
    assert read_share(numbered) == read_share(short) == shares[0]


def test_shares_of_another_key_are_distinguished_from_shares_of_this_one(pair: Pair) -> None:
    other = make_pair()
    assert not opens(other.secret, pair.public)
    with pytest.raises(KeyOdd, match="not the one of this public half"):
        pair_of(split(other.secret)[:2], pair.public)


def test_nothing_that_is_printed_of_a_share_tells_its_words(shares: tuple[ReadShare, ...]) -> None:
    assert not any(word in repr(shares[0]) for word in shares[0].words if len(word) > 5)
