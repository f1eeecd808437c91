"""Mistakes in OneRoster 1.1 and in files of changes, two mistakes together, files under each other's names, and the neighboring district's whole export."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Kind
from homeroom.portal.intake.tests.crowded import CANARY
from homeroom.portal.intake.tests.judged import Nights, judge, nights_of, spoilt
from homeroom.portal.intake.tests.mistakes import IN_ROWS, in_cell, of_kind
from homeroom.portal.intake.tests.mistakes_whole import HARMLESS, WHOLE, Fate, of_harbor
from homeroom.portal.intake.tests.sheet import Sheet
from homeroom.portal.intake.tests.ways import CHANGES, OLDER, WHOLE_TABLES
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server

WAYS = {"changes": CHANGES, "older": OLDER, "whole": WHOLE_TABLES}
MISTAKES = {**IN_ROWS, "no time": in_cell(of_kind(Kind.DATETIME), ["yesterday", CANARY], Reason.DATETIME_FORM)}
# A file of changes covers only the rows that it names. Fewer rows don't mean that others are gone, and terms or categories that no other row points
# to may be new. A test below has Harbor's whole export of changes.
NO_MISTAKE_OF_CHANGES = ("emptied", "half a file", "Harbor's")

all_ways = pytest.mark.parametrize("nights", WAYS, indirect=True)
other_ways = pytest.mark.parametrize("nights", ["changes", "older"], indirect=True)  # test_mistakes.py tries whole tables
drawn = settings(deadline=None, derandomize=True, database=None, max_examples=6, phases=[Phase.generate])


@pytest.fixture(scope="module")
def nights(request: pytest.FixtureRequest, postgres: Server, empty_template: str, carl: Gpg) -> Iterator[Nights]:
    with nights_of(postgres, empty_template, carl, WAYS[request.param]) as made:
        yield made


@other_ways
@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_a_row_of_each_file(nights: Nights, what: str) -> None:
    sheets = [sheet for stem in nights.way.stems if (sheet := spoilt(nights, stem, MISTAKES[what], what, is_lost=False))]
    assert sheets or (what, nights.way) in [("no time", OLDER), ("no scale", OLDER)]
    judge(nights, nights.try_out(sheets), sheets, None)


@other_ways
def test_a_harmless_difference_is_not_a_mistake(nights: Nights) -> None:
    for what, harmless in HARMLESS.items():
        sheets = [nights.sheet(stem) for stem in nights.way.stems]
        for sheet in sheets:
            harmless(sheet, Random(what))
        judge(nights, nights.try_out(sheets), sheets, Fate.SAME)


@other_ways
@pytest.mark.parametrize("what", WHOLE)
def test_a_mistake_in_a_whole_file(nights: Nights, what: str) -> None:
    """Tries one of the files, which the mistake's name selects."""
    stem = Random(what).choice(nights.way.stems)
    sheet = nights.sheet(stem)
    fate = WHOLE[what](sheet, Random(f"{stem} {what}"))
    if fate and not (sheet.table.is_delta and what in NO_MISTAKE_OF_CHANGES):
        judge(nights, nights.try_out([sheet]), [sheet], fate)


@all_ways
@drawn
@given(drawn_from=st.data())
def test_an_export_with_two_mistakes_is_judged_correctly(nights: Nights, drawn_from: st.DataObject) -> None:
    stems, seeds = st.sampled_from(nights.way.stems), st.integers(0, 999)
    sheets: dict[str, Sheet] = {}
    for _ in range(2):
        stem, what = drawn_from.draw(stems), drawn_from.draw(st.sampled_from([*MISTAKES]))
        MISTAKES[what](sheets.setdefault(stem, nights.sheet(stem)), Random(drawn_from.draw(seeds)))
    judge(nights, nights.try_out([*sheets.values()]), [*sheets.values()], None)


@all_ways
@drawn
@given(drawn_from=st.data())
def test_a_mistake_in_a_row_next_to_one_in_a_whole_file_gets_the_right_verdict(nights: Nights, drawn_from: st.DataObject) -> None:
    one, other = (nights.sheet(stem) for stem in drawn_from.draw(st.permutations(nights.way.stems))[:2])
    whole = drawn_from.draw(st.sampled_from([what for what in WHOLE if not (other.table.is_delta and what in NO_MISTAKE_OF_CHANGES)]))
    chance = Random(drawn_from.draw(st.integers(0, 999)))
    MISTAKES[drawn_from.draw(st.sampled_from([*MISTAKES]))](one, chance)
    fate = WHOLE[whole](other, chance)
    judge(nights, nights.try_out([one, other]), [one, other], fate)


@all_ways
@drawn
@given(drawn_from=st.data())
def test_two_files_under_each_others_names(nights: Nights, drawn_from: st.DataObject) -> None:
    one, other = (nights.sheet(stem) for stem in drawn_from.draw(st.permutations(nights.way.stems))[:2])
    texts = one.text(), other.text()
    one.convert, other.convert = lambda _own: texts[1], lambda _own: texts[0]
    judge(nights, nights.try_out([one, other]), [one, other], Fate.KEPT)


@all_ways
def test_the_whole_export_of_harbor(nights: Nights) -> None:
    sheets = [nights.sheet(stem) for stem in nights.way.stems]
    for sheet in sheets:
        of_harbor(sheet, Random(0))
    judge(nights, nights.try_out(sheets), sheets, Fate.KEPT)
