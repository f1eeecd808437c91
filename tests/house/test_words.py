"""Every noun that a table, an act or a room is called by stands in docs/words.md, once."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from homeroom.portal.access.policy import acts

WORDS = (Path(__file__).parents[2] / "docs" / "words.md").read_text()
ROWS = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", WORDS, re.MULTILINE)[1:]
NOUNS = [noun.casefold() for noun, *_ in ROWS]
MODELS = sorted(apps.get_models(include_auto_created=True), key=lambda model: model.__name__)
# Joins two nouns that stand there, and is called by both.
JOINED = {"SectionTerm", "LineItemScoreScale", "ResultScoreScale", "EntryStudent"}


def spoken(name: str) -> str:
    """AttendanceMark → attendance mark."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).casefold()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_table_is_called_by_a_word_of_the_list(model: type) -> None:
    if model.__module__.startswith("homeroom.") and model.__name__ not in JOINED:
        assert spoken(model.__name__) in NOUNS, f"add {spoken(model.__name__)!r} to docs/words.md"


def test_words_stand_once_and_in_order() -> None:
    assert len(NOUNS) > 50
    assert [noun for noun in NOUNS if NOUNS.count(noun) > 1] == []
    assert sorted(NOUNS) == NOUNS


@pytest.mark.parametrize(
    "noun", ["act", "actor", "guard", "look", "ledger", "tie", "side", "hat", "proof", "portal", "gateway"]
)
def test_the_words_this_house_rests_on_are_explained(noun: str) -> None:
    assert any(noun in row[0].casefold() or noun in row[1].casefold() for row in ROWS)


def test_acts_are_words_too() -> None:
    assert [act for act in acts() if act != act.lower() or "_" in act] == []
