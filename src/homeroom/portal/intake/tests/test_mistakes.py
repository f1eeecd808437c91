"""Each kind of mistake in each file at least once: none is applied in silence, and none costs a good row."""

from collections.abc import Iterator
from random import Random

import pytest

from homeroom.portal.intake.tests.judged import STEMS, Nights, judge, nights_of
from homeroom.portal.intake.tests.lincoln import lincoln
from homeroom.portal.intake.tests.mistakes import IN_ROWS
from homeroom.portal.intake.tests.mistakes_whole import HARMLESS, WHOLE, Fate
from homeroom.portal.intake.tests.sheet import Sheet
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server


@pytest.fixture(scope="module")
def nights(postgres: Server, empty_template: str, carl: Gpg) -> Iterator[Nights]:
    with lincoln(postgres, empty_template, "lincoln_of_mistakes", carl) as portal:
        made = nights_of(portal)
        yield made
        made.connection.close()


def spoilt(nights: Nights, stem: str, what: str, *, is_lost: bool) -> Sheet | None:
    """A file with this mistake in one row. is_lost: and nobody can tell which row it was."""
    for number in range(60):
        sheet = nights.sheet(stem)
        if not IN_ROWS[what](sheet, Random(f"{stem} {what} {number}")):
            return None
        if any(each.is_lost for each in sheet.spoilt.values()) is is_lost:
            return sheet
    return None


@pytest.mark.parametrize("what", IN_ROWS)
def test_a_mistake_in_a_row_of_each_file(nights: Nights, what: str) -> None:
    sheets = [sheet for stem in STEMS if (sheet := spoilt(nights, stem, what, is_lost=False))]
    assert sheets
    judge(nights, nights.try_out(sheets), sheets, None)


@pytest.mark.parametrize("stem", STEMS)
def test_a_row_that_nobody_can_name(nights: Nights, stem: str) -> None:
    for what in ("a quotation mark not closed", "a blank where none may be"):
        sheet = spoilt(nights, stem, what, is_lost=True)
        assert sheet
        judge(nights, nights.try_out([sheet]), [sheet], None)


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_no_mistake_at_all(nights: Nights, what: str) -> None:
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
