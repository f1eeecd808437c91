"""docs/words.md explains each noun that names a table, an act or a room."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from homeroom.portal.access.policy import acts

GLOSSARY, CODE = (Path(__file__).parents[2] / "docs" / "words.md").read_text().split("\n## ")[1:]
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
ROWS = [row for part in (GLOSSARY, CODE) for row in ROW.findall(part)[1:]]
NOUNS = [noun.casefold() for noun, *_ in ROWS]
MODELS = sorted(apps.get_models(include_auto_created=True), key=lambda model: model.__name__)
# These join two nouns of the list, and are named after both.
JOINED = {"SectionTerm", "LineItemScoreScale", "ResultScoreScale", "EntryStudent"}


def spoken(name: str) -> str:
    """Returns the words of a name: attendance mark for AttendanceMark."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).casefold()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_table_is_called_by_a_word_of_the_list(model: type) -> None:
    if model.__module__.startswith("homeroom.") and model.__name__ not in JOINED:
        assert spoken(model.__name__) in NOUNS, f"add {spoken(model.__name__)!r} to docs/words.md"


@pytest.mark.parametrize("part", [GLOSSARY, CODE])
def test_each_list_has_a_word_once_and_in_order(part: str) -> None:
    nouns = [noun.casefold() for noun, *_ in ROW.findall(part)[1:]]
    assert len(nouns) > 50
    assert [noun for noun in nouns if nouns.count(noun) > 1] == []
    assert sorted(nouns) == nouns


def test_a_meaning_is_short_sentences() -> None:
    """A sentence has at most 25 words, as in all docs."""
    sentences = [sentence for _, meaning, _ in ROWS for sentence in re.split(r"(?<=[.:]) ", meaning)]
    assert [sentence for sentence in sentences if len(sentence.split()) > 25] == []
    assert [meaning for _, meaning, _ in ROWS if not meaning.endswith(".")] == []


@pytest.mark.parametrize(
    "noun", ["act", "actor", "guard", "look", "ledger", "tie", "side", "hat", "proof", "portal", "gateway"]
)
def test_the_words_this_house_rests_on_are_explained(noun: str) -> None:
    assert any(noun in row[0].casefold() or noun in row[1].casefold() for row in ROWS)


def test_acts_are_words_too() -> None:
    assert [act for act in acts() if act != act.lower() or "_" in act] == []
