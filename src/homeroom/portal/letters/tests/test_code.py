"""Codes and cards: enough randomness, typed as people type, and a typing error differs from a wrong code."""

from math import log2

import pytest

from homeroom.portal.letters import card, code


def test_a_code_has_sixty_bits_of_chance_and_no_letters_that_look_alike() -> None:
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
def test_what_is_no_code_is_none(text: str) -> None:
    assert code.typed(text) is None


def test_a_card_has_sixty_bits_of_chance_and_words_that_a_child_can_type() -> None:
    words = card.words()
    assert card.WORDS * log2(len(set(words))) + card.DIGITS * log2(10) >= 60
    assert len(set(words)) == len(words)
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 9 for word in words)
    assert not {"beer", "wine", "gun", "pistol", "naked", "dead", "corpse", "stupid", "ugly"} & set(words)


def test_a_card_is_read_however_it_is_typed() -> None:
    made = card.new_card()
    for text in (made, made.upper(), made.replace("-", " "), made.replace("-", ", "), f"  {made.replace('-', ' – ')} ", made.replace("-", "\n")):
        assert card.typed(text) == made
    assert card.typed(made.replace("-", " ", 1).replace(made.split("-")[0], "zzzz")) is None
    assert card.typed(made[:-1]) is None
    assert card.typed("") is None


def test_the_same_card_is_another_hash_in_another_portal_and_none_is_the_card() -> None:
    made = card.new_card()
    assert card.digest(made, "lincoln") == card.digest(made, "lincoln") != card.digest(made, "jefferson")
    assert made.encode() not in card.digest(made, "lincoln")
