"""Each kind of mistake in each file at least once. None is applied silently, and none costs a good row."""

from collections.abc import Iterator
from random import Random

import pytest

from homeroom.portal.intake.tests.judged import STEMS, Nights, judge, nights_of, spoilt
from homeroom.portal.intake.tests.mistakes import IN_ROWS
from homeroom.portal.intake.tests.mistakes_whole import HARMLESS, WHOLE, Fate
from homeroom.portal.intake.tests.ways import WHOLE_TABLES
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server


@pytest.fixture(scope="module")
def nights(postgres: Server, empty_template: str, carl: Gpg) -> Iterator[Nights]:
    with nights_of(postgres, empty_template, carl, WHOLE_TABLES) as made:
        yield made


@pytest.mark.parametrize("what", IN_ROWS)
def test_a_mistake_in_a_row_of_each_file(nights: Nights, what: str) -> None:
    sheets = [sheet for stem in STEMS if (sheet := spoilt(nights, stem, IN_ROWS[what], what, is_lost=False))]
    assert sheets
    judge(nights, nights.try_out(sheets), sheets, None)


@pytest.mark.parametrize("stem", STEMS)
def test_a_row_that_no_one_can_identify_is_not_applied_silently(nights: Nights, stem: str) -> None:
    for what in ("a quotation mark not closed", "a blank where none may be"):
        sheet = spoilt(nights, stem, IN_ROWS[what], what, is_lost=True)
        assert sheet
        judge(nights, nights.try_out([sheet]), [sheet], None)


@pytest.mark.parametrize("what", HARMLESS)
def test_a_harmless_difference_is_not_a_mistake(nights: Nights, what: str) -> None:
    sheets = [nights.sheet(stem) for stem in STEMS]
    for sheet in sheets:
        HARMLESS[what](sheet, Random(what))
    judge(nights, nights.try_out(sheets), sheets, Fate.SAME)


@pytest.mark.parametrize("what", WHOLE)
@pytest.mark.parametrize("stem", STEMS)
def test_a_mistake_in_a_whole_file(nights: Nights, stem: str, what: str) -> None:
    sheet = nights.sheet(stem)
    fate = WHOLE[what](sheet, Random(f"{stem} {what}"))
    if fate:
        judge(nights, nights.try_out([sheet]), [sheet], fate)
