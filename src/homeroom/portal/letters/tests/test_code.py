"""Codes and cards: enough randomness, typed as people type, and a typing error differs from a wrong code."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.letters import card, code


def test_a_code_has_60_bits_of_randomness_and_no_characters_that_look_alike() -> None:
    assert code.RANDOM * log2(len(code.ALPHABET)) >= 60
    assert not set("0O1IL") & set(code.ALPHABET)
    assert len({code.new_code() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("written", ["{}", " {} ", "{}\n"])
def test_a_code_is_read_however_it_is_typed(written: str) -> None:
    made = code.new_code()
    spaced, dashed = code.grouped(made), code.grouped(made).replace(" ", "-")
    for text in (made, made.lower(), spaced, dashed, dashed.lower(), spaced.replace(" ", "\N{NO-BREAK SPACE}"), dashed.replace("-", "–")):
        assert code.typed(written.format(text)) == made


def test_each_wrong_character_and_each_two_changed_over_are_noticed() -> None:
    made = code.new_code()
    wrong = [made[:at] + other + made[at + 1 :] for at in range(code.LENGTH) for other in code.ALPHABET if other != made[at]]
    turned = [made[:at] + made[at + 1] + made[at] + made[at + 2 :] for at in range(code.LENGTH - 1)]
    assert [text for text in [*wrong, *turned] if text != made and code.typed(text) is not None] == []


@pytest.mark.parametrize("text", ["", " ", "A" * 10_000, "0" * 15, "7KQFM", "ſ" * 15, "7KQFM 3WT9R XDH2B 7"])
def test_an_invalid_code_is_read_as_none(text: str) -> None:
    assert code.typed(text) is None


def test_a_card_has_no_fewer_bits_than_cards_had_before() -> None:
    bits = {count: count * log2(len(set(card.words(count)))) + card.DIGITS * log2(10) for count in card.LISTS}
    assert bits[card.WORDS] >= bits[4] >= 61


def test_the_words_of_a_card_are_short_and_fit_for_a_child() -> None:
    words = card.words()
    assert list(words) == sorted(set(words))
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 7 for word in words)
    unfit = "sternness yiddish beer wine gun pistol naked dead corpse stupid ugly fat slope coon bed body touch kiss lick god devil trump old slow dirty"
    assert not set(unfit.split()) & set(words)


@pytest.mark.parametrize("written", ["{}", " {} ", "{}\n"])
@pytest.mark.parametrize("between", ["-", " ", ", ", " – ", "\n", "\N{NO-BREAK SPACE}"])
@given(data=st.data())
def test_a_card_is_read_however_it_is_typed_also_one_that_was_printed_before(written: str, between: str, data: st.DataObject) -> None:
    count = data.draw(st.sampled_from(sorted(card.LISTS)))
    parts = [*data.draw(st.lists(st.sampled_from(card.words(count)), min_size=count, max_size=count)), f"{data.draw(st.integers(0, 999)):03}"]
    for text in (between.join(parts), between.join(parts).upper(), between.join(parts).title()):
        assert card.typed(written.format(text)) == "-".join(parts)


@given(st.lists(st.sampled_from(sorted({*card.words(), *card.words(4), "zzzz"})), max_size=7), st.from_regex(r"[0-9]{0,5}", fullmatch=True))
def test_only_words_of_one_list_as_many_as_its_cards_have_and_three_digits_are_a_card(words: list[str], digits: str) -> None:
    is_card = len(words) in card.LISTS and set(words) <= set(card.words(len(words))) and len(digits) == card.DIGITS
    assert (card.typed(" ".join([*words, digits])) is not None) == is_card


def test_each_new_card_has_five_words_and_is_read() -> None:
    for _ in range(200):
        made = card.new_card()
        assert len(made.split("-")) == card.WORDS + 1 and card.typed(made) == made
    assert card.typed("") is None


def test_the_same_card_is_another_hash_in_another_portal_and_none_is_the_card() -> None:
    made = card.new_card()
    assert card.digest(made, "lincoln") == card.digest(made, "lincoln") != card.digest(made, "jefferson")
    assert made.encode() not in card.digest(made, "lincoln")
